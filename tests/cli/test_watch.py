"""The watch from the command line: add, run, see, tell."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watchsite import PAGE, Pages, pages
from witnessmark.cli.watch import command
from witnessmark.watch.store import WatchStore

__all__ = ["pages"]


@pytest.fixture
def watch(tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(name: str, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(command, [name, *arguments, "--list", str(tmp_path / "w.sqlite")])
        assert result.exit_code == code, result.output + str(result.exception)
        return result

    return run


def again(tmp_path: Path) -> None:
    """As if its time had come."""
    store = WatchStore(tmp_path / "w.sqlite")
    with store.writing():
        for target in store.targets():
            store.postpone(target.url, 0)
    store.close()


def test_a_removed_passage_is_shown_by_every_view(pages: Pages, tmp_path: Path, watch) -> None:  # type: ignore[no-untyped-def]
    url = pages.url + "/camera"
    look = ("--once", "--host-gap", "0", "--no-browser", "--allow-host", f"localhost:{pages.port}")
    assert "1 new" in watch("add", url, "--every", "60", "--note", "asked by desk").stderr
    assert "0 new and 1 known" in watch("add", url, "--every", "90").stderr
    assert "1 looks recorded" in watch("run", *look).stderr
    pages.pages["/camera"] = (200, PAGE.replace("<p>Detects ethnicity.</p>", ""))
    again(tmp_path)
    watch("run", *look)
    assert "− Detects ethnicity." in watch("history", url).stdout
    assert [json.loads(line)["verdict"] for line in watch("history", url, "--all", "--json").stdout.splitlines()] == [
        "same",
        "section-removed",
    ]
    assert json.loads(watch("status", "--json").stdout)["verdict"] == "section-removed"
    assert "section-removed" in watch("list").stdout
    assert "− Detects ethnicity." in watch("timeline", url).stdout
    assert "<del" in watch("timeline", url, "--format", "html").stdout
    assert json.loads(watch("timeline", url, "--format", "json").stdout)["moments"][1]["passages"]
    day = json.loads(watch("history", url, "--json").stdout.splitlines()[0])["at"][:10]
    assert "section-removed" in watch("digest", "--day", day).stdout
    watch("remove", url)
    assert watch("list").stdout == "" and "Detects" in watch("history", url).stdout


def test_mistakes_are_named(tmp_path: Path, watch) -> None:  # type: ignore[no-untyped-def]
    for arguments in (("add", "ftp://vendor.example/x"), ("add", "http://[broken"), ("run", "--notify", "pigeon:x")):
        result = CliRunner().invoke(command, [*arguments, "--list", str(tmp_path / "w.sqlite")])
        assert result.exit_code != 0 and result.exception is not None
    watch("remove", "http://vendor.example/", code=2)
    watch("history", "http://vendor.example/", code=2)
    watch("timeline", "http://vendor.example/", code=2)
    watch("digest", "--day", "yesterday", code=2)
