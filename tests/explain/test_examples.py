"""Small files of made-up vendors, judged as a careful reader would judge them."""

import tomllib
from pathlib import Path

import pytest

from witnessmark.knowledge import load_knowledge
from witnessmark.model.fact import Kind
from witnessmark.model.finding import Finding
from witnessmark.pipeline.linting import Bench

FOLDER = Path(__file__).parent / "examples"
CASES = [
    pytest.param(entry, id=f"{path.stem}/{entry['name']}")
    for path in sorted(FOLDER.glob("*.toml"))
    for entry in tomllib.loads(path.read_text("utf-8"))["file"]
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(load_knowledge(), tmp_path_factory.mktemp("patterns"))


def said(findings: tuple[Finding, ...]) -> str:
    kinds = {finding.kind for finding in findings}
    return "finding" if Kind.FINDING in kinds else "adjacent" if kinds else "nothing"


def test_there_are_enough_examples_of_each_kind() -> None:
    labels = [case.values[0]["label"] for case in CASES]
    assert len(labels) >= 120
    assert {label: labels.count(label) >= 20 for label in set(labels)} == {
        "finding": True,
        "adjacent": True,
        "nothing": True,
    }


@pytest.mark.parametrize("entry", CASES)
def test_a_made_up_file_is_judged_as_a_reader_would(entry: dict[str, str], bench: Bench) -> None:
    data = entry["content"].encode(entry.get("encoding", "utf-8"))
    findings = bench.findings(entry["name"], data)
    assert said(findings) == entry["label"], [(each.rule, each.locator.line, each.rationale) for each in findings]
