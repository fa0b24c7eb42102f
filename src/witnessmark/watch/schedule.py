"""Keep looking: due targets go to a pool of threads, results come back to one writer.

The schedule lives in the store, so a restart goes on where it was: what fell due meanwhile is looked at first.
"""

import queue
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import msgspec

from witnessmark.errors import CaseError
from witnessmark.model.fact import UntrustedText
from witnessmark.model.sighting import Cause, Sighting, Verdict
from witnessmark.watch.look import Means, look
from witnessmark.watch.looking import host_of
from witnessmark.watch.outcome import Looked, iso
from witnessmark.watch.pace import interval_at, latest_sensible, next_look
from witnessmark.watch.store import State, Target, WatchStore

JITTER = 0.05  # of the interval, so that many targets added at once spread out
BATCH = 512
GATHER = 0.05  # seconds: looks that end together are committed together
IDLE = 1.0
JUMP = 30.0  # seconds that the clock may differ from the machine's steady one before the schedule is moved
SET_ASIDE = 3600.0
DISK_PAUSE = 5.0
NEWS = frozenset({Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED, Verdict.REMOVED})
_ABSENT = frozenset({Verdict.BLOCKED, Verdict.UNREACHABLE, Verdict.UNCLEAR})
MOST_WATCHED = 50_000


def alarm_key(target: Target, sighting: Sighting) -> str:
    """The same for the same news: one alarm a change, one a removal, one a return, one for each time it stays away."""
    if sighting.verdict in _ABSENT and sighting.cause is not Cause.OTHER_CLIENT:
        return f"{target.url}\naway\n{target.state.last_present}"
    if sighting.cause is Cause.OTHER_CLIENT:
        return f"{target.url}\n{sighting.cause}"
    if sighting.verdict is Verdict.REMOVED:
        return f"{target.url}\n{sighting.verdict}\n{target.state.last_present}"
    what = sighting.digest if sighting.verdict in NEWS else target.state.last_present
    if sighting.cause is Cause.RESTORED:
        what = target.state.removed_at
    return f"{target.url}\n{sighting.verdict}\n{sighting.cause}\n{what}"


@dataclass(frozen=True, kw_only=True)
class Running:
    """How a schedule is run: threads; seconds between two looks at one host; whom to tell of news."""

    workers: int = 16
    host_gap: float = 0.0
    channels: tuple[str, ...] = ()


def worth_saying(target: Target, looked: Looked) -> bool:
    """Whether a person at the terminal wants to read of this look: news, or another verdict than last time."""
    before = target.state.last_verdict
    return _news(looked.sighting) or _stays_away(target, looked) or before not in {"", looked.sighting.verdict}


def in_a_line(sighting: Sighting) -> str:
    """When, what, where and why, as `watch history` says it."""
    why = "; ".join(sighting.reasons) or sighting.cause or ""
    return f"{sighting.at}  {sighting.verdict}  {sighting.url}  {why}".rstrip()


class Scheduler:
    """Runs looks over a store. `clock` gives UTC; `rng` is the only randomness, for jitter.

    Whom to tell of news is noted as an errand in the same transaction as the look.
    """

    def __init__(
        self,
        store: WatchStore,
        means: Means,
        *,
        clock: Callable[[], datetime],
        rng: random.Random,
        running: Running = Running(),
        say: Callable[[str], None] = lambda _: None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._means = means
        self._clock = clock
        self._rng = rng
        self._workers = running.workers
        self._channels = running.channels
        self._gap = running.host_gap
        self._say = say
        self._steady = steady
        self._stop = threading.Event()
        self._done: queue.SimpleQueue[tuple[Target, Looked]] = queue.SimpleQueue()
        self._busy: dict[str, Target] = {}
        self._rest: dict[str, float] = {}  # host: steady time from which it may be asked again
        self._unwritten: list[tuple[Target, Looked]] = []
        self._lag = 0.0
        self.lateness: deque[float] = deque(maxlen=1_000_000)  # seconds between the time due and the request
        self.looks = 0

    def stop(self) -> None:
        """Finish the looks under way, record them, and return from `run`."""
        self._stop.set()

    def run(self, *, once: bool = False) -> None:
        """Look at whatever is due until stopped; with `once`, look at what is due now and return.

        Raises CaseError when the last looks could not be written down.
        """
        self._mend_schedule()
        self._lag = self._clock().timestamp() - self._steady()
        until = self._clock().timestamp() if once else None
        started: set[str] = set()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="look") as pool:
            while not self._stop.is_set():
                try:
                    more = self._start(pool, until, started)
                except CaseError as error:
                    if once:
                        raise
                    self._say(str(error))
                    self._stop.wait(DISK_PAUSE)
                    continue
                if once and not more and not self._busy:
                    break
                self._drain(wait=0.05 if self._busy or once else IDLE)
            while self._busy:
                self._drain(wait=1.0, last=True)

    def _start(self, pool: ThreadPoolExecutor, until: float | None, started: set[str]) -> bool:
        """Hand out what is due; whether anything is left that could be done in this pass or a later one."""
        self._mind_the_clock()
        now = self._clock().timestamp()
        room = self._workers * 4 - len(self._busy) - len(self._unwritten)
        if room <= 0 or self._unwritten:
            return True
        resting = self._resting()
        fresh, broken = self._store.due(until if until is not None else now, room + len(self._busy), resting)
        self._set_aside(broken, now)
        taken = Counter[str]()
        for target in fresh:
            if target.url in self._busy or (until is not None and target.url in started):
                continue
            if self._gap and taken[target.host]:
                continue
            if len(self._busy) >= self._workers * 4:
                break
            taken[target.host] += 1
            self._busy[target.url] = target
            started.add(target.url)
            pool.submit(self._look, target)
        return bool(taken) or bool(resting and until is not None)

    def _resting(self) -> list[str]:
        """Hosts that are being asked, or were a moment ago."""
        if not self._gap:
            return []
        now = self._steady()
        self._rest = {host: at for host, at in self._rest.items() if at > now}
        return sorted({*self._rest, *(target.host for target in self._busy.values())})

    def _look(self, target: Target) -> None:
        try:
            looked = look(target, self._means)
        except Exception as error:  # noqa: BLE001 - the worker's edge: a look must end in a labelled Sighting
            looked = _failed(target, error, self._clock())
        self._done.put((target, looked))

    def _drain(self, *, wait: float, last: bool = False) -> None:
        """Take what has come back and commit it in one transaction; only then does it count as seen.

        When the disk refuses, the looks stay in memory and nothing new is begun until they are written.
        """
        rows = self._unwritten or self._gather(wait)
        self._unwritten = rows
        if not rows:
            return
        try:
            with self._store.writing():
                for target, looked in rows:
                    self._write(target, looked)
        except CaseError as error:
            if last:
                raise
            self._say(f"{error}; {len(rows)} looks wait to be written")
            self._stop.wait(DISK_PAUSE)
            return
        self._unwritten = []
        for target, looked in rows:
            del self._busy[target.url]
            if worth_saying(target, looked):
                self._say(in_a_line(looked.sighting))
            self.lateness.append(datetime.fromisoformat(looked.sighting.at).timestamp() - target.next_at)
            self._rest[target.host] = self._steady() + self._gap
            self.looks += 1

    def _gather(self, wait: float) -> list[tuple[Target, Looked]]:
        rows: list[tuple[Target, Looked]] = []
        try:
            rows.append(self._done.get(timeout=wait))
            until = self._steady() + GATHER
            while len(rows) < BATCH and len(rows) < len(self._busy):
                rows.append(self._done.get(timeout=max(0.001, until - self._steady())))
        except queue.Empty:
            return rows
        return rows

    def _write(self, target: Target, looked: Looked) -> None:
        current = self._store.get(target.url)
        sighting = looked.sighting
        number = self._store.add_sighting(sighting)
        for digest, body in looked.bodies:
            self._store.keep_body(digest, body)
        if current is None:
            return  # removed from the list while it was looked at
        contacted = current.state.contacted_at
        next_at = looked.next_at.timestamp()
        now = self._clock()
        if contacted != target.state.contacted_at:  # asked during the look
            next_at = min(next_at, now.timestamp() + interval_at(current.settings.interval, contacted, now))
        next_at += self._rng.uniform(0, JITTER) * max(0.0, next_at - now.timestamp())
        state = msgspec.structs.replace(looked.state, contacted_at=contacted)
        self._store.put(msgspec.structs.replace(current, state=state, next_at=next_at))
        self._note_errands(target, looked, number)
        self._add_listed(current, looked.listed, now)

    def _note_errands(self, target: Target, looked: Looked, number: int) -> None:
        sighting, case = looked.sighting, target.settings.case
        first, news = sighting.cause is Cause.FIRST_LOOK, _news(sighting) or _stays_away(target, looked)
        if case and (first or sighting.verdict != target.state.last_verdict or news):
            self._store.add_errand("case", case, number)
        # What a page was like before anything happened is evidence, too. A feed's pages are only captured on news.
        if case and first and target.settings.capture and not target.settings.parent:
            self._store.add_errand("capture", case, number)
        if news and self._store.raise_alarm(alarm_key(target, sighting), sighting.at, number):
            for channel in self._channels:
                self._store.add_errand("tell", channel, number)
            if case and target.settings.capture:
                self._store.add_errand("capture", case, number)

    def _add_listed(self, parent: Target, urls: Sequence[str], now: datetime) -> None:
        """Watch the pages that a feed or index lists, as it is watched itself, up to its bound."""
        fresh = [url for url in urls if self._store.get(url) is None]
        room = min(parent.settings.follow - self._store.children(parent.url), MOST_WATCHED - self._store.count())
        settings = msgspec.structs.replace(parent.settings, follow=0, parent=parent.url, added_at=iso(now))
        for url in fresh[: max(0, room)]:
            state = State(contacted_at=parent.state.contacted_at)
            target = Target(url=url, host=host_of(url), settings=settings, state=state, next_at=now.timestamp())
            self._store.put(target)

    def _set_aside(self, urls: Sequence[str], now: float) -> None:
        """An entry that cannot be read gets a labelled look of its own and does not stop the others."""
        if not urls:
            return
        with self._store.writing():
            for url in urls:
                why = UntrustedText("this entry of the watch list cannot be read; remove it and add it again")
                at = iso(self._clock())
                self._store.add_sighting(
                    Sighting(url=UntrustedText(str(url)), at=at, verdict=Verdict.UNCLEAR, reasons=(why,))
                )
                self._store.postpone(url, now + SET_ASIDE)
                self._say(f"{url!r}: {why}")

    def _mend_schedule(self) -> None:
        """At the start: no entry may lie further ahead than its interval allows (a clock that was wrong, a hand)."""
        now = self._clock()
        targets = self._store.readable()
        late = [item.url for item in targets if not item.next_at <= latest_sensible(item, now)]
        if not late:
            return
        self._say(f"{len(late)} entries were scheduled implausibly late and are looked at now")
        with self._store.writing():
            for url in late:
                self._store.postpone(url, now.timestamp())

    def _mind_the_clock(self) -> None:
        """When somebody sets the clock, the schedule moves with it."""
        lag = self._clock().timestamp() - self._steady()
        jump = lag - self._lag
        if abs(jump) < JUMP:
            return
        self._lag = lag
        self._say(f"the clock was set by {jump:+.0f} s; the schedule moves with it")
        with self._store.writing():
            self._store.shift(jump)


def _news(sighting: Sighting) -> bool:
    another = sighting.verdict is Verdict.UNCLEAR and sighting.suspects is None and sighting.likeness is not None
    return sighting.verdict in NEWS or sighting.cause is Cause.RESTORED or another


def _stays_away(target: Target, looked: Looked) -> bool:
    """Whether so many looks in a row did not see the page as a removal would need: whatever the cause, that is news."""
    sighting, needed = looked.sighting, target.settings.confirmations
    if sighting.verdict not in _ABSENT or looked.state.reference is None:
        return False
    return sighting.confirmations >= needed or looked.state.failures >= needed or sighting.cause is Cause.OTHER_CLIENT


def _failed(target: Target, error: Exception, now: datetime) -> Looked:
    why = UntrustedText(f"the look itself failed: {type(error).__name__}: {error}"[:500])
    sighting = Sighting(
        url=UntrustedText(target.url), at=iso(now), verdict=Verdict.UNCLEAR, cause=Cause.PROTOCOL, reasons=(why,)
    )
    state = msgspec.structs.replace(target.state, failures=target.state.failures + 1)
    return Looked(sighting=sighting, state=state, next_at=next_look(target, state, now, ""))
