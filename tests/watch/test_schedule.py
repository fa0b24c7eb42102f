"""Every look is written down before it counts; clocks, hands and full disks take nothing away."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from watchsite import PAGE, Clock, Pages, target
from witnessmark.errors import CaseError
from witnessmark.model.sighting import Cause, Verdict
from witnessmark.watch.look import Means
from witnessmark.watch.outcome import iso
from witnessmark.watch.pace import interval_at
from witnessmark.watch.schedule import Running, Scheduler
from witnessmark.watch.store import Settings, State, Target, WatchStore
from witnessmark.watch.timeline import moments, removal

Make = Callable[..., Means]


def put(store: WatchStore, *targets: Target) -> None:
    with store.writing():
        for item in targets:
            store.put(item)


def scheduler(store: WatchStore, means: Means, clock: Clock, said: list[str], **running: object) -> Scheduler:
    settings = Running(**{"workers": 4, **running})  # type: ignore[arg-type]
    steady = clock.now
    return Scheduler(
        store,
        means,
        clock=clock,
        rng=random.Random(1),
        running=settings,
        say=said.append,
        steady=lambda: (clock.now - steady).total_seconds(),
    )


def test_once_looks_at_what_is_due_and_at_nothing_twice(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    later = msgspec.structs.replace(target(pages.url + "/later", clock), next_at=clock.now.timestamp() + 50)
    put(store, target(pages.url + "/camera", clock), target(pages.url + "/", clock), later)
    run = scheduler(store, make_means(), clock, [])
    run.run(once=True)
    assert run.looks == 2
    run.run(once=True)
    assert run.looks == 2
    clock.forward(64)
    run.run(once=True)
    assert run.looks == 5
    assert [item.verdict for item in store.history(pages.url + "/camera")] == [Verdict.SAME, Verdict.SAME]


def test_a_slow_host_does_not_hold_up_the_others(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    put(store, *(target(f"{pages.url}/camera?{n}", clock) for n in range(20)))
    other = msgspec.structs.replace(target(pages.url + "/camera", clock), host="elsewhere")
    put(store, msgspec.structs.replace(other, next_at=other.next_at + 0.5))
    found, _ = store.due(clock.now.timestamp() + 1, 5, ["localhost"])
    assert [item.host for item in found] == ["elsewhere"]


@pytest.mark.parametrize("jump", [-400_000.0, 90_000.0])
def test_a_clock_that_is_set_moves_the_schedule_with_it(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore, jump: float
) -> None:
    put(store, target(pages.url + "/camera", clock))
    said: list[str] = []
    steady = [0.0]
    run = Scheduler(store, make_means(), clock=clock, rng=random.Random(1), say=said.append, steady=lambda: steady[0])
    run.run(once=True)
    before = store.targets()[0].next_at
    clock.forward(jump)
    run._mind_the_clock()
    assert store.targets()[0].next_at == pytest.approx(before + jump)
    assert len(said) == 1 and "clock was set" in said[0]


def test_after_a_start_with_the_clock_set_back_nothing_sleeps_for_years(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    put(store, msgspec.structs.replace(target(pages.url + "/camera", clock), next_at=clock.now.timestamp() + 9e8))
    said: list[str] = []
    run = scheduler(store, make_means(), clock, said)
    run.run(once=True)
    assert run.looks == 1 and "implausibly late" in said[0]


def test_an_interval_over_a_clock_set_back_says_so(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    put(store, target(pages.url + "/camera", clock))
    run = scheduler(store, make_means(), clock, [])
    run.run(once=True)
    del pages.pages["/camera"]
    clock.forward(-7200)
    for _ in range(3):
        with store.writing():
            store.postpone(pages.url + "/camera", clock.now.timestamp())
        scheduler(store, make_means(), clock, []).run(once=True)
        clock.forward(61)
    looks = store.history(pages.url + "/camera")
    gone = removal(looks)
    assert gone is not None and gone.clock_moved and gone.confirmed == looks[-1].at
    assert [moment.kind for moment in moments(looks)] == ["same", "unclear", "removed"]


def test_a_list_edited_by_hand_gets_a_labelled_sighting_and_stops_nobody(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    put(store, target(pages.url + "/camera", clock), target(pages.url + "/broken", clock))
    with sqlite3.connect(store.path) as by_hand:
        by_hand.execute("UPDATE target SET settings = '{\"interval\": \"soon\"}' WHERE url LIKE '%broken'")
    by_hand.close()
    said: list[str] = []
    scheduler(store, make_means(), clock, said).run(once=True)
    assert [item.verdict for item in store.history(pages.url + "/broken")] == [Verdict.UNCLEAR]
    assert [item.verdict for item in store.history(pages.url + "/camera")] == [Verdict.SAME]
    with pytest.raises(CaseError) as raised:
        store.targets()
    assert "watch remove" in raised.value.hint
    with store.writing():
        assert store.remove(pages.url + "/broken")
    assert len(store.targets()) == 1


@pytest.mark.parametrize(
    "content", [b"no database at all, only some text " * 40, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_file_that_is_no_watch_list_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "watch.sqlite"
    path.write_bytes(content)
    with pytest.raises(CaseError) as raised:
        WatchStore(path)
    assert raised.value.hint


class FullOnce(WatchStore):
    """A store whose disk is full for the first commits."""

    refusals = 2

    @contextmanager
    def writing(self) -> Iterator[None]:
        with super().writing():
            yield
            if self.refusals:
                self.refusals -= 1
                raise sqlite3.OperationalError("database or disk is full")


def test_looks_wait_for_a_full_disk_and_are_not_lost(
    pages: Pages, make_means: Make, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("witnessmark.watch.schedule.DISK_PAUSE", 0.01)
    full = FullOnce(tmp_path / "full.sqlite")
    full.refusals = 0
    put(full, target(pages.url + "/camera", clock))
    full.refusals = 2
    said: list[str] = []
    scheduler(full, make_means(), clock, said).run(once=True)
    assert [item.cause for item in full.history(pages.url + "/camera")] == [Cause.FIRST_LOOK]
    assert len(said) == 2 and "disk is full" in said[0] and pages.asked.count("/camera") == 4
    full.close()


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="needs root to mount a small disk")
def test_a_really_full_disk_ends_in_an_error_that_says_so(tmp_path: Path, clock: Clock) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", tmp_path], check=False).returncode:
        pytest.skip("no mounting here")
    try:
        store = WatchStore(tmp_path / "watch.sqlite")
        with pytest.raises(CaseError, match="full") as raised:
            for number in range(5_000):
                put(store, target(f"http://localhost/{number}", clock))
        assert "disk" in raised.value.hint
        assert store.count() == len(store.targets()) > 0
        store.close()
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_the_same_news_raises_one_alarm_and_its_errands_are_kept_until_done(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    put(store, target(pages.url + "/camera", clock))
    run = scheduler(store, make_means(), clock, [], channels=("desktop:", "ntfy://ntfy.example/a"))
    run.run(once=True)
    assert store.errands(clock.now.timestamp()) == []
    pages.pages["/camera"] = (200, PAGE.replace("<p>Detects ethnicity.</p>", ""))
    for _ in range(3):
        clock.forward(70)
        run.run(once=True)
    errands = store.errands(clock.now.timestamp())
    assert [(item.kind, item.whom) for item in errands] == [("tell", "desktop:"), ("tell", "ntfy://ntfy.example/a")]
    with store.writing():
        store.errand_done(errands[0].number, "now")
        store.errand_failed(errands[1].number, clock.now.timestamp() + 60, "no")
    assert store.errands(clock.now.timestamp()) == []
    assert [item.tries for item in store.errands(clock.now.timestamp() + 61)] == [1]
    assert store.open_errands() == [("tell", "ntfy://ntfy.example/a", 1, "no")]


@pytest.mark.parametrize(
    "answer", [(404, "<h1>Not here</h1>"), (403, ""), (503, ""), (200, "<h1>Please sign in to go on</h1>")]
)
def test_a_page_that_stays_away_without_being_confirmed_gone_is_told_once(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore, answer: tuple[object, ...]
) -> None:
    put(store, target(pages.url + "/camera", clock))
    run = scheduler(store, make_means(None), clock, [], channels=("desktop:",))

    def looks(count: int) -> int:
        for _ in range(count):
            with store.writing():
                store.postpone(pages.url + "/camera", clock.now.timestamp())
            run.run(once=True)
            clock.forward(70)
        return len(store.errands(clock.now.timestamp() + 9_999))

    assert looks(1) == 0
    pages.pages["/camera"] = answer
    assert (looks(2), looks(1), looks(4)) == (0, 1, 1)
    pages.pages["/camera"] = (200, PAGE)
    looks(1)
    pages.pages["/camera"] = answer
    assert (looks(2), looks(1)) == (1, 2)


def test_pages_that_a_feed_lists_are_watched_up_to_its_bound(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    items = "".join(f"<item><link>/p/{n}</link></item>" for n in range(9))
    pages.pages["/feed"] = (200, f"<rss><channel>{items}</channel></rss>", "Content-Type", "application/rss+xml")
    put(store, target(pages.url + "/feed", clock, follow=4, case="mycase"))
    scheduler(store, make_means(), clock, []).run(once=True)
    added = [item for item in store.targets() if item.settings.parent]
    assert len(added) == 4 and {item.settings.case for item in added} == {"mycase"}


@pytest.mark.parametrize(("hours", "seconds"), [(0, 30), (1.9, 30), (2.1, 300), (47, 300), (49, 86_400)])
def test_after_the_question_looks_come_close_together(clock: Clock, hours: float, seconds: float) -> None:
    asked = iso(clock.now)
    clock.forward(hours * 3600)
    assert interval_at(200_000, asked, clock.now) == seconds
    assert interval_at(10, asked, clock.now) == 10


def test_adding_again_keeps_what_is_known(clock: Clock, store: WatchStore) -> None:
    known = msgspec.structs.replace(target("http://localhost/a", clock), state=State(last_present="2026-01-01"))
    put(store, known)
    with store.writing():
        assert not store.add(msgspec.structs.replace(known, settings=Settings(interval=9), state=State()))
    (now,) = store.targets()
    assert (now.settings.interval, now.state.last_present) == (9, "2026-01-01")


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from witnessmark.model.sighting import Sighting, Verdict
from witnessmark.watch.store import WatchStore
store = WatchStore(Path(sys.argv[1]))
for number in range(100000):
    with store.writing():
        store.add_sighting(Sighting(url="http://localhost/a", at=str(number), verdict=Verdict.SAME))
    print(number, flush=True)
"""


def test_every_acknowledged_look_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "watch.sqlite"
    acknowledged = 0
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.15)
            process.send_signal(signal.SIGKILL)
            acknowledged += 1 + process.stdout.read().count(b"\n")
        store = WatchStore(path)
        kept = len(store.history("http://localhost/a"))
        store.close()
        assert kept >= acknowledged
        acknowledged = kept
