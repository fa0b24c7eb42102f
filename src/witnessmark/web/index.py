"""Findings of a case in SQLite, so that a page of fifty needs not read a hundred thousand.

`page.sqlite` in the case folder can be deleted at will: it is made again from the journal. Where the case cannot be
written it lies in a temporary folder.
"""

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from witnessmark.case import Case
from witnessmark.case.gate import Lacking, lacking
from witnessmark.errors import CaseError
from witnessmark.model.artifact import Locator
from witnessmark.model.case import Review
from witnessmark.model.evidence import Event
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.report import wording
from witnessmark.web.tokens import searchable
from witnessmark.web.versions import version_keys

VERSION = 2
_SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE head (size INTEGER NOT NULL, leaf TEXT NOT NULL, generation INTEGER NOT NULL);
INSERT INTO head VALUES (0, '', 0);
CREATE TABLE finding (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT, grade TEXT, capability TEXT, container TEXT,
  verdict TEXT NOT NULL DEFAULT '', sort TEXT NOT NULL, title TEXT, groups TEXT, place TEXT, detected_by TEXT,
  file TEXT
);
CREATE INDEX finding_sort ON finding (kind, sort, n);
CREATE INDEX finding_verdict ON finding (kind, verdict);
CREATE INDEX finding_file ON finding (file, sort);
CREATE TABLE declared (key TEXT, n INTEGER, PRIMARY KEY (key, n)) WITHOUT ROWID;
CREATE INDEX declared_n ON declared (n);
CREATE TABLE body (n INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE lacks (n INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE named (grp TEXT, n INTEGER, PRIMARY KEY (grp, n)) WITHOUT ROWID;
CREATE TABLE total (facet TEXT, kind TEXT, value TEXT, number INTEGER, PRIMARY KEY (facet, kind, value)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (text, content='', tokenize='unicode61 remove_diacritics 2');
CREATE TABLE scan (
  seq INTEGER PRIMARY KEY, at TEXT, actor TEXT, name TEXT, seen INTEGER, unread INTEGER, bytes INTEGER, protection TEXT
);
CREATE TABLE opinion (finding TEXT, seq INTEGER, actor TEXT, at TEXT, verdict TEXT, reason TEXT);
CREATE INDEX opinion_finding ON opinion (finding, seq);
CREATE TABLE gap (code TEXT, severity TEXT, place TEXT, message TEXT, consequence TEXT, hint TEXT, seq INTEGER);
CREATE INDEX gap_code ON gap (code, severity);
CREATE INDEX gap_severity ON gap (severity);
CREATE TABLE holds (container TEXT, capability TEXT, number INTEGER, strongest TEXT, id TEXT);
CREATE TABLE gap_total (code TEXT, severity TEXT, number INTEGER, consequence TEXT, hint TEXT);
"""
_OF_REVIEWS = (
    "DELETE FROM total WHERE facet = 'verdict'",
    "INSERT INTO total SELECT 'verdict', kind, verdict, count(*) FROM finding GROUP BY kind, verdict",
)
_OF_SCANS = (
    "DELETE FROM total WHERE facet <> 'verdict'",
    "INSERT INTO total SELECT 'grade', kind, grade, count(*) FROM finding GROUP BY kind, grade",
    "INSERT INTO total SELECT 'capability', kind, capability, count(*) FROM finding GROUP BY kind, capability",
    "INSERT INTO total SELECT 'container', kind, container, count(*) FROM finding GROUP BY kind, container",
    "INSERT INTO total SELECT 'group', kind, grp, count(*) FROM named JOIN finding USING (n) GROUP BY kind, grp",
    "DELETE FROM holds",
    # SQLite gives the other columns from the row that holds the minimum: the strongest finding comes first.
    "INSERT INTO holds SELECT container, capability, count(*), min(sort), id FROM finding WHERE kind = 'finding' "
    "GROUP BY container, capability",
    "DELETE FROM gap_total",
    "INSERT INTO gap_total SELECT code, severity, count(*), max(consequence), max(hint) FROM gap "
    "GROUP BY code, severity",
)
MIXED = "mixed"
"""Reviewers differ."""
BATCH = 5_000


class FindingIndex:
    """Reads on any thread; catches up with the journal on one at a time."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._writing = threading.Lock()
        self._scratch = tempfile.TemporaryDirectory() if case.read_only else None
        folder = Path(self._scratch.name) if self._scratch else case.path
        self._path = folder / "page.sqlite"
        self._prepare()

    def close(self) -> None:
        """Give back the files."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def base(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA cache_size=-65536")
            self._threads.connection = connection
            self._connections.append(connection)
        return connection

    @property
    def generation(self) -> int:
        """Grows with every change."""
        row: tuple[int] = self.base.execute("SELECT generation FROM head").fetchone()
        return row[0]

    @property
    def size(self) -> int:
        """How many entries of the journal it knows."""
        row: tuple[int] = self.base.execute("SELECT size FROM head").fetchone()
        return row[0]

    def catch_up(self, events: tuple[Event, ...], leaf: str) -> None:
        """Take in what was added to the journal since; `leaf` is the last entry's hash.

        Returns at once when another thread is doing so.
        """
        if not self._writing.acquire(blocking=False):
            return
        try:
            size, known = self.base.execute("SELECT size, leaf FROM head").fetchone()
            if size > len(events) or (size and size < len(events) and events[size].prev != known):
                self._prepare(anew=True)
                size = 0
            if size < len(events):
                damaged = self._take(events, size)
                kinds = {event.payload_type for event in events[size:]}
                scanned = damaged or ScanReport.__name__ in kinds or size == 0
                reviewed = scanned or Review.__name__ in kinds
                with self._transaction() as base:
                    for statement in (*(_OF_SCANS if scanned else ()), *(_OF_REVIEWS if reviewed else ())):
                        base.execute(statement)
                    change = "UPDATE head SET size = ?, leaf = ?, generation = generation + ?"
                    base.execute(change, (len(events), leaf, int(reviewed)))
        finally:
            self._writing.release()

    def _take(self, events: tuple[Event, ...], size: int) -> bool:
        """Take in entry after entry; whether one of them could not be read."""
        damaged = False
        for event in events[size:]:
            try:
                self._take_one(event)
            except CaseError as error:  # a damaged record: the rest of the case is shown all the same
                damaged = True
                row = (
                    "unreadable",
                    "lost",
                    f"entry {event.seq}",
                    str(error),
                    "It is not shown.",
                    error.hint,
                    event.seq,
                )
                with self._transaction() as base:
                    base.execute("INSERT INTO gap VALUES (?,?,?,?,?,?,?)", row)
        return damaged

    def _take_one(self, event: Event) -> None:
        if event.payload_type == ScanReport.__name__:
            report = self._case.payload(event, ScanReport)
            for at in range(0, len(report.findings), BATCH):
                with self._transaction() as base:
                    _put_findings(base, event, report.findings[at : at + BATCH])
            with self._transaction() as base:
                base.execute("DELETE FROM gap WHERE seq = ?", (event.seq,))
                base.execute("INSERT OR REPLACE INTO scan VALUES (?,?,?,?,?,?,?,?)", _scan(event, report))
                base.executemany("INSERT INTO gap VALUES (?,?,?,?,?,?,?)", _gaps(event, report))
        elif event.payload_type == Review.__name__:
            with self._transaction() as base:
                _put_review(base, event, self._case.payload(event, Review))

    def _prepare(self, *, anew: bool = False) -> None:
        try:
            sound = self.base.execute("PRAGMA user_version").fetchone() == (VERSION,)
            if sound and not anew:
                return
            if not sound:
                sound = self.base.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        except sqlite3.DatabaseError:
            sound = False
        if not sound or anew:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._threads = threading.local()
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self.base.executescript(_SCHEMA)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        base = self.base
        base.execute("BEGIN IMMEDIATE")
        try:
            yield base
            base.execute("COMMIT")
        except BaseException:
            base.execute("ROLLBACK")
            raise


def _put_review(base: sqlite3.Connection, event: Event, review: Review) -> None:
    values = (review.finding, event.seq, event.actor.name, event.t_utc, str(review.verdict), review.reason)
    base.execute("INSERT INTO opinion VALUES (?,?,?,?,?,?)", values)
    row = base.execute("SELECT verdict FROM finding WHERE id = ?", (review.finding,)).fetchone()
    if row is not None:
        verdict = str(review.verdict) if row[0] in ("", review.verdict) else MIXED
        base.execute("UPDATE finding SET verdict = ? WHERE id = ?", (verdict, review.finding))


def _put_findings(base: sqlite3.Connection, event: Event, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        old = base.execute("SELECT n, detected_by, verdict FROM finding WHERE id = ?", (finding.id,)).fetchone()
        by, verdict = {event.actor.name}, ""
        if old is not None:
            # Its words stay in the full-text index under a number that leads nowhere.
            by, verdict = by | set(msgspec.json.decode(old[1], type=list[str])), old[2]
            for table in ("finding", "body", "named", "declared", "lacks"):
                base.execute(f"DELETE FROM {table} WHERE n = ?", (old[0],))
        values = (
            finding.id,
            str(finding.kind),
            str(finding.grade),
            str(finding.capability),
            str(finding.locator.path[0])[:400],
            verdict,
            _sort_key(finding),
            finding.title,
            ", ".join(finding.groups),
            wording.way_in(finding.locator)[:1000],
            msgspec.json.encode(sorted(by)).decode(),
            file_key(finding.locator),
        )
        columns = "id, kind, grade, capability, container, verdict, sort, title, groups, place, detected_by, file"
        cursor = base.execute(f"INSERT INTO finding ({columns}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", values)
        number = cursor.lastrowid
        base.execute("INSERT INTO body VALUES (?, ?)", (number, msgspec.msgpack.encode(finding)))
        base.executemany("INSERT OR IGNORE INTO named VALUES (?, ?)", [(group, number) for group in finding.groups])
        without = lacking(finding)
        if without != Lacking():
            base.execute("INSERT INTO lacks VALUES (?, ?)", (number, msgspec.msgpack.encode(without)))
        base.executemany("INSERT OR IGNORE INTO declared VALUES (?, ?)", [(k, number) for k in version_keys(finding)])
        base.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, searchable(_words(finding))))


def file_key(locator: Locator) -> str:
    """What places in one file have in common."""
    return locator.sha256 or "\x1f".join(locator.path)[:1000]


def _words(finding: Finding) -> str:
    parts = (finding.title, finding.excerpt, finding.gloss, *finding.context, *finding.locator.path, finding.rule)
    return "\n".join((*parts, finding.id, *finding.groups, *finding.protected))


def _sort_key(finding: Finding) -> str:
    """Strongest grade first, then by place."""
    where = finding.locator
    place = "\x1f".join(where.path)[:300]
    return f"{9 - finding.grade.rank}{place}\x1f{where.offset or 0:016x}"


def _scan(event: Event, report: ScanReport) -> tuple[str | int, ...]:
    names = ", ".join(item.name or item.digest[:16] for item in event.inputs[:20])
    read = report.coverage
    figures = (read.members_seen, read.members_unread, read.bytes_read, read.protection)
    return event.seq, event.t_utc, event.actor.name, names, *figures


def _gaps(event: Event, report: ScanReport) -> list[tuple[str | int, ...]]:
    return [
        (
            str(problem.code),
            str(problem.severity),
            wording.way_in(problem.locator)[:1000] if problem.locator else "",
            problem.message[:1000],
            problem.consequence,
            problem.hint,
            event.seq,
        )
        for problem in report.problems
    ]
