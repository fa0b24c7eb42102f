"""Keep looking: due targets go to a pool of threads, results come back to one writer.

The schedule lives in the store, so a restart goes on where it was: what fell due meanwhile is looked at first.
"""

import queue
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec

from witnessmark.model.fact import UntrustedText
from witnessmark.model.sighting import Cause, Sighting, Verdict
from witnessmark.watch.look import Looked, Means, look
from witnessmark.watch.store import Target, WatchStore

JITTER = 0.05  # of the interval, so that many targets added at once spread out
BATCH = 256
IDLE = 1.0
ALARMS = frozenset({Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED, Verdict.REMOVED})

Alarm = Callable[[Target, Sighting], None]


def alarm_key(target: Target, sighting: Sighting) -> str:
    """The same for the same news: one alarm a change, one a removal, one a time that a page is walled off."""
    what = sighting.digest if sighting.verdict in ALARMS - {Verdict.REMOVED} else target.state.last_present
    return f"{target.url}\n{sighting.verdict}\n{sighting.cause}\n{what}"


class Scheduler:
    """Runs looks over a store. `clock` gives UTC; `rng` is the only randomness, for jitter."""

    def __init__(
        self,
        store: WatchStore,
        means: Means,
        *,
        clock: Callable[[], datetime],
        rng: random.Random,
        workers: int = 16,
        alarm: Alarm | None = None,
        recorded: Callable[[Target, Sighting, Looked], None] | None = None,
    ) -> None:
        self._store = store
        self._means = means
        self._clock = clock
        self._rng = rng
        self._workers = workers
        self._alarm = alarm
        self._recorded = recorded
        self._stop = threading.Event()
        self.worst_lateness = 0.0
        self.looks = 0

    def stop(self) -> None:
        """Finish the looks under way, record them, and return from `run`."""
        self._stop.set()

    def run(self, *, once: bool = False) -> None:
        """Look at whatever is due until stopped; with `once`, look at what is due now and return."""
        done: queue.SimpleQueue[tuple[Target, Looked]] = queue.SimpleQueue()
        busy: dict[str, Target] = {}
        started: set[str] = set()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="look") as pool:
            while not self._stop.is_set():
                now = self._clock().timestamp()
                room = self._workers * 4 - len(busy)
                fresh = self._store.due(now, room, frozenset(busy)) if room > 0 else []
                fresh = [item for item in fresh if not (once and item.url in started)]
                for target in fresh:
                    self.worst_lateness = max(self.worst_lateness, now - target.next_at)
                    busy[target.url] = target
                    started.add(target.url)
                    pool.submit(self._look, target, done)
                if not busy and once:
                    return
                self._drain(done, busy, wait=0.05 if busy else IDLE)
            while busy:
                self._drain(done, busy, wait=1.0)

    def _look(self, target: Target, done: "queue.SimpleQueue[tuple[Target, Looked]]") -> None:
        try:
            looked = look(target, self._means)
        except Exception as error:  # noqa: BLE001 - the worker's edge: a look must end in a labelled Sighting
            looked = _failed(target, error, self._clock())
        done.put((target, looked))

    def _drain(self, done: "queue.SimpleQueue[tuple[Target, Looked]]", busy: dict[str, Target], *, wait: float) -> None:
        """Take what has come back and commit it in one transaction; only then does it count as seen."""
        rows: list[tuple[Target, Looked]] = []
        try:
            rows.append(done.get(timeout=wait))
            while len(rows) < BATCH:
                rows.append(done.get_nowait())
        except queue.Empty:
            if not rows:
                return
        alarms: list[tuple[Target, Sighting]] = []
        with self._store.writing():
            for target, looked in rows:
                self._write(target, looked, alarms)
        for target, looked in rows:
            del busy[target.url]
            self.looks += 1
            if self._recorded is not None:
                self._recorded(target, looked.sighting, looked)
        for target, sighting in alarms:
            if self._alarm is not None:
                self._alarm(target, sighting)

    def _write(self, target: Target, looked: Looked, alarms: list[tuple[Target, Sighting]]) -> None:
        current = self._store.get(target.url)
        self._store.add_sighting(looked.sighting)
        if looked.body is not None and looked.sighting.digest is not None:
            self._store.keep_body(looked.sighting.digest, looked.body)
        if current is None:
            return  # removed from the list while it was looked at
        next_at = looked.next_at.timestamp()
        next_at += self._rng.uniform(0, JITTER) * max(0.0, next_at - self._clock().timestamp())
        state = msgspec.structs.replace(looked.state, contacted_at=current.state.contacted_at)
        self._store.put(msgspec.structs.replace(current, state=state, next_at=next_at))
        if looked.sighting.verdict in ALARMS and self._store.raise_alarm(
            alarm_key(target, looked.sighting), looked.sighting.at
        ):
            alarms.append((target, looked.sighting))


def _failed(target: Target, error: Exception, now: datetime) -> Looked:
    sighting = Sighting(
        url=UntrustedText(target.url),
        at=now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        verdict=Verdict.UNCLEAR,
        cause=Cause.PROTOCOL,
        reasons=(UntrustedText(f"the look itself failed: {type(error).__name__}: {error}"[:500]),),
    )
    state = msgspec.structs.replace(target.state, failures=target.state.failures + 1)
    wait = target.settings.interval * 2 ** min(state.failures, 6)
    return Looked(sighting=sighting, state=state, body=None, next_at=now + timedelta(seconds=wait))
