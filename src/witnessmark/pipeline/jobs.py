"""Work that the case page starts: captures and scans, each in a process of its own, remembered in `jobs.sqlite`.

A job that was under way when everything stopped is begun again at the next start; what its first attempt left in the
case is kept and labelled there. The job's process ends when ours does.
"""

import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from witnessmark.case.shared.pointer import ENVIRONMENT
from witnessmark.case.shared.pointer import NAME as SHARED
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.fact import Record
from witnessmark.sandbox.spawn import start_worker

MODULE = "witnessmark.pipeline.job_worker"
MOST_ATTEMPTS = 3
GRACE = 10.0
"""Seconds between asking a job to end and ending it."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
  n INTEGER PRIMARY KEY, request BLOB NOT NULL, state TEXT NOT NULL, created TEXT NOT NULL, ended TEXT NOT NULL,
  attempts INTEGER NOT NULL, news BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS job_state ON job (state, n);
"""


class JobKind(StrEnum):
    """What there is to do."""

    SCAN = "scan"
    PAGE = "page"
    DOWNLOAD = "download"


class JobState(StrEnum):
    """How far it is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRequest(Record, frozen=True, kw_only=True):
    """One piece of work. `digest`: a blob of the case, to be scanned under `name`; `url`: to be captured."""

    kind: JobKind
    actor: str
    digest: str = ""
    name: str = ""
    url: str = ""
    note: str = ""
    allow_hosts: tuple[str, ...] = ()


class News(Record, frozen=True, kw_only=True):
    """The last that was heard of a job. `event` is the journal's entry that came of it."""

    said: str = ""
    members: int = 0
    bytes_read: int = 0
    places: int = 0
    findings: int = 0
    event: int | None = None
    error: str = ""
    hint: str = ""


class Order(Record, frozen=True, kw_only=True):
    """What the job's process is told."""

    case: str
    request: JobRequest


class Job(Record, frozen=True, kw_only=True):
    """One row of the table."""

    n: int
    request: JobRequest
    state: JobState
    created: str
    ended: str
    attempts: int
    news: News


def utc_now() -> str:
    """Seconds are enough for a list of jobs; the journal has the exact times."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Jobs:
    """The table, and one thread that works it off. Raises CaseError if the table cannot be opened."""

    def __init__(self, case: Path, *, now: Callable[[], str] = utc_now) -> None:
        self._case = case
        self._now = now
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._stopping = False
        self._process: subprocess.Popen[bytes] | None = None
        self._running: int | None = None
        self._thread: threading.Thread | None = None
        try:
            self._base = sqlite3.connect(case / "jobs.sqlite", isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise CaseError(
                f"the list of jobs cannot be opened: {error}", hint="Move jobs.sqlite away; only the list is lost."
            ) from error

    def start(self) -> None:
        """Take up what was left, and work from now on."""
        with self._lock:
            said = msgspec.json.encode(News(said="taken up again: the page had stopped while this ran"))
            self._base.execute(
                "UPDATE job SET state = ?, news = ? WHERE state = ?", (JobState.QUEUED, said, JobState.RUNNING)
            )
        self._thread = threading.Thread(target=self._work, daemon=True, name="jobs")
        self._thread.start()

    def close(self) -> None:
        """Stop; the job under way begins again at the next start."""
        self._stopping = True
        self._wake.set()
        self._end_process()
        if self._thread is not None:
            self._thread.join(GRACE + 5)
        self._base.close()

    def add(self, request: JobRequest) -> int:
        """Put work into the queue; its number."""
        with self._lock:
            values = (msgspec.json.encode(request), JobState.QUEUED, self._now(), "", 0, msgspec.json.encode(News()))
            cursor = self._base.execute(
                "INSERT INTO job (request, state, created, ended, attempts, news) VALUES (?,?,?,?,?,?)", values
            )
            number = int(cursor.lastrowid or 0)
        self._wake.set()
        return number

    def cancel(self, number: int) -> None:
        """Stop a job for good. Raises UsageError when there is no such job or it has ended."""
        with self._lock:
            job = self.get(number)
            if job is None or job.state not in (JobState.QUEUED, JobState.RUNNING):
                raise UsageError("this job has ended already")
            self._ended(number, JobState.CANCELLED, msgspec.structs.replace(job.news, said="cancelled"))
            mine = self._running == number
        if mine:
            self._end_process()

    def get(self, number: int) -> Job | None:
        """One job, or None."""
        found = self._rows("WHERE n = ?", (number,))
        return found[0] if found else None

    def latest(self, limit: int = 50) -> list[Job]:
        """The newest jobs, newest first."""
        return self._rows("ORDER BY n DESC LIMIT ?", (limit,))

    def active(self) -> list[Job]:
        """What runs or waits."""
        return self._rows("WHERE state IN ('queued', 'running') ORDER BY n LIMIT 200", ())

    def _rows(self, where: str, values: tuple[object, ...]) -> list[Job]:
        query = f"SELECT n, request, state, created, ended, attempts, news FROM job {where}"
        with self._lock:
            rows = self._base.execute(query, values).fetchall()
        return [
            Job(
                n=n,
                request=msgspec.json.decode(request, type=JobRequest),
                state=JobState(state),
                created=created,
                ended=ended,
                attempts=attempts,
                news=msgspec.json.decode(news, type=News),
            )
            for n, request, state, created, ended, attempts, news in rows
        ]

    def _work(self) -> None:
        while not self._stopping:
            self._wake.clear()
            waiting = self._rows("WHERE state = 'queued' ORDER BY n LIMIT 1", ())
            if waiting:
                self._run(waiting[0])
            else:
                self._wake.wait(60)

    def _run(self, job: Job) -> None:
        if job.attempts >= MOST_ATTEMPTS:
            news = News(error=f"given up after {job.attempts} attempts", hint="Start it again by hand.")
            self._ended(job.n, JobState.FAILED, news)
            return
        with self._lock:
            begin = "UPDATE job SET state = ?, attempts = attempts + 1 WHERE n = ? AND state = ?"
            if self._stopping or not self._base.execute(begin, (JobState.RUNNING, job.n, JobState.QUEUED)).rowcount:
                return
            also = ENVIRONMENT if (self._case / SHARED).exists() else ()
            self._process = start_worker(MODULE, self._case / "work", also=also)
            self._running = job.n
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        news = job.news
        with suppress(BrokenPipeError):  # it says on its other pipe, or by its exit, why it is gone
            process.stdin.write(msgspec.json.encode(Order(case=str(self._case), request=job.request)) + b"\n")
            process.stdin.flush()
        for line in process.stdout:
            with suppress(msgspec.DecodeError):  # something a library printed
                news = msgspec.json.decode(line, type=News)
                self._news(job.n, news)
        status = process.wait()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        with self._lock:
            self._process = self._running = None
            now = self.get(job.n)
            if self._stopping or now is None or now.state is not JobState.RUNNING:
                return
            if status == 0:
                self._ended(job.n, JobState.DONE, news)
            elif news.error:
                self._ended(job.n, JobState.FAILED, news)
            else:
                self._base.execute("UPDATE job SET state = ? WHERE n = ?", (JobState.QUEUED, job.n))

    def _news(self, number: int, news: News) -> None:
        with self._lock:
            self._base.execute(
                "UPDATE job SET news = ? WHERE n = ? AND state = ?",
                (msgspec.json.encode(news), number, JobState.RUNNING),
            )

    def _ended(self, number: int, state: JobState, news: News) -> None:
        with self._lock:
            self._base.execute(
                "UPDATE job SET state = ?, ended = ?, news = ? WHERE n = ?",
                (state, self._now(), msgspec.json.encode(news), number),
            )

    def _end_process(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
