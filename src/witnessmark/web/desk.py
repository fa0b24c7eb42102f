"""What the pages share: one open case, its index, its jobs, and who is looking."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from witnessmark.case import Case, open_case
from witnessmark.case.gate import GateItem
from witnessmark.model.evidence import Event
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.pipeline.jobs import Jobs
from witnessmark.report.casefile.html import render_html
from witnessmark.report.casefile.pdf import render_pdf
from witnessmark.seal.bundle import Sealing
from witnessmark.web.index import FindingIndex
from witnessmark.web.replaying import Replays
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
    replays: Replays | None = None
    address: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Open the index."""
        self.index = FindingIndex(self.case)
        self.search = Search(self.index)
        self._catching: threading.Thread | None = None
        self._checking: threading.Thread | None = None
        self._reporting = threading.Lock()
        self._report_key: tuple[int, str] = (-1, "")
        self._report_at = ""
        self._reports: dict[str, bytes] = {}
        self._points: tuple[int, tuple[GateItem, ...]] = (-1, ())

    def events(self) -> tuple[Event, ...]:
        """The journal, entries of other processes included."""
        with self.lock:
            return self.case.events()

    def fresh(self) -> int:
        """Bring the index up to date, or begin to; how many entries it is behind."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with self.lock:
                events = self.case.events()
                leaf = self.case.journal.head.previous
                behind = len(events) - self.index.size
                if behind and (self._catching is None or not self._catching.is_alive()):
                    self._catching = threading.Thread(target=self.index.catch_up, args=(events, leaf), daemon=True)
                    self._catching.start()
                catching = self._catching
            left = deadline - time.monotonic()
            if not behind or catching is None or left <= 0:
                return behind
            catching.join(left)

    @contextmanager
    def apart(self) -> Iterator[Case]:
        """The case opened once more, for what takes long: nobody else has to wait for it."""
        with open_case(self.case.path, read_only=True) as case:
            yield case

    def gate(self) -> tuple[GateItem, ...] | None:
        """The export list as of the last entry; None while it is being worked out, which takes long in a large case."""
        size = len(self.events())
        with self.lock:
            if self._points[0] == size:
                return self._points[1]
            if self._checking is None or not self._checking.is_alive():
                self._checking = threading.Thread(target=self._check, daemon=True)
                self._checking.start()
            checking = self._checking
        checking.join(PATIENCE)
        return self._points[1] if self._points[0] == size else None

    def report(self, form: str, language: str) -> bytes:
        """The case report as of the last entry; made once, since a large case takes long. Raises CaseError."""
        with self._reporting:
            with self.apart() as case:
                key = (len(case.events()), language)
                if self._report_key != key:
                    dossier = dossier_of(case)
                    self._reports = {"html": render_html(dossier, language=language)}
                    self._report_key, self._report_at = key, dossier.at
            if form not in self._reports:
                self._reports[form] = render_pdf(self._reports["html"], made_at=self._report_at)
            return self._reports[form]

    def _check(self) -> None:
        if self.fresh():  # the index would speak of an earlier state; the page asks again
            return
        size = self.index.size
        with self.apart() as case:
            points = self.search.gate(case)
            if len(case.events()) == size == self.index.size:
                self._points = (size, points)

    def close(self) -> None:
        """Stop what is under way and give back files."""
        self.jobs.close()
        for thread in (self._catching, self._checking):
            if thread is not None:
                thread.join(60)
        if self.replays is not None:
            self.replays.close()
        self.index.close()
        self.case.close()
