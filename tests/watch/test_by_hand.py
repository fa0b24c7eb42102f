"""A watch list that somebody edited, a page that is missing from it, a disk that is full: said, and nothing else lost."""

import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from watchsite import PAGE, Clock, Pages, target
from witnessmark.model.sighting import Cause, Verdict
from witnessmark.watch.look import Means
from witnessmark.watch.schedule import Running, Scheduler
from witnessmark.watch.store import WatchStore

Make = Callable[..., Means]


def run_once(store: WatchStore, means: Means, clock: Clock, said: list[str]) -> None:
    running, start = Running(workers=2), clock.now
    Scheduler(
        store, means, clock=clock, rng=random.Random(1), running=running, say=said.append,
        steady=lambda: (clock.now - start).total_seconds(),
    ).run(once=True)  # fmt: skip


def by_hand(store: WatchStore, statement: str, *values: object) -> None:
    with sqlite3.connect(store.path) as db:
        db.execute(statement, values)
    db.close()


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE target SET settings = ? WHERE url LIKE '%broken'", '{"interval": "soon"}'),
        ("UPDATE target SET settings = ? WHERE url LIKE '%broken'", b"\xff\xfe\x00"),
        ("UPDATE target SET settings = ? WHERE url LIKE '%broken'", 7),
        ("UPDATE target SET state = ? WHERE url LIKE '%broken'", '{"reference": []}'),
        ("UPDATE target SET state = ? WHERE url LIKE '%broken'", '{"no such field": 1}'),
        ("UPDATE target SET next_at = ? WHERE url LIKE '%broken'", "tomorrow"),
        ("UPDATE target SET next_at = ? WHERE url LIKE '%broken'", b"\x00"),
        ("UPDATE target SET host = ?, settings = '' WHERE url LIKE '%broken'", "'; DROP TABLE sighting; --"),
    ],
)
def test_an_entry_that_cannot_be_read_gets_a_labelled_sighting_and_stops_nobody(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore, statement: str, value: object
) -> None:
    with store.writing():
        store.put(target(pages.url + "/camera", clock))
        store.put(target(pages.url + "/broken", clock))
    by_hand(store, statement, value)
    said: list[str] = []
    run_once(store, make_means(), clock, said)
    (broken,) = store.history(pages.url + "/broken")
    assert broken.verdict is Verdict.UNCLEAR and "cannot be read" in broken.reasons[0]
    assert [item.verdict for item in store.history(pages.url + "/camera")] == [Verdict.SAME]
    assert len(said) == 1
    run_once(store, make_means(), clock, said)
    assert len(store.history(pages.url + "/broken")) == 1


@pytest.mark.parametrize("value", [9e999, 4e12])
def test_an_entry_that_was_put_off_for_ever_is_looked_at_now(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore, value: float
) -> None:
    with store.writing():
        store.put(target(pages.url + "/camera", clock))
    by_hand(store, "UPDATE target SET next_at = ?", value)
    run_once(store, make_means(), clock, [])
    assert [item.cause for item in store.history(pages.url + "/camera")] == [Cause.FIRST_LOOK]


@pytest.mark.parametrize("body", [b"{", '{"verdict": "vanished"}', 3, b"\xff" * 9])
def test_a_recorded_look_that_was_edited_is_shown_as_that_and_hides_no_other(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore, body: object
) -> None:
    with store.writing():
        store.put(target(pages.url + "/camera", clock))
    for _ in range(3):
        run_once(store, make_means(), clock, [])
        clock.forward(70)
    by_hand(store, "UPDATE sighting SET body = ?, at = 'noon' WHERE number = 2", body)
    looks = store.history(pages.url + "/camera")
    assert [item.verdict for item in looks] == [Verdict.SAME, Verdict.UNCLEAR, Verdict.SAME]
    assert "edited by hand" in looks[1].reasons[0]


@pytest.mark.parametrize("statement", ["DELETE FROM body", "UPDATE body SET data = X'00'", "UPDATE body SET data = 5"])
def test_a_missing_page_to_compare_with_is_said_and_replaced_and_no_removal(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore, statement: str
) -> None:
    with store.writing():
        store.put(target(pages.url + "/camera", clock))
    run_once(store, make_means(), clock, [])
    by_hand(store, statement)
    pages.pages["/camera"] = (200, PAGE.replace("ethnicity", "dust"))
    clock.forward(70)
    run_once(store, make_means(), clock, [])
    last = store.history(pages.url + "/camera")[-1]
    assert last.verdict is Verdict.CHANGED and "missing from the list" in last.reasons[0]
    clock.forward(70)
    run_once(store, make_means(), clock, [])
    assert store.history(pages.url + "/camera")[-1].verdict is Verdict.SAME


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="needs root to mount a small disk")
def test_looks_made_while_the_disk_was_really_full_are_recorded_when_there_is_room(
    pages: Pages, make_means: Make, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", tmp_path], check=False).returncode:
        pytest.skip("no mounting here")
    monkeypatch.setattr("witnessmark.watch.schedule.DISK_PAUSE", 0.02)
    store = WatchStore(tmp_path / "watch.sqlite")
    try:
        with store.writing():
            store.put(target(pages.url + "/camera", clock))
        filler = tmp_path / "filler"
        with filler.open("wb", buffering=0) as out, pytest.raises(OSError, match="No space"):
            while True:
                out.write(b"x" * 512)
        said: list[str] = []
        run = Scheduler(store, make_means(), clock=clock, rng=random.Random(1), say=said.append, steady=lambda: 0.0)
        run._lag = clock.now.timestamp()
        thread = threading.Thread(target=run.run)
        thread.start()
        until = time.monotonic() + 20
        while not said and time.monotonic() < until:
            time.sleep(0.02)
        assert "full" in said[-1] and store.history(pages.url + "/camera") == []
        filler.unlink()
        while not run.looks and time.monotonic() < until:
            time.sleep(0.02)
        run.stop()
        thread.join(20)
        assert [item.cause for item in store.history(pages.url + "/camera")] == [Cause.FIRST_LOOK]
        assert pages.asked.count("/camera") == 4
    finally:
        store.close()
        subprocess.run(["umount", "-l", tmp_path], check=True)
