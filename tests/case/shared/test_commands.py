"""The commands, as the guide gives them."""

import json

from click.testing import CliRunner, Result

from case.shared.conftest import Newsroom
from witnessmark.cli import witnessmark


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
