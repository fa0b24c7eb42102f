"""The watch list and every look, in one SQLite file that survives kill -9 and a power cut.

A look is acknowledged only after its transaction is committed with synchronous=FULL.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from witnessmark.errors import CaseError
from witnessmark.model.fact import Record, Sha256
from witnessmark.model.sighting import Sighting

_SCHEMA = """
CREATE TABLE IF NOT EXISTS target (
  url TEXT PRIMARY KEY, settings BLOB NOT NULL, state BLOB NOT NULL, next_at REAL NOT NULL, host TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS target_due ON target (next_at);
CREATE TABLE IF NOT EXISTS sighting (
  number INTEGER PRIMARY KEY, url TEXT NOT NULL, at TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS sighting_url ON sighting (url, number);
CREATE TABLE IF NOT EXISTS body (digest TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alarm (key TEXT PRIMARY KEY, at TEXT NOT NULL, sent TEXT) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


class Settings(Record, frozen=True, kw_only=True):
    """What the user asked for. Seconds; `control` is a page of the same host that should stay."""

    interval: float = 3600.0
    control: str = ""
    case: str = ""
    note: str = ""
    browser: bool = True
    confirmations: int = 3
    second_proxy: str = ""
    added_at: str = ""


class Reference(Record, frozen=True, kw_only=True):
    """The look that later ones are compared with; its page bytes lie under `digest` in the body table."""

    url: str
    final_url: str
    status: int
    media_type: str
    digest: Sha256
    size: int
    is_page: bool
    at: str


class State(Record, frozen=True, kw_only=True):
    """What is known between two looks."""

    reference: Reference | None = None
    volatile: tuple[str, ...] = ()
    suspects: str = ""
    confirmations: int = 0
    first_absent: str = ""
    last_present: str = ""
    failures: int = 0
    last_verdict: str = ""
    last_alarm: str = ""
    contacted_at: str = ""
    removed_at: str = ""


class Target(Record, frozen=True, kw_only=True):
    """One watched address. `next_at` is UTC in seconds since 1970."""

    url: str
    host: str
    settings: Settings
    state: State
    next_at: float


class WatchStore:
    """Open or create the file. Raises CaseError when it is not a watch list or cannot be read."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except (sqlite3.DatabaseError, OSError) as error:
            raise CaseError(
                f"the watch list {path} cannot be opened: {error}",
                hint="Move the file away to start a new list; sightings recorded in a case are not affected.",
            ) from error

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing, also after kill -9. Raises CaseError on a full disk."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise CaseError(
                f"the watch list could not be written: {error}", hint="Free disk space; the look is repeated."
            ) from error
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def put(self, target: Target) -> None:
        """Add a target or replace what is known of it."""
        self._db.execute(
            "INSERT OR REPLACE INTO target VALUES (?,?,?,?,?)",
            (
                target.url,
                msgspec.json.encode(target.settings),
                msgspec.json.encode(target.state),
                target.next_at,
                target.host,
            ),
        )

    def remove(self, url: str) -> bool:
        """Stop watching; what was seen stays."""
        return self._db.execute("DELETE FROM target WHERE url = ?", (url,)).rowcount > 0

    def get(self, url: str) -> Target | None:
        """One target, or None."""
        row = self._db.execute("SELECT * FROM target WHERE url = ?", (url,)).fetchone()
        return None if row is None else _target(row)

    def targets(self) -> list[Target]:
        """All targets by address."""
        return [_target(row) for row in self._db.execute("SELECT * FROM target ORDER BY url")]

    def due(self, now: float, limit: int, busy: frozenset[str] = frozenset()) -> list[Target]:
        """Targets whose time has come, the latest first to have been due, without those being looked at."""
        rows = self._db.execute(
            "SELECT * FROM target WHERE next_at <= ? ORDER BY next_at, url LIMIT ?", (now, limit + len(busy))
        )
        return [_target(row) for row in rows if row[0] not in busy][:limit]

    def next_time(self) -> float | None:
        """When the next target is due, or None for an empty list."""
        at: float | None = self._db.execute("SELECT min(next_at) FROM target").fetchone()[0]
        return at

    def add_sighting(self, sighting: Sighting) -> None:
        """Append one look; looks are never changed."""
        self._db.execute(
            "INSERT INTO sighting (url, at, body) VALUES (?,?,?)",
            (sighting.url, sighting.at, msgspec.json.encode(sighting)),
        )

    def history(self, url: str, limit: int = 1_000_000) -> list[Sighting]:
        """All looks at an address, oldest first."""
        rows = self._db.execute("SELECT body FROM sighting WHERE url = ? ORDER BY number DESC LIMIT ?", (url, limit))
        return [msgspec.json.decode(body, type=Sighting) for (body,) in rows][::-1]

    def since(self, at: str) -> list[Sighting]:
        """All looks from a moment on (ISO 8601 UTC), oldest first."""
        rows = self._db.execute("SELECT body FROM sighting WHERE at >= ? ORDER BY number", (at,))
        return [msgspec.json.decode(body, type=Sighting) for (body,) in rows]

    def keep_body(self, digest: Sha256, data: bytes) -> None:
        """Keep a page's bytes, once each."""
        self._db.execute("INSERT OR IGNORE INTO body VALUES (?,?)", (digest, zlib.compress(data, 6)))

    def body(self, digest: Sha256) -> bytes | None:
        """The bytes kept under a digest, or None."""
        row = self._db.execute("SELECT data FROM body WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else zlib.decompress(row[0])

    def raise_alarm(self, key: str, at: str) -> bool:
        """Whether this alarm is new. The same key is never raised twice."""
        return self._db.execute("INSERT OR IGNORE INTO alarm (key, at) VALUES (?,?)", (key, at)).rowcount > 0

    def unsent(self) -> list[tuple[str, str]]:
        """Alarms that were raised and not delivered: (key, at)."""
        return [
            (key, at) for key, at in self._db.execute("SELECT key, at FROM alarm WHERE sent IS NULL ORDER BY at, key")
        ]

    def mark_sent(self, keys: Sequence[str], at: str) -> None:
        """Note that alarms were delivered."""
        self._db.executemany("UPDATE alarm SET sent = ? WHERE key = ?", [(at, key) for key in keys])


def _target(row: tuple[str, bytes, bytes, float, str]) -> Target:
    url, settings, state, next_at, host = row
    try:
        return Target(
            url=url,
            host=host,
            settings=msgspec.json.decode(settings, type=Settings),
            state=msgspec.json.decode(state, type=State),
            next_at=float(next_at),
        )
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise CaseError(
            f"the watch list has an unreadable entry for {url!r}: {error}",
            hint="Was the file edited by hand? Remove the entry with `witnessmark watch remove` and add it again.",
        ) from error
