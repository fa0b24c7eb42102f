"""Changes in the database and the store that our programs notice by themselves, and connections that go away."""

from contextlib import closing
from pathlib import Path

import pytest

from case.shared.conftest import Newsroom
from witnessmark.case.shared import journal
from witnessmark.errors import CaseError, NotAllowed
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import UntrustedText


def administer(newsroom: Newsroom, *statements: str) -> None:
    with closing(newsroom.server.database("root_of_all", newsroom.journal.rpartition("/")[2])) as database:
        for statement in statements:
            database.run(statement)


CHANGE = (
    "ALTER TABLE witnessmark.entry DISABLE TRIGGER ALL",
    "UPDATE witnessmark.entry SET line = convert_to(replace(convert_from(line, 'UTF8'), 'first', 'other'), 'UTF8')",
    "ALTER TABLE witnessmark.entry ENABLE TRIGGER ALL",
)


def three_notes(newsroom: Newsroom) -> Path:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        for words in ("first", "second", "third"):
            case.append(EventKind.NOTE, text=UntrustedText(words))
    return anna


def test_an_old_entry_that_was_changed_is_named_by_the_next_command(newsroom: Newsroom) -> None:
    anna = three_notes(newsroom)
    administer(newsroom, *CHANGE)
    with pytest.raises(CaseError, match="entry 1 in the database is not the one that this machine has seen"):
        newsroom.open("anna", anna)


def test_an_old_entry_that_is_changed_while_the_case_is_open_is_named(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = three_notes(newsroom)
    monkeypatch.setattr(journal, "RECHECK", 0.0)
    monkeypatch.setattr(journal, "FRESH", 0.0)
    with newsroom.open("anna", anna) as case:
        assert len(case.events()) == 4
        administer(newsroom, *CHANGE)
        with pytest.raises(CaseError, match="entry 1 in the database"):
            case.events()


def test_a_database_put_back_to_an_earlier_state_is_noticed(newsroom: Newsroom) -> None:
    anna = three_notes(newsroom)
    administer(newsroom, CHANGE[0], "DELETE FROM witnessmark.entry WHERE seq = 3", CHANGE[2])
    with pytest.raises(CaseError, match="entry 3 in the database is not the one"):
        newsroom.open("anna", anna)


def test_a_connection_that_died_overnight_is_made_again_unnoticed(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        administer(newsroom, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'anna'")
        case.append(EventKind.NOTE, text=UntrustedText("good morning"))
        newsroom.server.stop()
        newsroom.server.start()
        case.append(EventKind.NOTE, text=UntrustedText("and again"))
        assert [event.text for event in case.events()[1:]] == ["good morning", "and again"]


def test_a_server_that_could_lose_what_it_acknowledged_is_not_used(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    administer(newsroom, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.5)")
    try:
        with pytest.raises(CaseError, match="fsync"):
            newsroom.open("anna", anna)
    finally:
        administer(newsroom, "ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.5)")
    newsroom.open("anna", anna).close()


def test_a_damaged_object_of_the_same_length_is_not_taken_for_the_evidence(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        digest = case.put(b"the evidence")
        (newsroom.folder / "fake").write_bytes(b"THE EVIDENCE")
        newsroom.objects(case.head.id).put(newsroom.folder / "fake", f"blobs/{digest[:2]}/{digest}")
        with pytest.raises(CaseError, match="other bytes of the same length"):
            case.put(b"the evidence")
        assert case.blob(digest).read() == b"the evidence"


def test_copies_stay_within_the_bound_while_the_case_is_open(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        kept = [case.put(bytes([number]) * 10_000) for number in range(9)]
    boris = newsroom.joined("boris", case.head.id, cache=25_000)
    with newsroom.open("boris", boris) as opened:
        first = opened.store.local(kept[0])
        mapped = opened.blob(kept[1])
        for digest in kept[2:]:
            assert opened.blob(digest).size == 10_000
            assert sum(path.stat().st_size for path in (boris / "blobs").glob("??/*")) <= 25_000 + 10_000
        assert first.read_bytes() == bytes(10_000)  # its path was handed out: it stays
        assert not opened.store.path(kept[1]).exists()
        assert mapped.read() == bytes([1]) * 10_000
        assert opened.blob(kept[1]).read() == bytes([1]) * 10_000


def test_whoever_may_add_nothing_stores_nothing(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        before = sorted(newsroom.objects(case.head.id).names("blobs"))
    with newsroom.open("clara", newsroom.joined("clara", case.head.id)) as opened:
        with pytest.raises(NotAllowed, match="may add nothing"):
            opened.put(b"unwanted")
        with pytest.raises(NotAllowed), opened.workspace("capture"):
            pass
        with pytest.raises(NotAllowed):
            opened.record(EventKind.NOTE, Actor(name="C."))
    with newsroom.open("boris", newsroom.joined("boris", case.head.id)) as opened, pytest.raises(NotAllowed):
        opened.add(Path(__file__))
    assert sorted(newsroom.objects(case.head.id).names("blobs")) == before


def test_a_command_that_works_by_itself_acts_for_whom_it_is_logged_in_as(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna, actor=Actor(name="witnessmark watch", role="automatic")) as case:
        event = case.append(EventKind.SIGHTED, reason="looked")
        assert (event.actor.name, event.actor.role) == ("A.", "witnessmark watch, automatic")
    boris = newsroom.joined("boris", case.head.id)
    with newsroom.open("boris", boris, actor=Actor(name="witnessmark watch")) as case, pytest.raises(NotAllowed):
        case.append(EventKind.SIGHTED, reason="looked")
