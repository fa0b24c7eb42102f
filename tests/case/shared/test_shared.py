import uuid
from contextlib import closing
from pathlib import Path

import pytest

from case.shared.conftest import Newsroom
from seal.small import Counter, FixedClock
from witnessmark.case import create_case, open_case
from witnessmark.case.check import check_case
from witnessmark.case.shared.ledger import add_person, prepare
from witnessmark.case.shared.sharing import share
from witnessmark.errors import CaseBusy, CaseError, NetworkFailed, UsageError
from witnessmark.model.case import Review, Verdict
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.model.newsroom import Person, Role
from witnessmark.net.postgres import DatabaseRefused


def case_id(path: Path) -> str:
    with open_case(path, read_only=True) as case:
        return case.head.id


def test_what_one_person_adds_another_reads_with_the_same_bytes(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        kept = case.put(b"evidence \x00\xff")
        case.append(EventKind.NOTE, text=UntrustedText('seen ‮\x00 \\ " 维'), outputs=(case.item(kept, name="e"),))
    boris = newsroom.joined("boris", case_id(anna))
    with newsroom.open("boris", boris) as case:
        assert [event.actor.name for event in case.events()] == ["A.", "A."]
        assert case.blob(kept).read() == b"evidence \x00\xff"
        case.record(EventKind.REVIEWED, Review(finding="f", verdict=Verdict.AGREE, reason="read it"))
    with newsroom.open("anna", anna) as case:
        assert [event.actor.name for event in case.events()] == ["A.", "A.", "B. Б"]
        assert [record.reason for _, record in case.payloads(Review)] == ["read it"]
    assert (anna / "journal.jsonl").read_bytes() == (boris / "journal.jsonl").read_bytes()
    assert check_case(anna) == ()


def test_sharing_changes_no_byte_of_the_journal(newsroom: Newsroom) -> None:
    for name in ("own", "shared"):
        newsroom.as_login("anna")
        clock, counter = FixedClock(), Counter()
        with create_case(
            newsroom.folder / name, title="T", actor=Actor(name="A."), clock=clock, randomness=counter
        ) as case:
            if name == "shared":
                share(case, newsroom.journal, newsroom.blobs)
        counter = Counter()
        with open_case(
            newsroom.folder / name, actor=Actor(name="A.", role="collector"), clock=clock, randomness=counter
        ) as case:
            case.add(Path(__file__))
    assert (newsroom.folder / "own/journal.jsonl").read_bytes() == (
        newsroom.folder / "shared/journal.jsonl"
    ).read_bytes()


def test_roles_hold_in_our_code(newsroom: Newsroom) -> None:
    case = case_id(newsroom.shared())
    with newsroom.open("clara", newsroom.joined("clara", case)) as opened, pytest.raises(UsageError, match="may not"):
        opened.append(EventKind.NOTE, text=UntrustedText("x"))
    boris = newsroom.joined("boris", case)
    with newsroom.open("boris", boris) as opened, pytest.raises(UsageError, match="may not"):
        opened.add(Path(__file__))
    with newsroom.open("anna", newsroom.joined("anna", case)) as opened, pytest.raises(UsageError, match="may not"):
        opened.record(EventKind.REVIEWED, Review(finding="f", verdict=Verdict.AGREE, reason="r"))
    with pytest.raises(UsageError, match="not A"):
        newsroom.open("boris", boris, actor=Actor(name="A."))
    with newsroom.open("boris", boris) as opened, pytest.raises(UsageError, match="not A"):
        opened.append(EventKind.NOTE, text=UntrustedText("x"), actor=Actor(name="A."))


@pytest.mark.parametrize(
    "login, kind, refusal",
    [
        ("clara", "added", "permission denied"),
        ("stranger", "added", "permission denied"),
        ("boris", "added", "may not add entries"),
        ("boris", "note", "not an entry of the kind"),
        ("boris", "reviewed", "does not follow"),
    ],
)
def test_roles_hold_in_the_database_where_our_code_is_passed_by(
    newsroom: Newsroom, login: str, kind: str, refusal: str
) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        added = case.add(Path(__file__))
        line = [*case.journal.lines()][-1].replace(b'"seq":1', b'"seq":2')
    line = line.replace(b'"A."', '"B. Б"'.encode())
    if kind == "reviewed":
        line = line.replace(b'"type":"added"', b'"type":"reviewed"')
    database = newsroom.server.database(login, newsroom.journal.rpartition("/")[2])
    with closing(database), pytest.raises(DatabaseRefused, match=refusal):
        database.run(
            "INSERT INTO witnessmark.entry (case_id, seq, kind, line) VALUES (:case, 2, :kind, :line)",
            case=added.case,
            kind=kind,
            line=line,
        )


def test_nobody_can_write_as_somebody_else_or_change_and_remove(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    name = newsroom.journal.rpartition("/")[2]
    with newsroom.open("anna", anna) as case:
        case.append(EventKind.NOTE, text=UntrustedText("first"))
        line = [*case.journal.lines()][-1]
    database = newsroom.server.database("boris", name)
    with closing(database), pytest.raises(DatabaseRefused, match="writes as"):
        database.run(
            "INSERT INTO witnessmark.entry (case_id, seq, kind, line) VALUES (:case, 2, 'note', :line)",
            case=case.head.id,
            line=line,
        )
    for login in ("boris", "anna", "owner"):
        for sql in (
            "UPDATE witnessmark.entry SET seq = 9",
            "DELETE FROM witnessmark.entry",
            "TRUNCATE witnessmark.entry",
        ):
            database = newsroom.server.database(login, name)
            with closing(database), pytest.raises(DatabaseRefused, match=r"permission denied|never changed"):
                database.run(sql)


def test_a_row_changed_by_whoever_runs_the_server_is_noticed(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        case.append(EventKind.NOTE, text=UntrustedText("first"))
        case.append(EventKind.NOTE, text=UntrustedText("second"))
    newcomer = newsroom.joined("boris", case.head.id)
    with closing(newsroom.server.database("root_of_all", newsroom.journal.rpartition("/")[2])) as database:
        database.run("ALTER TABLE witnessmark.entry DISABLE TRIGGER ALL")
        database.run(
            "UPDATE witnessmark.entry SET line = convert_to(replace(convert_from(line, 'UTF8'), 'first', 'other'), 'UTF8')"
        )
    (flaw,) = check_case(anna)
    assert "entry 1" in flaw.what and "database" in flaw.what
    with pytest.raises(CaseError, match=r"entry 2 \(.*does not follow"):
        newsroom.joined("clara", case.head.id)
    with closing(newsroom.server.database("root_of_all", newsroom.journal.rpartition("/")[2])) as database:
        database.run("DELETE FROM witnessmark.entry WHERE seq = 2")
    with pytest.raises(CaseError, match="not the one this machine has seen"):
        newsroom.open("boris", newcomer)


def test_a_changed_or_missing_blob_in_the_store_is_noticed(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        changed, gone = case.put(b"changed there"), case.put(b"gone there")
        case.append(EventKind.ADDED, outputs=(case.item(changed), case.item(gone)))
    objects = newsroom.objects(case.head.id)
    (newsroom.folder / "fake").write_bytes(b"CHANGED there")
    objects.put(newsroom.folder / "fake", f"blobs/{changed[:2]}/{changed}")
    objects._files.rm(objects._at(f"blobs/{gone[:2]}/{gone}"))
    with newsroom.open("boris", newsroom.joined("boris", case.head.id)) as opened:
        with pytest.raises(CaseError, match="was changed"):
            opened.blob(changed)
        with pytest.raises(CaseError, match="neither on this machine"):
            opened.blob(gone)
        assert not opened.store.path(changed).exists()
    flaws = {flaw.path[-64:]: flaw.what for flaw in check_case(anna)}
    assert flaws == {
        changed: "the shared copy does not hold the bytes of its name",
        gone: f"blob {gone} is neither on this machine nor in the shared store",
    }


def test_local_copies_stay_within_their_bound(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        kept = [case.put(bytes([number]) * 10_000) for number in range(8)]
        case.append(EventKind.ADDED, outputs=tuple(case.item(one) for one in kept))
    boris = newsroom.joined("boris", case.head.id, cache=25_000)
    with newsroom.open("boris", boris) as opened:
        assert [opened.blob(one).size for one in kept] == [10_000] * 8
    with newsroom.open("boris", boris) as opened:
        assert sum(path.stat().st_size for path in (boris / "blobs").glob("??/*")) <= 25_000
        assert opened.blob(kept[0]).read() == bytes(10_000)


def test_without_the_database_a_reader_sees_what_is_here_and_a_writer_is_told(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    newsroom.server.stop()
    try:
        with newsroom.open("anna", anna, read_only=True) as case:
            assert len(case.events()) == 1
            assert "does not answer" in case.problems[0].message
        with pytest.raises(NetworkFailed, match="does not answer"), newsroom.open("anna", anna) as case:
            case.append(EventKind.NOTE, text=UntrustedText("lost?"))
    finally:
        newsroom.server.start()
    with newsroom.open("anna", anna) as case:
        assert len(case.events()) == 1


def test_a_folder_from_somebody_else_does_not_decide_where_we_log_in(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = newsroom.shared()
    monkeypatch.setenv("WITNESSMARK_JOURNAL", "postgresql://elsewhere.example/room")
    with pytest.raises(CaseError, match="WITNESSMARK_JOURNAL does not say so"):
        newsroom.open("anna", anna)


def test_the_lock_is_one_for_all_machines(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    boris = newsroom.joined("boris", case_id(anna))
    with newsroom.open("anna", anna) as first, newsroom.open("boris", boris, patience=0.2) as second:
        with first.lock, pytest.raises(CaseBusy, match="somebody else is writing"):
            second.append(EventKind.NOTE, text=UntrustedText("x"))
        second.append(EventKind.NOTE, text=UntrustedText("now"))
    with newsroom.open("anna", anna) as first:
        assert [event.actor.name for event in first.events()] == ["A.", "B. Б"]


def test_a_role_in_one_newsroom_is_none_in_another_on_the_same_server(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    name = f"other_{uuid.uuid4().hex[:8]}"
    with closing(newsroom.server.database("root_of_all", "postgres")) as database:
        database.run(f"CREATE DATABASE {name} OWNER owner")
    with closing(newsroom.server.database("owner", name)) as database:
        prepare(database)
        add_person(database, Person(login="clara", name="C.", roles=(Role.COLLECTOR,)))
    with newsroom.open("clara", newsroom.joined("clara", case_id(anna))) as case:
        assert case.parts.person is not None and case.parts.person.roles == (Role.READER,)
    database = newsroom.server.database("boris", name)
    with closing(database), pytest.raises(DatabaseRefused, match="permission denied"):
        database.run("SELECT line FROM witnessmark.entry")
