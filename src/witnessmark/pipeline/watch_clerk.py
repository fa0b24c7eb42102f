"""The errands of the watch, on a thread of their own, so that no look waits for a browser or a mail server.

An errand is noted in the same transaction as the look that it is about, and crossed off when it is done: after a crash
it is done then. What fails is tried again, later and later.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from witnessmark.errors import CaseError
from witnessmark.model.sighting import Verdict
from witnessmark.pipeline.watch_case import CaseWork, Contacts
from witnessmark.pipeline.watch_channels import Sending, masked, tell
from witnessmark.watch.outcome import iso
from witnessmark.watch.store import Errand, WatchStore
from witnessmark.watch.telling import Message, alarm, digest
from witnessmark.watch.timeline import removal

FIRST_RETRY = 30.0
LAST_RETRY = 3600.0
MOST_TRIES = 200
CASES_EVERY = 10.0
PAUSE = 1.0


@dataclass(kw_only=True)
class Clerk:
    """Does what is to be done outside. `path` is the watch list; it is opened anew, for this thread."""

    store: WatchStore
    work: CaseWork
    sending: Sending
    contacts: Contacts
    clock: Callable[[], datetime]
    say: Callable[[str], None]

    def errands(self) -> int:
        """Do what is due now; how many were done."""
        done = 0
        jobs: Mapping[str, Callable[[Errand], None]] = {
            "case": self.work.note,
            "capture": self.work.capture,
            "tell": self._tell,
        }
        for errand in self.store.errands(self.clock().timestamp()):
            try:
                jobs[errand.kind](errand)
            except Exception as error:  # noqa: BLE001 - the worker's edge: one errand must not stop the others
                self._failed(errand, error)
                continue
            with self.store.writing():
                self.store.errand_done(errand.number, iso(self.clock()))
            done += 1
            if errand.kind == "capture":
                break  # it took a while: see whether somebody is to be told something by now
        return done

    def hear_contacts(self) -> int:
        """Look more often at the pages of a case whose vendor was asked; how many that are."""
        now, changed = self.clock(), 0
        targets = self.store.readable()
        for case in sorted({target.settings.case for target in targets if target.settings.case}):
            try:
                asked = self.contacts.asked(case, now)
            except CaseError as error:
                self.say(str(error))
                continue
            for target in targets:
                if not asked or target.settings.case != case or target.state.contacted_at >= asked:
                    continue
                with self.store.writing():
                    current = self.store.get(target.url)
                    if current is not None:
                        state = msgspec.structs.replace(current.state, contacted_at=asked)
                        soon = min(current.next_at, now.timestamp())
                        self.store.put(msgspec.structs.replace(current, state=state, next_at=soon))
                        changed += 1
        return changed

    def loop(self, stop: threading.Event) -> None:
        """Until stopped. A list that cannot be read or written for a while stops nothing."""
        heard = 0.0
        while not stop.is_set():
            try:
                if self.clock().timestamp() >= heard:
                    self.hear_contacts()
                    heard = self.clock().timestamp() + CASES_EVERY
                if self.errands() == 0:
                    stop.wait(PAUSE)
            except CaseError as error:
                self.say(str(error))
                stop.wait(PAUSE * 10)

    def _tell(self, errand: Errand) -> None:
        mark = hashlib.sha256(f"{errand.sighting.url}\n{errand.sighting.at}\n{errand.whom}".encode()).hexdigest()[:32]
        gone = errand.sighting.verdict is Verdict.REMOVED
        interval = removal(self.store.history(errand.sighting.url)) if gone else None
        tell(errand.whom, alarm(errand.sighting, interval, mark), self.sending)

    def _failed(self, errand: Errand, error: Exception) -> None:
        wait = min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(errand.tries, 10))
        self.say(f"{errand.kind} ({masked(errand.whom) if errand.kind == 'tell' else errand.whom}): {error}")
        with self.store.writing():
            self.store.errand_failed(errand.number, self.clock().timestamp() + wait, f"{type(error).__name__}: {error}")
            if errand.tries + 1 >= MOST_TRIES:
                self.store.errand_done(errand.number, "given up")


def day_digest(store: WatchStore, day: datetime) -> Message:
    """The digest of the UTC day that begins at `day`."""
    start, end = iso(day), iso(day + timedelta(days=1))
    looks = [item for item in store.since(start) if item.at < end]
    mark = hashlib.sha256(f"digest {start} {Path(store.path).resolve()}".encode()).hexdigest()[:32]
    return digest(looks, start[:10], store.count(), mark)
