"""What could not be done, and what that means for the result."""

from enum import StrEnum

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record, UntrustedText


class Severity(StrEnum):
    """How much of the answer a problem takes away."""

    NOTE = "note"
    PARTIAL = "partial"
    LOST = "lost"


class ProblemCode(StrEnum):
    """Every kind of gap. The code is stable; the message may be reworded."""

    BOUND_DEPTH = "bound-depth"
    BOUND_MEMBERS = "bound-members"
    BOUND_BYTES = "bound-bytes"
    BOUND_RATIO = "bound-ratio"
    BOUND_TIME = "bound-time"
    BOUND_PATH = "bound-path"
    BOUND_MATCHES = "bound-matches"
    BOUND_OBSERVATIONS = "bound-observations"
    BOUND_STRUCTURE = "bound-structure"
    ENCRYPTED = "encrypted"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    UNSUPPORTED = "unsupported"
    PROGRAM_MISSING = "program-missing"
    PROGRAM_FAILED = "program-failed"
    UNSAFE_NAME = "unsafe-name"
    LINK = "link"
    DEVICE = "device"
    DUPLICATE_NAME = "duplicate-name"
    UNREADABLE = "unreadable"
    WORKER_DIED = "worker-died"
    SANDBOX_WEAK = "sandbox-weak"
    DISK_FULL = "disk-full"
    BAD_ENCODING = "bad-encoding"
    NOT_COMPARED = "not-compared"
    NETWORK = "network"
    REFUSED = "refused"
    CLOCK = "clock"
    LIST_STALE = "list-stale"
    LIST_REFUSED = "list-refused"


class Problem(Record, frozen=True, kw_only=True):
    """A gap, stated: what happened, where, and what the reader cannot conclude because of it."""

    code: ProblemCode
    message: UntrustedText
    severity: Severity = Severity.PARTIAL
    consequence: str = ""
    hint: str = ""
    locator: Locator | None = None
