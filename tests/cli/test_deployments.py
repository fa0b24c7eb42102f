"""Tender papers as people have them: web pages, documents and PDFs in three languages."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.screen.tender_papers import MAKERS, NOTICES
from witnessmark.cli.deployments import command


@pytest.mark.parametrize("kind", sorted(MAKERS))
@pytest.mark.parametrize("language", sorted(NOTICES))
def test_a_notice_gives_buyer_supplier_item_date_and_amount(tmp_path: Path, language: str, kind: str) -> None:
    title, rows, expected = NOTICES[language]
    paper = tmp_path / f"notice.{kind}"
    paper.write_bytes(MAKERS[kind](title, rows))
    answer = CliRunner().invoke(command, ["import", str(paper), "--json"], catch_exceptions=False)
    assert answer.exit_code == 0, answer.stderr
    (reading,) = json.loads(answer.stdout)
    found: dict[str, list[str]] = {}
    for claim in reading["claims"]:
        found.setdefault(claim["role"], []).append(claim["value"])
        assert claim["value"] in claim["sentence"]
        assert claim["language"] == language
    assert found == {role: [value] for role, value in expected.items()}
