"""A rebuildable SQLite index over a case, for questions that would else mean reading every entry.

The journal is the truth. The index remembers which entry it has read up to, by that entry's leaf hash; if that does not
fit, or the file is damaged, it is deleted and built again. On a read-only disk it lives in memory.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from witnessmark.case.folder import Case
from witnessmark.model.evidence import Event, EventKind
from witnessmark.model.fact import Sha256

_SCHEMA = """
CREATE TABLE head (size INTEGER NOT NULL, leaf TEXT NOT NULL);
INSERT INTO head VALUES (0, '');
CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, t_utc TEXT, actor TEXT, words TEXT);
CREATE INDEX event_type ON event (type, seq);
CREATE TABLE item (digest TEXT, seq INTEGER, role TEXT, name TEXT);
CREATE INDEX item_digest ON item (digest, seq);
"""


class Index:
    """Answers by entry number; the entries themselves come from the case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._path = case.path / "index.sqlite"
        self._base = self._connect()

    def close(self) -> None:
        """Give back the file."""
        self._base.close()

    def events(self, *, kind: EventKind | None = None, words: str = "", limit: int = 1_000) -> tuple[Event, ...]:
        """Entries of a kind, or whose text, reason, actor or item names contain all the words, newest first."""
        self._catch_up()
        where, values = ["1"], []
        if kind is not None:
            where.append("type = ?")
            values.append(str(kind))
        for word in words.split():
            where.append("words LIKE ? ESCAPE '\\'")
            escaped = word.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            values.append(f"%{escaped}%")
        query = f"SELECT seq FROM event WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ?"
        return tuple(self._entries(self._base.execute(query, (*values, limit))))

    def naming(self, digest: Sha256) -> tuple[Event, ...]:
        """All entries that name a digest, oldest first: where these bytes came from and what was done with them."""
        self._catch_up()
        rows = self._base.execute("SELECT DISTINCT seq FROM item WHERE digest = ? ORDER BY seq", (digest,))
        return tuple(self._entries(rows))

    def _entries(self, rows: Iterable[tuple[int]]) -> Iterator[Event]:
        events = self._case.events()
        return (events[seq] for (seq,) in rows)

    def _connect(self) -> sqlite3.Connection:
        if self._case.read_only:
            return _empty(":memory:")
        base = sqlite3.connect(self._path, isolation_level=None)
        try:
            (size,) = base.execute("SELECT size FROM head").fetchone()
            sound = base.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except (sqlite3.DatabaseError, TypeError):
            sound, size = False, 0
        if sound and size <= len(self._case.events()):
            return base
        base.close()
        return self._rebuild()

    def _rebuild(self) -> sqlite3.Connection:
        self._path.unlink(missing_ok=True)
        return _empty(str(self._path))

    def _catch_up(self) -> None:
        events = self._case.events()
        size, leaf = self._base.execute("SELECT size, leaf FROM head").fetchone()
        if size and (size > len(events) or (size < len(events) and events[size].prev != leaf)):
            self._base.close()
            self._base = _empty(":memory:") if self._case.read_only else self._rebuild()
            size = 0
        if size == len(events):
            return
        self._base.execute("BEGIN IMMEDIATE")
        (size,) = self._base.execute("SELECT size FROM head").fetchone()  # another process may have been faster
        for event in events[size:]:
            self._base.execute("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?)", _row(event))
            self._base.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", _items(event))
        self._base.execute("UPDATE head SET size = ?, leaf = ?", (len(events), self._case.journal.head.previous))
        self._base.execute("COMMIT")


def _empty(path: str) -> sqlite3.Connection:
    base = sqlite3.connect(path, isolation_level=None)
    base.executescript(_SCHEMA)
    return base


def _row(event: Event) -> tuple[object, ...]:
    names = " ".join(item.name for item in (*event.inputs, *event.outputs))
    words = f"{event.text} {event.reason} {event.actor.name} {names}".casefold()
    return event.seq, event.id, str(event.type), event.t_utc, event.actor.name, words


def _items(event: Event) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [
        (item.digest, event.seq, item.role, item.name) for item in (*event.inputs, *event.outputs)
    ]
    if event.payload is not None:
        rows.append((event.payload, event.seq, "record", event.payload_type))
    return rows
