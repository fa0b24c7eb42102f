"""Every bound in one place: the working context that unpackers get their bytes from."""

import lzma
import struct
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.sandbox.program import Allowance, ProgramFailed, ProgramMissing
from witnessmark.sandbox.program import run as run_program
from witnessmark.unpack.codecs import INFLATE_ERROR
from witnessmark.unpack.scratch import Scratch, SpooledBlob
from witnessmark.unpack.unpacker import BoundHit, Exhausted, FormatError, Limits

DAMAGE: tuple[type[Exception], ...] = (
    FormatError,
    struct.error,
    zlib.error,
    INFLATE_ERROR,
    lzma.LZMAError,
    EOFError,
    ValueError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    NotImplementedError,
    TypeError,
)
"""What hostile bytes can make a parser raise. All of it is a statement about the bytes, none about the run."""


def damage_problem(error: BaseException) -> Problem:
    """The Problem for a parser's exception."""
    code = error.code if isinstance(error, FormatError) else ProblemCode.CORRUPT
    if isinstance(error, EOFError):
        code = ProblemCode.TRUNCATED
    return Problem(
        code=code,
        message=UntrustedText(str(error)[:300] or type(error).__name__),
        severity=Severity.PARTIAL,
        consequence=(isinstance(error, FormatError) and error.consequence)
        or "What follows the damage in this member was not unpacked.",
        hint=error.hint if isinstance(error, FormatError) else "",
    )


class Working:
    """The context of one walk: counts members and bytes, keeps deadlines, spools what is large.

    `entered(locator, n)` is told where the walk is: at a leaf (n = -1) or in a container after n members. `skip` holds
    such places where an earlier attempt died: a leaf is left out, a container is left after its first n members.
    `offload` may take a container over, to be walked elsewhere.
    """

    def __init__(
        self,
        limits: Limits,
        scratch: Callable[[], Scratch],
        *,
        passwords: tuple[str, ...] = (),
        tick: Callable[[], None] = lambda: None,
        offload: Callable[[Blob, Locator], bool] | None = None,
        entered: Callable[[Locator, int], None] = lambda locator, members: None,
        skip: Mapping[tuple[str, ...], int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self.passwords = passwords
        self._scratch = scratch
        self._tick = tick
        self.offload = offload
        self.root: tuple[str, ...] = ()
        self.entered = entered
        self.skip = skip or {}
        self._clock = clock
        self._deadline = float("inf")
        self._pending: list[Problem] = []
        self.members = 0
        self.bytes_out = 0
        self.seen = 0
        self.unread = 0

    def next_member(self) -> None:
        """Start the clock for the next member and count it. Raises Exhausted."""
        self.members += 1
        self._deadline = self._clock() + self.limits.seconds_per_member
        if self.members > self.limits.members:
            raise Exhausted(ProblemCode.BOUND_MEMBERS, f"more than {self.limits.members} members")

    def take_problems(self) -> tuple[Problem, ...]:
        """The problems of the member that was collected last, and forget them."""
        problems, self._pending = tuple(self._pending), []
        return problems

    def collect(self, chunks: Iterable[bytes], *, packed_size: int | None = None) -> Blob:
        """See `unpacker.Context`."""
        parts: list[bytes] = []
        size = 0
        chunks = iter(chunks)
        try:
            for chunk in chunks:
                size += len(chunk)
                parts.append(chunk)
                self._check(size, len(chunk), packed_size)
                if size > self.limits.in_memory:
                    return self._spool(parts, chunks, size, packed_size)
        except Exhausted:
            raise
        except BoundHit as bound:
            self._pending.append(_bound_problem(bound))
        except DAMAGE as error:
            self._pending.append(damage_problem(error))
        return Blob.of_bytes(parts[0] if len(parts) == 1 else b"".join(parts))

    def _spool(self, parts: list[bytes], chunks: Iterable[bytes], size: int, packed_size: int | None) -> Blob:
        """Go on collecting in a scratch file. `chunks` must be an iterator that has yielded `parts`."""
        path = self._scratch().fresh()
        with path.open("wb") as file:
            for part in parts:
                file.write(part)
            parts.clear()
            try:
                for chunk in chunks:
                    size += len(chunk)
                    file.write(chunk)
                    self._check(size, len(chunk), packed_size)
            except Exhausted:
                path.unlink()
                raise
            except BoundHit as bound:
                self._pending.append(_bound_problem(bound))
            except DAMAGE as error:
                self._pending.append(damage_problem(error))
            except OSError as error:
                self._pending.append(_disk_problem(error))
        return SpooledBlob.over(path)

    def _check(self, size: int, grown: int, packed_size: int | None) -> None:
        limits = self.limits
        self.bytes_out += grown
        if self.bytes_out > limits.total_bytes:
            raise Exhausted(ProblemCode.BOUND_BYTES, f"more than {limits.total_bytes} bytes came out")
        if size > limits.member_bytes:
            raise BoundHit(ProblemCode.BOUND_BYTES, f"the member is larger than {limits.member_bytes} bytes")
        if packed_size is not None and size > limits.ratio_floor and size > limits.ratio * max(packed_size, 1):
            raise BoundHit(
                ProblemCode.BOUND_RATIO, f"{packed_size} bytes unpacked to more than {limits.ratio} times as much"
            )
        self._tick()
        if self._clock() > self._deadline:
            raise BoundHit(
                ProblemCode.BOUND_TIME, f"the member took more than {limits.seconds_per_member:g} s to unpack"
            )

    def run(self, program: str, arguments: tuple[str, ...], blob: Blob, suffix: str = "") -> Path:
        """See `unpacker.Context`."""
        scratch = self._scratch()
        source = blob.path
        made = None
        if source is None or suffix:
            source = made = scratch.fresh(suffix)
            with source.open("wb") as file:
                for _, view in blob.windows():
                    file.write(view)
        output = scratch.fresh(".d")
        output.mkdir(mode=0o700)
        filled = tuple(
            argument.replace("{input}", str(source.absolute())).replace("{output}", str(output))
            for argument in arguments
        )
        allowance = Allowance(
            seconds=self.limits.seconds_per_member,
            bytes_out=min(self.limits.member_bytes, max(self.limits.ratio_floor, self.limits.ratio * blob.size)),
            files_out=self.limits.members,
        )
        try:
            status = run_program(program, filled, output=output, allowance=allowance, tick=self._tick)
        except ProgramMissing as missing:
            raise FormatError(f"{program} is not installed", code=ProblemCode.PROGRAM_MISSING) from missing
        except ProgramFailed as failed:
            self._pending.append(damage_problem(FormatError(str(failed), code=ProblemCode.PROGRAM_FAILED)))
        else:
            if status != 0:
                error = FormatError(f"{program} ended with status {status}", code=ProblemCode.PROGRAM_FAILED)
                self._pending.append(damage_problem(error))
        finally:
            if made is not None:
                made.unlink(missing_ok=True)
        return output


def _bound_problem(bound: BoundHit) -> Problem:
    return Problem(
        code=bound.code,
        message=UntrustedText(str(bound)),
        consequence="Only the bytes up to the bound were read.",
        hint="Raise the bound if you trust the file.",
    )


def _disk_problem(error: OSError) -> Problem:
    return Problem(
        code=ProblemCode.DISK_FULL,
        message=UntrustedText(f"scratch space: {error.strerror}"),
        consequence="Only the bytes that fitted were read.",
        hint="Give a folder with more room with TMPDIR.",
    )
