"""What the pages share: one open case, its index, its jobs, and who is looking."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from witnessmark.case import Case
from witnessmark.model.evidence import Event
from witnessmark.pipeline.jobs import Jobs
from witnessmark.seal.bundle import Sealing
from witnessmark.web.index import FindingIndex
from witnessmark.web.search import Search
from witnessmark.web.sessions import Sessions

PATIENCE = 0.2
"""Seconds that a page waits for the index; after that it shows what is there and says so."""

MakeSealing = Callable[[str, bool], Sealing]
"""From a passphrase, and whether to ask timestamp authorities. Raises WitnessmarkError."""


@dataclass(kw_only=True)
class Desk:
    """Everything that a view needs."""

    case: Case
    sessions: Sessions
    jobs: Jobs
    watch_list: Path
    sealing: MakeSealing
    address: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Open the index."""
        self.index = FindingIndex(self.case)
        self.search = Search(self.index)
        self._catching: threading.Thread | None = None

    def events(self) -> tuple[Event, ...]:
        """The journal, entries of other processes included."""
        with self.lock:
            return self.case.events()

    def fresh(self) -> int:
        """Bring the index up to date, or begin to; how many entries it is behind."""
        with self.lock:
            events = self.case.events()
            leaf = self.case.journal.head.previous
        if self._catching is None or not self._catching.is_alive():
            if self.index.size == len(events):
                return 0
            self._catching = threading.Thread(target=self.index.catch_up, args=(events, leaf), daemon=True)
            self._catching.start()
        self._catching.join(PATIENCE)
        return len(events) - self.index.size

    def close(self) -> None:
        """Stop what is under way and give back files."""
        self.jobs.close()
        if self._catching is not None:
            self._catching.join(60)
        self.index.close()
        self.case.close()
