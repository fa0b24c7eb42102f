"""The measurement itself: counting, intervals, places, held-out vendors."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.cli.eval import command
from witnessmark.errors import UsageError
from witnessmark.knowledge import Knowledge, load_knowledge
from witnessmark.pipeline.evaluate import Evaluation, evaluate, rate, read_manifest, without

ENUM = """
typedef enum { QX_UNKNOWN, QX_UYGUR, QX_OTHER, QX_UNIDENTIFIED } QX_NATION_TYPE; // 民族
"""
CARD = "struct idcard { char name[32]; char id_number[20]; char nation[8]; /* 民族 */ char address[64]; };\n"
ROWS = [
    {"file": "a.h", "label": "positive", "vendor": "Q", "family": "a", "capability": "c", "evidence": [{"line": 2}]},
    {"file": "b.h", "label": "adjacent", "vendor": "Q", "family": "b", "capability": "d", "evidence": []},
    {"file": "c.txt", "label": "negative", "vendor": None, "family": "c", "evidence": []},
    {"file": "d.h", "label": "positive", "vendor": "R", "family": "d", "evidence": [{"line": 9}]},
]
FILES = {"a.h": ENUM, "b.h": CARD, "c.txt": "a race condition\n", "d.h": "int nothing;\n"}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def corpus(tmp_path: Path) -> tuple[Path, Path]:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_bytes(b"\n".join(msgspec.json.encode(row) for row in ROWS) + b"\n")
    return manifest, folder


def test_hits_misses_kinds_and_places_are_counted(corpus: tuple[Path, Path], knowledge: Knowledge) -> None:
    result = evaluate(*corpus, knowledge)
    assert (result.overall.precision.right, result.overall.precision.of) == (1, 1)
    assert (result.overall.recall.right, result.overall.recall.of) == (1, 2)
    assert (result.place.right, result.place.of) == (1, 1)
    assert (result.kind.right, result.kind.of) == (3, 4)
    assert [each.file for each in result.missed] == ["d.h"]
    assert result.false_alarms == ()
    assert result.adjacent_as_finding == 0
    assert {each.name: each.recall.of for each in result.by_vendor} == {"Q": 1, "R": 1, "none": 0}


def test_one_vendor_can_be_held_out(corpus: tuple[Path, Path], knowledge: Knowledge) -> None:
    assert [each.file for each in evaluate(*corpus, knowledge, leave_out="Q").files] == ["a.h", "b.h"]
    assert len(evaluate(*corpus, knowledge, leave_out="each").files) == 4
    with pytest.raises(UsageError, match="no file"):
        evaluate(*corpus, knowledge, leave_out="nobody")


def test_holding_a_vendor_out_drops_its_rules_and_names_and_nothing_else(knowledge: Knowledge) -> None:
    held = without(knowledge, "Dahua")
    assert {rule.vendor for rule in knowledge.signals} - {rule.vendor for rule in held.signals} == {"Dahua"}
    assert {term.vendor for term in knowledge.terms} - {term.vendor for term in held.terms} == {"Dahua"}
    assert held.digest != knowledge.digest
    assert held.cues == knowledge.cues


def test_a_missing_file_and_a_bad_row_are_named(corpus: tuple[Path, Path], knowledge: Knowledge) -> None:
    manifest, folder = corpus
    (folder / "d.h").unlink()
    with pytest.raises(UsageError, match=r"d\.h"):
        evaluate(manifest, folder, knowledge)
    manifest.write_text('{"file": "a.h"}\n', "utf-8")
    with pytest.raises(UsageError, match="line 1"):
        read_manifest(manifest)


def test_the_command_prints_shares_with_intervals_and_every_mistake(corpus: tuple[Path, Path]) -> None:
    manifest, folder = corpus
    printed = CliRunner().invoke(command, [str(manifest), str(folder)])
    assert printed.exit_code == 0
    assert "recall 0.500 [" in printed.output and "Missed: 1" in printed.output and "d.h" in printed.output
    as_json = CliRunner().invoke(command, [str(manifest), str(folder), "--json"])
    assert msgspec.json.decode(as_json.output, type=Evaluation).overall.recall.share == 0.5


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share_and_stays_within_bounds(first: int, second: int) -> None:
    right, of = min(first, second), max(first, second)
    found = rate(right, of)
    assert 0.0 <= found.low <= found.share + 1e-4
    assert found.share - 1e-4 <= found.high <= 1.0


def test_the_interval_is_wilsons() -> None:
    assert (rate(35, 35).low, rate(35, 35).high) == (0.9011, 1.0)
    assert (rate(8, 10).low, rate(8, 10).high) == (0.4902, 0.9433)
