"""Several people on one case: who may do what, and where the shared parts lie."""

from enum import StrEnum

from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Record


class Role(StrEnum):
    """What somebody may add to a shared case. One person may have several; everybody with one may read."""

    COLLECTOR = "collector"
    REVIEWER = "reviewer"
    READER = "reader"


_EITHER = (
    EventKind.NOTE,
    EventKind.SEALED,
    EventKind.TIMESTAMPED,
    EventKind.EXPORTED,
    EventKind.KEY_USED,
    EventKind.KEY_ROTATED,
    EventKind.RECOVERED,
    EventKind.FAILED,
)
MAY: dict[Role, frozenset[EventKind]] = {
    Role.COLLECTOR: frozenset(
        (
            *_EITHER,
            EventKind.CASE_OPENED,
            EventKind.ADDED,
            EventKind.CAPTURED,
            EventKind.DOWNLOADED,
            EventKind.IMPORTED,
            EventKind.SCANNED,
            EventKind.DIFFED,
            EventKind.SCREENED,
            EventKind.SIGHTED,
            EventKind.TRANSFERRED,
        )
    ),
    Role.REVIEWER: frozenset(
        (
            *_EITHER,
            EventKind.REVIEWED,
            EventKind.JUDGED,
            EventKind.CONTACT_DRAFTED,
            EventKind.CONTACTED,
            EventKind.ANSWERED,
            EventKind.NO_ANSWER,
            EventKind.PUBLISHED,
            EventKind.CORRECTED,
        )
    ),
    Role.READER: frozenset(),
}
"""Kinds of entries that each role may add. The database holds the same table and enforces it by itself."""


class Person(Record, frozen=True, kw_only=True):
    """One person of a newsroom: the database login, the name that the journal shows, and the roles."""

    login: str
    name: str
    roles: tuple[Role, ...]

    def may(self, kind: EventKind) -> bool:
        """Whether one of the roles allows an entry of this kind."""
        return any(kind in MAY[role] for role in self.roles)


class Presence(Record, frozen=True, kw_only=True):
    """Somebody who takes part in a case. `last_at` is empty for who has added nothing to it (UTC, RFC 3339)."""

    person: Person
    last_at: str
    at_work: bool


class Sharing(Record, frozen=True, kw_only=True):
    """`shared.json` in the local folder of a shared case. It holds addresses, never passwords or keys."""

    format: str
    case: str
    journal: str  # postgresql://host[:port]/database
    blobs: str  # s3://bucket/prefix, or another address that fsspec knows
    cache_bytes: int = 20 << 30
