"""One look at a watched address, and what it amounts to."""

from enum import StrEnum

from witnessmark.model.fact import Record, Sha256, UntrustedText


class Verdict(StrEnum):
    """What a look shows. `removed` is only ever said after every check that could contradict it."""

    SAME = "same"
    CHANGED = "changed"
    SECTION_REMOVED = "section-removed"
    MOVED = "moved"
    REMOVED = "removed"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    UNCLEAR = "unclear"


class Cause(StrEnum):
    """Why the verdict is what it is; stable names for machines."""

    NONE = ""
    FIRST_LOOK = "first-look"
    TEXT = "text"
    BYTES = "bytes"
    NOT_FOUND = "http-404"
    GONE = "http-410"
    REDIRECT_HOME = "redirect-home"
    REDIRECT = "redirect"
    SOFT_404 = "soft-404"
    EMPTIED = "emptied"
    WITHDRAWN = "file-withdrawn"
    REPLACED = "file-replaced"
    CAPTCHA = "captcha"
    FORBIDDEN = "http-403"
    LEGAL = "http-451"
    LOGIN = "login"
    REGION = "region"
    RATE_LIMIT = "http-429"
    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    CUT = "cut-short"
    SERVER_ERROR = "server-error"
    MAINTENANCE = "maintenance"
    PROTOCOL = "protocol"
    OTHER_STATUS = "other-status"
    OTHER_CLIENT = "other-client"
    CONSENT = "consent"
    PARKED = "parked"
    RESTORED = "restored"


class CheckKind(StrEnum):
    """The checks that stand between a suspicion and the word `removed`."""

    REPEAT = "repeat"
    CONTROL = "control-page"
    SIBLING = "random-sibling"
    BROWSER = "browser"
    SECOND_NETWORK = "second-network"


class Check(Record, frozen=True, kw_only=True):
    """One check: whether it supports a removal, contradicts it, or could not be made (None)."""

    kind: CheckKind
    supports: bool | None
    says: UntrustedText


class Sighting(Record, frozen=True, kw_only=True):
    """One recorded look.

    `at` is UTC, ISO 8601; `clock_offset` is our clock minus the server's `Date`, in seconds (None if it sent none).
    `suspects` is set while a removal is suspected and not yet confirmed: the verdict is then `unclear`.
    """

    url: UntrustedText
    at: str
    verdict: Verdict
    cause: Cause = Cause.NONE
    suspects: Cause | None = None
    confirmations: int = 0
    status: int | None = None
    final_url: UntrustedText = UntrustedText("")
    digest: Sha256 | None = None
    size: int | None = None
    clock_offset: float | None = None
    removed_text: tuple[UntrustedText, ...] = ()
    added_text: tuple[UntrustedText, ...] = ()
    likeness: float | None = None
    checks: tuple[Check, ...] = ()
    reasons: tuple[UntrustedText, ...] = ()


class Interval(Record, frozen=True, kw_only=True):
    """When something went: between the last look that still showed it and the first that did not (UTC, ISO 8601).

    `offsets`: our clock minus the server's at the two looks, seconds, where it was sent. `clock_moved` says that our
    clock ran backwards in between, so that the length (`seconds`) means nothing.
    """

    last_present: str
    first_absent: str
    confirmed: str | None
    seconds: float
    offsets: tuple[float | None, float | None] = (None, None)
    clock_moved: bool = False


class Moment(Record, frozen=True, kw_only=True):
    """One line of a timeline. `kind` is a look's verdict, `cause` its cause; or `kind` that of an event of the case."""

    at: str
    kind: str
    url: UntrustedText
    says: UntrustedText
    passages: tuple[UntrustedText, ...] = ()
    checks: tuple[Check, ...] = ()
    cause: str = ""


class Timeline(Record, frozen=True, kw_only=True):
    """What happened to the watched pages, and around them, in order; with the interval of each removal.

    `milestones` are sentences: contact, first change, replaced download, removal, list entries, with the time between.
    """

    title: UntrustedText
    moments: tuple[Moment, ...]
    removals: tuple[tuple[UntrustedText, Interval], ...] = ()
    milestones: tuple[UntrustedText, ...] = ()
