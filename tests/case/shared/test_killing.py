"""What was acknowledged is there, once, whatever dies."""

import os
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from case.shared.conftest import Newsroom
from witnessmark.case import open_case
from witnessmark.case.check import check_case
from witnessmark.errors import WitnessmarkError

SCRIPT = Path(__file__).with_name("appending.py")


def appending(login: str, path: Path, kind: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, SCRIPT, path, kind, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PGUSER": login},
    )


def kept(output: str) -> list[str]:
    return [line.split()[1] for line in output.splitlines() if line.startswith("kept ")]


def ids(newsroom: Newsroom, path: Path) -> list[str]:
    with newsroom.open("anna", path, read_only=True) as case:
        return [event.id for event in case.events()]


def test_two_people_review_at_once_and_nothing_is_lost(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    with newsroom.open("anna", anna) as case:
        name = case.head.id
    works = [appending("anna", anna, "note", 40)]
    works += [appending("boris", newsroom.joined("boris", name), "reviewed", 40) for _ in range(2)]
    said = [one for work in works for one in kept(work.communicate(timeout=120)[0])]
    assert len(said) == 120
    found = ids(newsroom, anna)
    assert sorted(found[1:]) == sorted(said)
    assert check_case(anna) == ()


def test_a_writer_that_is_killed_loses_nothing_acknowledged_and_blocks_nobody(newsroom: Newsroom) -> None:
    anna, chance, said = newsroom.shared(), random.Random(1), []
    for _ in range(6):
        work = appending("anna", anna, "note", 1000)
        assert work.stdout is not None
        first = work.stdout.readline()
        time.sleep(chance.uniform(0, 0.15))
        work.kill()
        said += kept(first + work.communicate(timeout=60)[0])
    with newsroom.open("anna", anna) as case:  # nobody waits for the dead
        assert {event.id for event in case.events()} >= set(said)
    found = ids(newsroom, anna)
    assert len(found) == len(set(found))
    assert len(said) > 6
    assert check_case(anna) == ()


def test_connections_cut_by_the_server_store_each_entry_once(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    work = appending("anna", anna, "note", 150)
    cut = 0
    with closing(newsroom.server.database("root_of_all", "postgres")) as database:
        while work.poll() is None:
            cut += len(
                database.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'anna' AND state = 'active'"
                )
            )
    said = kept(work.communicate(timeout=60)[0])
    found = ids(newsroom, anna)
    assert cut > 0
    assert set(said) <= set(found)
    assert len(found) == len(set(found))
    assert check_case(anna) == ()


def test_a_server_that_dies_keeps_what_it_acknowledged(newsroom: Newsroom) -> None:
    anna, said = newsroom.shared(), []
    for pause in (0.05, 0.2, 0.35):
        work = appending("anna", anna, "note", 100000)
        assert work.stdout is not None
        first = work.stdout.readline()
        time.sleep(pause)
        newsroom.server.stop("immediate")
        work.kill()
        said += kept(first + work.communicate(timeout=60)[0])
        newsroom.server.start()
    assert set(said) <= set(ids(newsroom, anna))
    assert len(said) > 3
    with newsroom.open("anna", anna) as case:
        case.add(SCRIPT)
    assert check_case(anna) == ()


def test_an_unknown_outcome_is_said_and_can_be_looked_up(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    newsroom.as_login("anna")
    with open_case(anna) as case:
        before = len(case.events())
        database = case.parts.database
        assert database is not None
        run = database.run

        def break_off(sql: str, **values: object) -> object:
            if sql.startswith("INSERT"):
                run(sql, **values)
                newsroom.server.stop("immediate")
                database.run = run  # type: ignore[method-assign]
            return run(sql, **values)

        database.run = break_off  # type: ignore[method-assign,assignment]
        try:
            case.add(SCRIPT)
            told = ""
        except WitnessmarkError as error:
            told = str(error)
    newsroom.server.start()
    assert "cannot be asked whether" in told
    assert len(ids(newsroom, anna)) == before + 1
