"""Records and strings of Excel's binary workbook stream (BIFF8). Reference: [MS-XLS]."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.unpacker import FormatError

_CONTINUE = 0x3C
_MAX_RECORDS = 20_000_000
_MAX_STRINGS = 1_500_000
_MOST_CONTINUED = 64 << 20
_WIDE, _ASIAN, _RICH = 1, 4, 8


@dataclass(frozen=True, slots=True)
class Record:
    """One record, with the data of the CONTINUE records after it."""

    kind: int
    data: bytes
    continued: tuple[bytes, ...] = ()


def records(blob: Blob) -> Iterator[Record]:
    """Every record in order. Raises FormatError where one runs past the end."""
    at = 0
    kind, parts, held = 0, list[bytes](), 0
    for _ in range(_MAX_RECORDS):
        head = blob.read(at, 4)
        if len(head) < 4 or head == b"\0\0\0\0":  # padding after the last record
            break
        following, size = struct.unpack("<HH", head)
        data = blob.read(at + 4, size)
        if len(data) < size:
            raise FormatError("a record runs past the end", code=ProblemCode.TRUNCATED)
        at += 4 + size
        if at >> 26 != (at - 4 - size) >> 26:
            blob.forget(at)  # every 64 MB
        if following == _CONTINUE and parts:
            held += size
            if held > _MOST_CONTINUED:
                raise FormatError("a record goes on for too long", code=ProblemCode.BOUND_STRUCTURE)
            parts.append(data)
            continue
        if parts:
            yield Record(kind, parts[0], tuple(parts[1:]))
        kind, parts, held = following, [data], 0
    if parts:
        yield Record(kind, parts[0], tuple(parts[1:]))


class _Segments:
    """A cursor over a record and its continuations. Inside a string, each continuation begins with a new flag."""

    def __init__(self, segments: tuple[bytes, ...]) -> None:
        self._segments = segments
        self._number = 0
        self._at = 0

    def take(self, size: int) -> bytes:
        """Exactly `size` bytes, across borders."""
        parts: list[bytes] = []
        while size > 0:
            segment = self._segments[self._number]
            part = segment[self._at : self._at + size]
            parts.append(part)
            size -= len(part)
            self._at += len(part)
            if size > 0:
                self._following()
        return b"".join(parts)

    def characters(self, count: int, *, wide: bool) -> str:
        """`count` characters; a continuation may change their width."""
        parts: list[str] = []
        while count > 0:
            segment = self._segments[self._number]
            width = 2 if wide else 1
            part = segment[self._at : self._at + count * width]
            part = part[: len(part) - len(part) % width]
            parts.append(part.decode("utf-16-le" if wide else "latin-1", "replace"))
            count -= len(part) // width
            self._at += len(part)
            if count > 0:
                self._following()
                wide = bool(self._segments[self._number][0] & _WIDE)
                self._at = 1
        return "".join(parts)

    def _following(self) -> None:
        self._number += 1
        self._at = 0
        if self._number >= len(self._segments):
            raise FormatError("a string runs past its record")


def shared_strings(record: Record) -> tuple[str, ...]:
    """The workbook's table of strings. [MS-XLS] 2.4.265"""
    cursor = _Segments((record.data, *record.continued))
    (count,) = struct.unpack("<4xL", cursor.take(8))
    if count > _MAX_STRINGS:
        raise FormatError(f"more than {_MAX_STRINGS} strings", code=ProblemCode.BOUND_STRUCTURE)
    strings: list[str] = []
    for _ in range(count):
        length, flags = struct.unpack("<HB", cursor.take(3))
        runs = struct.unpack("<H", cursor.take(2))[0] if flags & _RICH else 0
        asian = struct.unpack("<L", cursor.take(4))[0] if flags & _ASIAN else 0
        strings.append(cursor.characters(length, wide=bool(flags & _WIDE)))
        cursor.take(4 * runs + asian)
    return tuple(strings)


def sized_string(data: bytes, at: int) -> str:
    """A string with a 16-bit length."""
    (length,) = struct.unpack_from("<H", data, at)
    return _characters(data, at + 2, length)


def short_string(data: bytes, at: int) -> str:
    """A string with an 8-bit length."""
    return _characters(data, at + 1, data[at])


def _characters(data: bytes, at: int, length: int) -> str:
    wide = data[at] & _WIDE
    body = data[at + 1 : at + 1 + length * (2 if wide else 1)]
    return body.decode("utf-16-le" if wide else "latin-1", "replace")
