"""The commands, as the guide gives them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from case.shared.conftest import Newsroom
from witnessmark.case import open_case
from witnessmark.case.check import check_case
from witnessmark.cli import witnessmark
from witnessmark.errors import UsageError
from witnessmark.model.evidence import Actor

SCRIPT = Path(__file__)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(witnessmark, [str(one) for one in arguments], catch_exceptions=False)


def test_from_a_new_case_to_a_colleagues_folder(newsroom: Newsroom) -> None:
    newsroom.as_login("anna")
    anna, boris = newsroom.folder / "anna", newsroom.folder / "boris"
    assert run("case", "new", anna, "--title", "T", "--actor", "A.").exit_code == 0
    said = run("newsroom", "share", anna).output
    case = said.split()[1]
    newsroom.as_login("boris")
    assert run("newsroom", "list").output.split() == [case]
    joined = run("newsroom", "join", boris, "--id", case)
    assert joined.output.endswith("1 entries; you are B. Б (reviewer)\n")
    assert run("case", "note", boris, "from the other machine").exit_code == 0
    newsroom.as_login("anna")
    assert "from the other machine" in run("case", "show", anna).output
    assert run("case", "check", anna).exit_code == 0
    rows = [json.loads(line) for line in run("newsroom", "people", "--json").output.splitlines()]
    assert [row["login"] for row in rows] == ["anna", "boris", "clara", "dora"]


def test_no_password_is_written_anywhere_and_none_may_stand_in_an_address(newsroom: Newsroom) -> None:
    newsroom.monkeypatch.setenv("PGPASSWORD", "a-secret")
    anna = newsroom.shared()
    assert all(b"a-secret" not in path.read_bytes() for path in anna.rglob("*") if path.is_file())
    result = CliRunner().invoke(witnessmark, ["newsroom", "list", "--journal", "postgresql://me:pw@host/room"])
    assert "must not hold a login or password" in str(result.exception)


def test_a_copy_that_follows_nobody_has_the_same_journal_and_all_blobs(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        case.add(SCRIPT)
    boris = newsroom.joined("boris", case.head.id, cache=0)
    newsroom.as_login("boris")
    copy = newsroom.folder / "copy"
    assert run("newsroom", "copy", boris, copy).output.endswith("2 entries, the same journal byte for byte\n")
    assert (copy / "journal.jsonl").read_bytes() == (anna / "journal.jsonl").read_bytes()
    for name in ("WITNESSMARK_JOURNAL", "WITNESSMARK_BLOBS", "PGUSER"):
        newsroom.monkeypatch.delenv(name)
    with open_case(copy, actor=Actor(name="A.")) as case:
        assert not (copy / "shared.json").exists()
        assert [case.blob(item.digest).read() for item in case.items()][1] == SCRIPT.read_bytes()
        case.add(SCRIPT)
    assert check_case(copy) == ()
    with pytest.raises(UsageError, match="not empty"):
        run("newsroom", "copy", copy, boris)


def test_a_person_can_be_given_a_further_role_and_never_another_name(newsroom: Newsroom) -> None:
    newsroom.as_login("owner")
    said = run("newsroom", "person", "boris", "--name", "B. Б", "--may", "collector").output
    assert said == "boris writes as B. Б: collector\n"
    rows = [json.loads(line) for line in run("newsroom", "people", "--json").output.splitlines()]
    assert [row["roles"] for row in rows if row["login"] == "boris"] == [["collector", "reviewer"]]
    for login, name in (("boris", "A."), ("boris", "Boris"), ("dora", "A.")):
        with pytest.raises(UsageError, match="known already"):
            run("newsroom", "person", login, "--name", name, "--may", "reader")
