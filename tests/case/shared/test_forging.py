"""Entries made by hand by people of the newsroom who pass our program by."""

from collections.abc import Callable
from contextlib import closing

import msgspec
import pytest

from case.shared.conftest import Newsroom
from witnessmark.case.journal import encode
from witnessmark.case.shared.pointer import read_sharing, write_sharing
from witnessmark.errors import CaseError
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.net.postgres import DatabaseRefused

Forge = Callable[[bytes], bytes]

BORIS = b'{"actor":{"name":"B. \xd0\x91"}'
FORGERIES: dict[str, Forge] = {
    "a second actor": lambda line: line.replace(b',"case":', b',"actor":{"name":"A."},"case":', 1),
    "a second name": lambda line: line.replace(BORIS, BORIS[:-1] + b',"name":"A."}', 1),
    "a second name in other letters": lambda line: line.replace(BORIS, BORIS[:-1] + b',"n\\u0061me":"A."}', 1),
    "a second actor in other letters": lambda line: line.replace(
        b',"case":', b',"\\u0061ctor":{"name":"A."},"case":', 1
    ),
    "another number": lambda line: line.replace(b'"seq":2,', b'"seq":7,', 1),
    "a second link": lambda line: line.replace(b'"seq":2,', b'"prev":"' + b"0" * 64 + b'","seq":2,', 1),
    "no JSON": lambda line: line.replace(b',"case":', b',,"case":', 1),
    "a newline": lambda line: line.replace(b',"case":', b',\n"case":', 1),
    "another case": lambda line: line.replace(b'"case":"', b'"case":"0', 1),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_an_entry_that_reads_otherwise_than_it_was_checked_is_refused(newsroom: Newsroom, what: str) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        number = case.head.id
        case.append(EventKind.NOTE, text=UntrustedText("first"))
    boris = newsroom.joined("boris", number)
    with newsroom.open("boris", boris) as case:
        event = case._drafting.event(
            EventKind.NOTE, case.journal.head, case.actor, {"text": UntrustedText("\0 forged")}
        )
        honest = encode(event).replace(b',"role":"reviewer"', b"")
    forged = FORGERIES[what](honest)
    assert forged != honest
    sql = "INSERT INTO witnessmark.entry (case_id, seq, kind, line) VALUES (:case, 2, 'note', :line)"
    with closing(newsroom.server.database("boris", newsroom.journal.rpartition("/")[2])) as database:
        with pytest.raises(DatabaseRefused):
            database.run(sql, case=number, line=forged)
        database.run(sql, case=number, line=honest)
    with newsroom.open("anna", anna) as case:
        assert [(one.seq, one.actor.name) for one in case.events()] == [(0, "A."), (1, "A."), (2, "B. Б")]


@pytest.mark.parametrize("name", ["../../elsewhere", "x", "0" * 31 + "/", "A" * 32])
def test_a_folder_cannot_name_a_place_as_its_case(newsroom: Newsroom, name: str) -> None:
    anna = newsroom.shared()
    sharing = read_sharing(anna)
    assert sharing is not None
    write_sharing(anna, msgspec.structs.replace(sharing, case=name))
    with pytest.raises(CaseError, match="case"):
        newsroom.open("anna", anna)


def test_a_temporary_table_cannot_make_anybody_the_owner(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        number = case.head.id
        event = case._drafting.event(EventKind.NOTE, case.journal.head, case.actor, {"text": UntrustedText("by Anna")})
    with closing(newsroom.server.database("boris", newsroom.journal.rpartition("/")[2])) as database:
        database.run(
            "CREATE TEMPORARY TABLE pg_class AS SELECT 'witnessmark.entry'::regclass::oid AS oid, r.oid AS relowner "
            "FROM pg_roles r WHERE rolname = session_user"
        )
        with pytest.raises(DatabaseRefused, match="writes as"):
            database.run(
                "INSERT INTO witnessmark.entry (case_id, seq, kind, line) VALUES (:case, 1, 'note', :line)",
                case=number,
                line=encode(event),
            )
