"""What a custody journal holds: one event, and the facts around it.

The wire form of an event is one line of JSON. The line's bytes are what is hashed, chained and proved, so the
fields may grow (with defaults) without touching old entries. Times are UTC, RFC 3339 with microseconds and `Z`.
"""

from enum import StrEnum

from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.model.finding import ToolStamp
from witnessmark.model.problem import Problem

NO_PREVIOUS = Sha256("0" * 64)


class EventKind(StrEnum):
    """What happened. The value is stable; it is what the journal holds."""

    CASE_OPENED = "case-opened"
    ADDED = "added"
    NOTE = "note"
    CAPTURED = "captured"
    DOWNLOADED = "downloaded"
    IMPORTED = "imported"
    SCANNED = "scanned"
    DIFFED = "diffed"
    SCREENED = "screened"
    JUDGED = "judged"
    SIGHTED = "sighted"
    TRANSFERRED = "transferred"
    REVIEWED = "reviewed"
    CONTACT_DRAFTED = "contact-drafted"
    CONTACTED = "contacted"
    ANSWERED = "answered"
    NO_ANSWER = "no-answer"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    KEY_USED = "key-used"
    KEY_ROTATED = "key-rotated"
    SEALED = "sealed"
    TIMESTAMPED = "timestamped"
    EXPORTED = "exported"
    RECOVERED = "recovered"
    FAILED = "failed"


class ClockReading(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A time and how far to trust it. `offset_seconds`: this clock minus the reference, where it was measured."""

    t_utc: str
    source: str
    offset_seconds: float | None = None
    reference: str = ""


class Actor(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Who acted. A pseudonym is allowed; the same person keeps the same one."""

    name: str = "not stated"
    role: str = ""
    virtual_identity: str = ""


class HostFacts(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the work ran on. The host's name and user are left out on purpose: they identify investigators."""

    system: str
    machine: str = ""
    python: str = ""
    browser: str = ""
    user_agent: str = ""


class NetworkFacts(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How something was fetched. Certificates are given by the digest of their DER bytes."""

    requested_url: UntrustedText = UntrustedText("")
    final_url: UntrustedText = UntrustedText("")
    redirects: tuple[UntrustedText, ...] = ()
    status: int | None = None
    dns: tuple[str, ...] = ()
    server: str = ""
    egress_ip: str = ""
    proxy: str = ""
    tls_version: str = ""
    tls_cipher: str = ""
    tls_chain: tuple[Sha256, ...] = ()
    tls_verdict: str = ""


class Item(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One piece of bytes that went into or came out of an event."""

    digest: Sha256
    size: int
    name: UntrustedText = UntrustedText("")
    media_type: str = ""
    role: str = ""  # "original", "capture", "warc", "screenshot", "report", "partial" …


class Transfer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Custody passing from one hand or place to another."""

    sender: str
    receiver: str
    place: str = ""
    reason: str = ""


class Event(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of the custody journal. `prev` is the RFC 6962 leaf hash of the entry before it."""

    seq: int
    prev: Sha256
    id: str
    type: EventKind
    t_utc: str
    clock: ClockReading
    actor: Actor
    case: str
    tool: ToolStamp
    host: HostFacts
    purpose: str = ""
    config: Sha256 | None = None
    network: NetworkFacts | None = None
    payload: Sha256 | None = None
    payload_type: str = ""
    inputs: tuple[Item, ...] = ()
    outputs: tuple[Item, ...] = ()
    parents: tuple[str, ...] = ()  # ids of the events this one follows from
    errors: tuple[Problem, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    salt: str = ""  # random; left out where an entry is shown masked, so that its hash cannot be used to guess the rest
    reason: str = ""
    text: UntrustedText = UntrustedText("")  # verbatim: a note, a letter as sent, an answer as received
