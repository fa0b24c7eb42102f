"""What somebody with a login and bad intentions, or a faulty program, cannot do by speaking to the database directly."""

import hashlib
import json
from collections.abc import Callable
from contextlib import closing

import pytest

from case.shared.conftest import Newsroom
from witnessmark.case.check import check_case
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.net.postgres import DatabaseRefused


def twice(key: str, value: str) -> Callable[[bytes], bytes]:
    """The same entry with a second value for a key: PostgreSQL and Python must not read two different things."""
    return lambda line: line[:-1] + f',"{key}":{value}}}'.encode()


CASES = {
    "somebody else's name, said twice": (twice("actor", '{"name":"B. Б"}'), "key twice"),
    "somebody else's name, inside the first": (
        lambda line: line.replace(b'{"name":"A."', b'{"name":"A.","name":"C."', 1),
        "key twice",
    ),
    "another kind, said twice": (twice("type", '"reviewed"'), "key twice"),
    "another kind, spelled with an escape": (twice("\\u0074ype", '"reviewed"'), "key twice"),
    "no JSON": (lambda line: line[:-1], "not an entry"),
    "not UTF-8": (lambda line: line.replace(b"first", b"f\xffrst"), "not an entry"),
    "a line break": (lambda line: line.replace(b'"text":', b'\n"text":'), "not an entry"),
    "another number": (lambda line: line.replace(b'"seq":2', b'"seq":3'), "not entry 2"),
    "a number in words": (lambda line: line.replace(b'"seq":2', b'"seq":"2"'), "not entry 2"),
    "another case": (lambda line: line.replace(b'"case":"', b'"case":"0'), "not entry 2"),
    "an earlier entry as the one before": (
        lambda line: line.replace(json.loads(line)["prev"].encode(), b"0" * 64),
        "does not follow",
    ),
    "nobody's name": (lambda line: line.replace(b'{"name":"A.",', b"{"), "writes as"),
    "an actor that is no object": (
        lambda line: line.replace(b'"actor":{"name":"A.","role":"collector"}', b'"actor":"A."'),
        "not an entry",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_takes_no_entry_that_readers_would_read_otherwise(newsroom: Newsroom, name: str) -> None:
    change, refusal = CASES[name]
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        case.append(EventKind.NOTE, text=UntrustedText("first"))
        lines = list(case.journal.lines())
    good = lines[-1].replace(b'"seq":1', b'"seq":2')
    good = good.replace(json.loads(good)["prev"].encode(), hashlib.sha256(b"\0" + lines[-1]).hexdigest().encode())
    bad = change(good)
    assert bad != good

    def insert(line: bytes) -> None:
        with closing(newsroom.server.database("anna", newsroom.journal.rpartition("/")[2])) as database:
            database.run(
                "INSERT INTO witnessmark.entry (case_id, seq, kind, line) VALUES (:case, 2, 'note', :line)",
                case=case.head.id,
                line=line,
            )

    with pytest.raises(DatabaseRefused, match=refusal):
        insert(bad)
    insert(good)  # it was the change that was refused
    with newsroom.open("anna", anna) as opened:
        assert len(opened.events()) == 3
    assert check_case(anna) == ()
