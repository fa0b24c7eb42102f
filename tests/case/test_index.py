from contextlib import closing
from pathlib import Path

import pytest

from seal.small import small_case
from witnessmark.case import Case, open_case
from witnessmark.case.index import Index
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import UntrustedText


def answers(case: Case) -> tuple[list[int], list[int], list[int]]:
    with closing(Index(case)) as index:
        digest = case.events()[1].outputs[0].digest
        return (
            [event.seq for event in index.events(words="SEEN us")],
            [event.seq for event in index.events(kind=EventKind.ADDED)],
            [event.seq for event in index.naming(digest)],
        )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    small_case(tmp_path / "case")
    return tmp_path / "case"


def test_it_finds_by_words_kind_and_digest_and_follows_new_entries(path: Path) -> None:
    with open_case(path) as case:
        assert answers(case) == ([2], [1], [1])
        case.append(EventKind.NOTE, text=UntrustedText("seen by us 100%_"), inputs=case.events()[1].outputs)
        assert answers(case) == ([3, 2], [1], [1, 3])
        with closing(Index(case)) as index:
            assert [event.seq for event in index.events(words="%_")] == [3]


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 1000, None])
def test_a_damaged_or_lost_index_is_built_again(path: Path, damage: bytes | None) -> None:
    with open_case(path) as case:
        before = answers(case)
        if damage is None:
            (path / "index.sqlite").unlink()
        else:
            (path / "index.sqlite").write_bytes(damage)
        assert answers(case) == before


def test_an_index_of_another_journal_is_not_believed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    small_case(tmp_path / "other/case")
    with open_case(tmp_path / "other/case") as other:
        other.append(EventKind.NOTE, text=UntrustedText("seen us elsewhere"))
        answers(other)
    (tmp_path / "other/case/index.sqlite").rename(path / "index.sqlite")
    with open_case(path) as case:
        assert answers(case) == ([2], [1], [1])


def test_reading_only_leaves_no_file(path: Path) -> None:
    with open_case(path, read_only=True) as case:
        assert answers(case) == ([2], [1], [1])
    assert not (path / "index.sqlite").exists()
