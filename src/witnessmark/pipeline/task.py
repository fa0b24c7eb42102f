"""What the driver and its workers say to each other."""

import msgspec

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record, Sha256
from witnessmark.model.finding import Finding
from witnessmark.model.maker import MakerSaid
from witnessmark.model.match import Term
from witnessmark.model.observation import Observation
from witnessmark.model.problem import Problem
from witnessmark.unpack.unpacker import Limits


class Piece(Record, frozen=True, kw_only=True):
    """A file to walk. `owned`: a scratch file that is deleted afterwards."""

    path: str
    size: int
    locator: Locator
    owned: bool = False


class Dead(Record, frozen=True, kw_only=True):
    """A place where an earlier attempt died; -1 members: at the leaf itself."""

    path: tuple[str, ...]
    members: int


class Task(Record, frozen=True, kw_only=True):
    """Some work. `key` numbers the tasks; sub-tasks extend their parent's key."""

    key: tuple[int, ...]
    pieces: tuple[Piece, ...]
    skip: tuple[Dead, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of input, by which the largest work is started first."""
        return sum(piece.size for piece in self.pieces)


class Counts(Record, frozen=True, kw_only=True):
    """Coverage figures of one task."""

    seen: int = 0
    unread: int = 0
    bytes_read: int = 0
    containers: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            seen=self.seen + other.seen,
            unread=self.unread + other.unread,
            bytes_read=self.bytes_read + other.bytes_read,
            containers=self.containers + other.containers,
        )


class Outcome(Record, frozen=True, kw_only=True):
    """What came of one task. `digest` names the input's bytes and names, for the result cache."""

    observations: tuple[Observation, ...] = ()
    problems: tuple[Problem, ...] = ()
    makers: tuple[MakerSaid, ...] = ()
    counts: Counts = Counts()
    further: tuple[Piece, ...] = ()
    digest: Sha256 | None = None
    cached: bool = False


class Explained(Record, frozen=True, kw_only=True):
    """What all observations of a scan together amount to."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


class Setup(Record, frozen=True, kw_only=True):
    """All a worker needs to know before its first task."""

    terms: tuple[Term, ...]
    limits: Limits
    passwords: tuple[str, ...]
    scratch: str
    readable: tuple[str, ...]
    progress: str
    matcher_cache: str | None
    result_cache: str | None
    result_key: str
    split: bool


class Ready(Record, frozen=True, kw_only=True):
    """A worker's first word: which protection it put on."""

    protection: str


ENCODER = msgspec.msgpack.Encoder()
