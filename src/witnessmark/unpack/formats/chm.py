"""Compiled HTML help (.chm), the form that many SDK manuals come in."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.lzx import FRAME, LzxInterval
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_MAX_CHUNKS = 1_000_000
_MAX_ENTRIES = 500_000
_MAX_INTERVAL = 8 << 20
_CONTENT = "::DataSpace/Storage/MSCompressed/Content"
_CONTROL = "::DataSpace/Storage/MSCompressed/ControlData"
_RESETS = "::DataSpace/Storage/MSCompressed/Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"


class Chm(Unpacker):
    """Microsoft's help files."""

    NAME = "chm"
    MAGIC = (Magic(data=b"ITSF\x03\0\0\0", offset=None), Magic(data=b"ITSF\x02\0\0\0"))
    DOC = FormatDoc(
        title="Compiled HTML help (chm)",
        kind="document",
        suffixes=(".chm", ".chw", ".its"),
        references=("https://www.russotto.net/chm/chmformat.html",),
        limits=("Full-text indexes inside are opened, not interpreted.",),
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Pages and pictures in the order of the directory, without the file's own tables."""
        help_file = _Help(blob)
        packed = _Packed(help_file) if any(entry.section == 1 for entry in help_file.entries) else None
        for entry in sorted(help_file.entries, key=lambda entry: (entry.section, entry.offset)):
            if entry.name.startswith("::") or not entry.size:
                continue
            if entry.section == 0:
                chunks = iter((help_file.stored(entry),))
            elif entry.section == 1 and packed is not None:
                chunks = packed.chunks(entry)
            else:
                raise FormatError(f"section {entry.section} is not known", code=ProblemCode.UNSUPPORTED)
            name = UntrustedText(entry.name.removeprefix("/"))
            yield Content(name=name, blob=context.collect(chunks, packed_size=blob.size))


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    section: int
    offset: int
    size: int


class _Help:
    """The directory, and what lies in the file unpacked."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        (version,) = struct.unpack("<4xL", blob.view(0, 8))
        directory, size = struct.unpack("<QQ", blob.view(0x48, 16))
        self._content = struct.unpack("<Q", blob.view(0x58, 8))[0] if version >= 3 else directory + size
        self.entries = tuple(self._entries(directory))

    def find(self, name: str) -> _Entry:
        """One of the file's own tables. Raises FormatError where it is missing."""
        for entry in self.entries:
            if entry.name == name and entry.section == 0:
                return entry
        raise FormatError(f"the help file has no {name.rpartition('/')[2]}")

    def stored(self, entry: _Entry) -> bytes:
        """The bytes of an entry that is not packed."""
        data = self._blob.read(self.place(entry), entry.size)
        if len(data) < entry.size:
            raise FormatError(f"{entry.name[:200]} runs past the end", code=ProblemCode.TRUNCATED)
        return data

    def place(self, entry: _Entry) -> int:
        """Where an entry that is not packed starts."""
        return int(self._content + entry.offset)

    def slice(self, start: int, size: int) -> bytes:
        """Bytes of the file."""
        return self._blob.read(start, size)

    def _entries(self, directory: int) -> Iterator[_Entry]:
        head = self._blob.read(directory, 0x54)
        if head[:4] != b"ITSP":
            raise FormatError("the help file has no directory")
        (header_size,) = struct.unpack_from("<L", head, 8)
        (chunk_size,) = struct.unpack_from("<L", head, 0x10)
        (chunks,) = struct.unpack_from("<L", head, 0x2C)
        if not 64 <= chunk_size <= 1 << 20 or chunks > min(_MAX_CHUNKS, self._blob.size // chunk_size + 1):
            raise FormatError("the directory's sizes do not hold together")
        count = 0
        for number in range(chunks):
            chunk = self._blob.read(directory + header_size + number * chunk_size, chunk_size)
            if chunk[:4] != b"PMGL":
                continue
            for entry in _listed(chunk):
                count += 1
                if count > _MAX_ENTRIES:
                    raise FormatError(f"more than {_MAX_ENTRIES} entries", code=ProblemCode.BOUND_MEMBERS)
                yield entry


def _listed(chunk: bytes) -> Iterator[_Entry]:
    (free,) = struct.unpack_from("<L", chunk, 4)
    at, end = 0x14, len(chunk) - free
    while at < end:
        length, at = _number(chunk, at)
        name = decode_name(chunk[at : at + length])
        section, at = _number(chunk, at + length)
        offset, at = _number(chunk, at)
        size, at = _number(chunk, at)
        yield _Entry(name, section, offset, size)


def _number(chunk: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(9):
        byte = chunk[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at
    raise FormatError("a number in the directory is too long")


class _Packed:
    """The packed section: intervals that can be unpacked each for itself."""

    def __init__(self, help_file: _Help) -> None:
        control = help_file.stored(help_file.find(_CONTROL))
        magic, version, interval, window = struct.unpack_from("<4x4sLLL", control)
        if magic != b"LZXC":
            raise FormatError("the compression is not LZX", code=ProblemCode.UNSUPPORTED)
        unit = FRAME if version >= 2 else 1
        table = help_file.stored(help_file.find(_RESETS))
        count, entry_size, header = struct.unpack_from("<4xLLL", table)
        self._size, self._packed_size, frame = struct.unpack_from("<QQQ", table, 16)
        if frame != FRAME or entry_size != 8 or header + 8 * count > len(table):
            raise FormatError("the table of intervals is damaged")
        self._frames = struct.unpack_from(f"<{count}Q", table, header)
        self._interval = interval * unit // FRAME
        self._window_bits = (window * unit).bit_length() - 1
        if not 1 <= self._interval <= _MAX_INTERVAL // FRAME:
            raise FormatError("the intervals are too large", code=ProblemCode.BOUND_STRUCTURE)
        self._help = help_file
        self._start = help_file.place(help_file.find(_CONTENT))
        self._last: tuple[int, bytes] = (-1, b"")

    def chunks(self, entry: _Entry) -> Iterator[bytes]:
        """The bytes of an entry."""
        step = self._interval * FRAME
        at, end = entry.offset, entry.offset + entry.size
        if end > self._size:
            raise FormatError(f"{entry.name[:200]} runs past the end", code=ProblemCode.TRUNCATED)
        while at < end:
            number = at // step
            data = self._unpacked(number)
            piece = data[at - number * step : end - number * step]
            if not piece:
                raise FormatError("an interval is shorter than it should be")
            yield piece
            at += len(piece)

    def _unpacked(self, number: int) -> bytes:
        """One interval; the last one is kept, since entries follow each other in it."""
        if self._last[0] == number:
            return self._last[1]
        first = number * self._interval
        start = self._frames[first]
        following = first + self._interval
        end = self._frames[following] if following < len(self._frames) else self._packed_size
        size = min(self._interval * FRAME, self._size - number * self._interval * FRAME)
        if not 0 <= end - start <= 2 * size + 65_536:
            raise FormatError("the table of intervals is damaged")
        packed = self._help.slice(self._start + start, end - start)
        self._last = (number, LzxInterval(packed, self._window_bits).unpack(size))
        return self._last[1]


UNPACKER = Chm()
