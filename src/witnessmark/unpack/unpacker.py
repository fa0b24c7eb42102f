"""What an unpacker is. Unpackers live one a file in `unpack/formats/`, each a module-level `UNPACKER`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode


class BoundHit(Exception):
    """A limit was reached. Becomes a `Problem` of the same code; the run goes on with the next member."""

    def __init__(self, code: ProblemCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Exhausted(BoundHit):
    """A limit of the whole scan was reached: nothing more is unpacked."""


class FormatError(Exception):
    """The bytes are not what the format says. Becomes a `corrupt` or `truncated` Problem; members so far are kept."""

    def __init__(
        self, message: str, *, code: ProblemCode = ProblemCode.CORRUPT, hint: str = "", consequence: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.consequence = consequence


@dataclass(frozen=True, kw_only=True)
class Magic:
    """Bytes that mark the format, and where. `offset=None` means: worth carving for anywhere in a file.

    `then`: what must follow when carving, as an expression for `then_size` bytes; short marks alone are everywhere.
    """

    data: bytes
    offset: int | None = 0
    then: bytes = b""
    then_size: int = 0


@dataclass(frozen=True, kw_only=True)
class FormatDoc:
    """What `docs/formats.md` says about a format. `limits` empty means: everything in the references is read."""

    title: str
    kind: str  # "archive" | "compression" | "file system" | "firmware" | "app" | "document" | "data"
    suffixes: tuple[str, ...]
    references: tuple[str, ...]
    limits: tuple[str, ...] = ()
    program: str | None = None  # a system program used through the sandbox when installed
    install: str | None = None  # how to install it
    in_place: bool = False  # the file's own bytes are matched too; what comes out only adds to them


@dataclass(frozen=True, kw_only=True)
class Content:
    """One member. `text=True`: derived text (a PDF page, a mail body), not bytes as they lie in the file."""

    name: UntrustedText
    blob: Blob
    text: bool = False


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A member without bytes that can be read: a link, a device, an encrypted file. Reported once a container and code.

    `code=None`: nothing is missing (a folder); only the name is matched.
    """

    name: UntrustedText
    code: ProblemCode | None = None
    message: str = ""


@dataclass(frozen=True)
class Accounted:
    """A byte range of the container that its members cover. What no range covers is matched as it stands."""

    offset: int
    length: int


Unpacked = Content | Passed | Accounted | Problem


@dataclass(kw_only=True)
class Limits:
    """Bounds of one scan, all inclusive. Hitting one is a `Problem`, never silence."""

    depth: int = 24
    members: int = 2_000_000
    total_bytes: int = 64 << 30
    member_bytes: int = 16 << 30
    ratio: int = 1_000
    ratio_floor: int = 16 << 20  # a ratio counts only above this many bytes out
    seconds_per_member: float = 120.0
    path_length: int = 4_096
    in_memory: int = 32 << 20  # larger members are spooled to scratch


class Context(Protocol):
    """What an unpacker may use. The only way to get bytes that outlive a read, and the only way to other programs."""

    limits: Limits
    passwords: tuple[str, ...]

    def collect(self, chunks: Iterable[bytes], *, packed_size: int | None = None) -> Blob:
        """Gather a member's bytes, in memory or on scratch, counting them against every bound.

        A bound or damage that concerns this member alone does not raise: the bytes so far are kept and the Problem is
        attached to the member. Raises Exhausted when the whole scan's bound is reached.
        """

    def take_problems(self) -> tuple[Problem, ...]:
        """The problems of what was collected or run last, and forget them."""

    def run(self, program: str, arguments: tuple[str, ...], blob: Blob, suffix: str = "") -> Path:
        """Let an installed program unpack `blob` into a fresh scratch folder, sandboxed; `{input}` and `{output}`
        in `arguments` are replaced. Raises FormatError(PROGRAM_MISSING or PROGRAM_FAILED)."""


class Unpacker(Protocol):
    """One container format. Inherit from it to get the defaults."""

    NAME: str
    MAGIC: tuple[Magic, ...]
    DOC: FormatDoc

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether this blob really is of the format; cheap, called only where a magic or suffix fits."""
        return True

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Yield members in file order. Raise FormatError for damage; what was yielded before it is kept."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Carved:
    """A container found at an offset inside other bytes."""

    offset: int
    length: int | None
    unpacker: str = field(default="")
