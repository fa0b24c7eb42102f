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


@pytest.mark.parametrize(("language", "charset"), [("zh", "gb2312"), ("zh", "utf-16"), ("ru", "windows-1251")])
def test_a_page_in_an_older_encoding_is_read(tmp_path: Path, language: str, charset: str) -> None:
    title, rows, expected = NOTICES[language]
    page = MAKERS["html"](title, rows).decode().replace("utf-8", charset).replace("￥", "¥")
    (tmp_path / "notice.html").write_bytes(page.encode("gb18030" if charset == "gb2312" else charset))
    answer = CliRunner().invoke(command, ["import", str(tmp_path / "notice.html"), "--json"], catch_exceptions=False)
    values = {claim["role"]: claim["value"] for claim in json.loads(answer.stdout)[0]["claims"]}
    assert values == {role: value.replace("￥", "¥") for role, value in expected.items()}


def test_prose_that_begins_like_a_label_is_no_candidate(tmp_path: Path) -> None:
    paper = tmp_path / "notice.txt"
    paper.write_text(
        "Client software is not included.\nContract value will be stated later as 5 percent.\nDate palms\n"
    )
    answer = CliRunner().invoke(command, ["import", str(paper), "--json"], catch_exceptions=False)
    assert json.loads(answer.stdout)[0]["claims"] == []
