"""Whether a member's bytes fit the CRC-32 that its archive states. Bytes that do not are read all the same."""

from collections.abc import Iterable, Iterator

from isal import isal_zlib

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.unpack.unpacker import FormatError

CONSEQUENCE = "All of it was read, but it is not what was packed: the archive is damaged or was altered."


def of_blob(blob: Blob) -> int:
    """The CRC-32 of all bytes."""
    found = 0
    for _, view in blob.windows():
        found = isal_zlib.crc32(view, found)
    return found


def checked(chunks: Iterable[bytes], expected: int) -> Iterator[bytes]:
    """The same chunks; raises FormatError after the last one when they do not fit."""
    found = 0
    for chunk in chunks:
        found = isal_zlib.crc32(chunk, found)
        yield chunk
    if found != expected:
        raise FormatError("the bytes do not fit the stated CRC-32", consequence=CONSEQUENCE)


def problem(name: str) -> Problem:
    """For a member that is not collected but read where it lies."""
    return Problem(
        code=ProblemCode.CORRUPT,
        message=UntrustedText(f"{name}: the bytes do not fit the stated CRC-32"),
        severity=Severity.PARTIAL,
        consequence=CONSEQUENCE,
    )
