"""The watch list and every look, in one SQLite file that survives kill -9 and a power cut.

A look is acknowledged only after its transaction is committed with synchronous=FULL.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from witnessmark.errors import CaseError
from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.model.sighting import Sighting, Verdict

_LOOKS = "SELECT url, at, body FROM sighting"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS target (
  url TEXT PRIMARY KEY, settings BLOB NOT NULL, state BLOB NOT NULL, next_at REAL NOT NULL, host TEXT NOT NULL,
  parent TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS target_due ON target (next_at);
CREATE INDEX IF NOT EXISTS target_parent ON target (parent) WHERE parent != '';
CREATE TABLE IF NOT EXISTS sighting (
  number INTEGER PRIMARY KEY, url TEXT NOT NULL, at TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS sighting_url ON sighting (url, number);
CREATE TABLE IF NOT EXISTS body (digest TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alarm (key TEXT PRIMARY KEY, at TEXT NOT NULL, sighting INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS errand (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, whom TEXT NOT NULL, sighting INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, done TEXT NOT NULL DEFAULT '',
  failure TEXT NOT NULL DEFAULT '', UNIQUE (kind, whom, sighting)
);
CREATE INDEX IF NOT EXISTS errand_open ON errand (next_at) WHERE done = '';
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


class Settings(Record, frozen=True, kw_only=True):
    """What the user asked for. Seconds; `control` is a page of the same host that should stay."""

    interval: float = 3600.0
    control: str = ""
    case: str = ""
    note: str = ""
    confirmations: int = 3
    added_at: str = ""
    follow: int = 0  # add at most so many pages that this feed or index lists
    parent: str = ""  # the feed or index that this page was found in
    with_browser: bool = False  # every look with a browser, for pages that scripts build
    capture: bool = True  # capture the page into the case when it changed


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
    volatile: tuple[tuple[str, int], ...] = ()
    alternations: int = 0
    validator: str = ""
    whole_at: str = ""  # when the whole file was last downloaded
    control: Reference | None = None
    unknown: Reference | None = None  # what a random address beside the page was answered at first
    suspects: str = ""
    confirmations: int = 0
    first_absent: str = ""
    last_present: str = ""
    failures: int = 0
    last_verdict: str = ""
    contacted_at: str = ""
    removed_at: str = ""
    other_client: bool = False  # a browser or another network was shown the page when a plain look was not
    scripted: bool = False  # a plain look shows no more than for any address: every look with a browser


class Target(Record, frozen=True, kw_only=True):
    """One watched address. `next_at` is UTC in seconds since 1970."""

    url: str
    host: str
    settings: Settings
    state: State
    next_at: float


class Errand(Record, frozen=True, kw_only=True):
    """Something to do about a sighting, outside: tell somebody, note it in a case, capture the page."""

    number: int
    kind: str
    whom: str
    tries: int
    sighting: Sighting


class WatchStore:
    """Open or create the file. Raises CaseError when it is not a watch list or cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
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

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

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
            "INSERT OR REPLACE INTO target VALUES (?,?,?,?,?,?)",
            (
                target.url,
                msgspec.json.encode(target.settings),
                msgspec.json.encode(target.state),
                target.next_at,
                target.host,
                target.settings.parent,
            ),
        )

    def add(self, target: Target) -> bool:
        """Add a target; one that is watched already keeps what is known of it and gets the new settings. True if new.

        A question put to the vendor (`contacted_at`) counts for both.
        """
        try:
            known = self.get(target.url)
        except CaseError:
            known = None  # unreadable: begin anew, as its message advises
        if known is None:
            self.put(target)
            return True
        state = msgspec.structs.replace(known.state, contacted_at=target.state.contacted_at or known.state.contacted_at)
        self.put(msgspec.structs.replace(target, state=state))
        return False

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

    def readable(self) -> list[Target]:
        """All targets that can be read, by address."""
        found = []
        for row in self._db.execute("SELECT * FROM target ORDER BY url").fetchall():
            try:
                found.append(_target(row))
            except CaseError:
                continue  # `due` names it when its time comes, `targets` at once
        return found

    def count(self) -> int:
        """How many addresses are watched."""
        number: int = self._db.execute("SELECT count(*) FROM target").fetchone()[0]
        return number

    def children(self, parent: str) -> int:
        """How many pages were added because this feed or index lists them."""
        number: int = self._db.execute(
            "SELECT count(*) FROM target WHERE parent = ? AND parent != ''", (parent,)
        ).fetchone()[0]
        return number

    def due(self, now: float, limit: int, hosts: Sequence[str] = ()) -> tuple[list[Target], list[str]]:
        """Targets whose time has come, longest due first, without those of `hosts`; and unreadable entries among them.

        Of the hosts that are left out another is looked at meanwhile, so that one slow host delays nobody else.
        """
        try:
            rows = self._db.execute(
                "SELECT * FROM target WHERE (next_at <= ? OR typeof(next_at) NOT IN ('real', 'integer')) "
                "AND host NOT IN (SELECT value FROM json_each(?)) "
                "ORDER BY next_at LIMIT ?",
                (now, msgspec.json.encode(list(hosts)).decode(), limit),
            ).fetchall()
        except sqlite3.DatabaseError as error:
            raise CaseError(f"the watch list cannot be read: {error}", hint="Is the disk in order?") from error
        found: list[Target] = []
        broken: list[str] = []
        for row in rows:
            try:
                found.append(_target(row))
            except CaseError:
                broken.append(row[0])
        return found, broken

    def postpone(self, url: str, next_at: float) -> None:
        """Look at an entry later, whatever stands in it."""
        self._db.execute("UPDATE target SET next_at = ? WHERE url = ?", (next_at, url))

    def shift(self, seconds: float) -> None:
        """Move the whole schedule, after the clock was set."""
        self._db.execute("UPDATE target SET next_at = next_at + ?", (seconds,))
        self._db.execute("UPDATE errand SET next_at = 0 WHERE done = ''")

    def add_sighting(self, sighting: Sighting) -> int:
        """Append one look; looks are never changed. Returns its number."""
        done = self._db.execute(
            "INSERT INTO sighting (url, at, body) VALUES (?,?,?)",
            (sighting.url, sighting.at, msgspec.json.encode(sighting)),
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def history(self, url: str, limit: int = 1_000_000) -> list[Sighting]:
        """All looks at an address, oldest first."""
        rows = self._db.execute(f"{_LOOKS} WHERE url = ? ORDER BY number DESC LIMIT ?", (url, limit))
        return [_look(row) for row in rows][::-1]

    def last(self, url: str) -> Sighting | None:
        """The latest look at an address."""
        looks = self.history(url, 1)
        return looks[0] if looks else None

    def since(self, at: str) -> list[Sighting]:
        """All looks from a moment on (ISO 8601 UTC), oldest first."""
        rows = self._db.execute(f"{_LOOKS} WHERE at >= ? ORDER BY number", (at,))
        return [_look(row) for row in rows]

    def keep_body(self, digest: Sha256, data: bytes) -> None:
        """Keep a page's bytes, once each."""
        self._db.execute("INSERT OR IGNORE INTO body VALUES (?,?)", (digest, zlib.compress(data, 6)))

    def body(self, digest: Sha256) -> bytes | None:
        """The bytes kept under a digest, or None."""
        row = self._db.execute("SELECT data FROM body WHERE digest = ?", (digest,)).fetchone()
        try:
            return None if row is None else zlib.decompress(row[0])
        except (zlib.error, TypeError) as error:
            raise CaseError(f"the page kept under {digest} cannot be read: {error}") from error

    def raise_alarm(self, key: str, at: str, sighting: int) -> bool:
        """Whether this alarm is new. The same key is never raised twice."""
        done = self._db.execute("INSERT OR IGNORE INTO alarm VALUES (?,?,?)", (key, at, sighting))
        return done.rowcount > 0

    def add_errand(self, kind: str, whom: str, sighting: int) -> None:
        """Note what is to be done about a sighting, in the transaction that records it."""
        self._db.execute("INSERT OR IGNORE INTO errand (kind, whom, sighting) VALUES (?,?,?)", (kind, whom, sighting))

    def errands(self, now: float, limit: int = 50) -> list[Errand]:
        """What is to be done now, oldest first; captures, which take their time, after the rest."""
        rows = self._db.execute(
            "SELECT errand.number, kind, whom, tries, sighting.url, sighting.at, body "
            "FROM errand JOIN sighting ON sighting.number = sighting "
            "WHERE done = '' AND next_at <= ? ORDER BY kind = 'capture', errand.number LIMIT ?",
            (now, limit),
        ).fetchall()
        return [Errand(number=row[0], kind=row[1], whom=row[2], tries=row[3], sighting=_look(row[4:])) for row in rows]

    def open_errands(self) -> list[tuple[str, str, int, str]]:
        """What is not done yet: kind, for whom, how often tried, why it failed last."""
        return list(self._db.execute("SELECT kind, whom, tries, failure FROM errand WHERE done = '' ORDER BY number"))

    def errand_done(self, number: int, at: str) -> None:
        """Note that it is done."""
        self._db.execute("UPDATE errand SET done = ?, failure = '' WHERE number = ?", (at, number))

    def errand_failed(self, number: int, next_at: float, failure: str) -> None:
        """Note that it failed, and when to try again."""
        self._db.execute(
            "UPDATE errand SET tries = tries + 1, next_at = ?, failure = ? WHERE number = ?",
            (next_at, failure[:500], number),
        )

    def mark(self, name: str) -> str:
        """A note of the watch to itself, or an empty string."""
        row = self._db.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def set_mark(self, name: str, value: str) -> None:
        """Replace such a note."""
        self._db.execute("INSERT OR REPLACE INTO mark VALUES (?,?)", (name, value))


def _look(row: tuple[object, object, bytes]) -> Sighting:
    """One recorded look. One that was edited by hand and cannot be read is shown as that, and hides no other."""
    url, at, body = row
    try:
        return msgspec.json.decode(body, type=Sighting)
    except (msgspec.MsgspecError, TypeError) as error:
        why = UntrustedText(f"this recorded look cannot be read; was the file edited by hand? {error}"[:500])
        return Sighting(url=UntrustedText(str(url)), at=_time(at), verdict=Verdict.UNCLEAR, reasons=(why,))


def _time(at: object) -> str:
    try:
        return datetime.fromisoformat(str(at)).isoformat() and str(at)
    except ValueError:
        return "1970-01-01T00:00:00.000Z"


def _target(row: tuple[str, bytes, bytes, float, str, str]) -> Target:
    url, settings, state, next_at, host, _ = row
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
