"""Compound files (OLE): the little file system inside .doc, .xls, .ppt, .msg, .msi and .mpp files.

Our own reader, because the one library there is holds every stream whole in memory and trusts the chains it follows.
Reference: [MS-CFB].
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.unpack.unpacker import FormatError

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_REGULAR = 0xFFFFFFFA
_NONE = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_MAX_ENTRIES = 200_000
_MOST_MINI = 128 << 20  # all small streams of a file lie in one, which is held in memory
_RUN = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One stream: its path with `/` between storages, and where it starts."""

    path: str
    start: int
    size: int


class CompoundFile:
    """A compound file's directory and its streams. Raises FormatError where the tables do not hold together."""

    def __init__(self, blob: Blob) -> None:
        header = blob.read(0, 512)
        if len(header) < 512 or header[:8] != MAGIC:
            raise FormatError("no compound file header")
        shift, mini_shift = struct.unpack_from("<HH", header, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise FormatError(f"a sector size of 2^{shift} is not in the standard")
        self._blob = blob
        self._size = 1 << shift
        self._sectors = max(0, (blob.size - 1) >> shift)  # the header takes the room of one
        (directory,) = struct.unpack_from("<L", header, 48)
        self._cutoff, mini_fat, _, difat, difat_count = struct.unpack_from("<LLLLL", header, 56)
        self._fat = self._load_fat(header, difat, difat_count)
        entries = self._load_directory(directory)
        root = next((entry for entry in entries if entry[1] == _ROOT), None)
        if root is None:
            raise FormatError("the compound file has no root")
        self._mini_fat = self._table(self._chain(mini_fat))
        self._mini = b"".join(self._runs(self._chain(root[5]), min(root[6], blob.size, _MOST_MINI)))
        self.streams = tuple(self._streams(entries))

    def find(self, path: str) -> Stream | None:
        """The stream with that path, whatever its case."""
        return next((stream for stream in self.streams if stream.path.lower() == path.lower()), None)

    def chunks(self, stream: Stream) -> Iterator[bytes]:
        """A stream's bytes, at most about 1 MB at a time. Raises FormatError where its chain breaks."""
        if stream.size < self._cutoff:
            yield self._from_mini(stream)
            return
        given = 0
        for run in self._runs(self._chain(stream.start), stream.size):
            given += len(run)
            yield run
        if given < stream.size:
            raise FormatError(f"the stream {stream.path[:80]} ends early")

    def read(self, stream: Stream, most: int) -> bytes:
        """A whole stream; FormatError where it is larger than `most` bytes."""
        if stream.size > most:
            raise FormatError(f"the stream {stream.path[:80]} is larger than {most} bytes")
        return b"".join(self.chunks(stream))

    def _load_fat(self, header: bytes, difat: int, difat_count: int) -> "array[int]":
        sectors = list(struct.unpack_from("<109L", header, 76))
        seen: set[int] = set()
        for _ in range(min(difat_count, self._sectors)):
            if difat > _MAX_REGULAR or difat in seen:
                break
            seen.add(difat)
            numbers = struct.unpack(f"<{self._size // 4}L", self._sector(difat))
            sectors += numbers[:-1]
            difat = numbers[-1]
        return self._table(number for number in sectors[: self._sectors + 109] if number <= _MAX_REGULAR)

    def _table(self, sectors: Iterator[int]) -> "array[int]":
        table = array("I")
        for count, number in enumerate(sectors):
            if count * (self._size // 4) > self._sectors + self._size:
                break  # the table covers the whole file already
            table.frombytes(self._sector(number))
        if sys.byteorder == "big":
            table.byteswap()
        return table

    def _sector(self, number: int) -> bytes:
        data = self._blob.read((number + 1) * self._size, self._size)
        return data.ljust(self._size, b"\xff")

    def _chain(self, start: int) -> Iterator[int]:
        """Sector numbers from `start`; as many as the file has sectors, then it must be a loop."""
        for _ in range(self._sectors + 1):
            if start > _MAX_REGULAR:
                return
            if start >= len(self._fat):
                raise FormatError("a sector chain leads outside the file")
            yield start
            start = self._fat[start]
        raise FormatError("a sector chain runs in a circle")

    def _runs(self, chain: Iterator[int], size: int) -> Iterator[bytes]:
        """The bytes of a chain up to `size`, neighbouring sectors read in one go."""
        first = last = -2  # no neighbour of sector 0
        left = size
        for number in chain:
            if number == last + 1 and (last - first + 2) * self._size <= min(_RUN, left + self._size):
                last = number
                continue
            if first >= 0:
                yield from self._take(first, last, left)
                left -= (last - first + 1) * self._size
            if left <= 0:
                return
            first = last = number
        if first >= 0 and left > 0:
            yield from self._take(first, last, left)

    def _take(self, first: int, last: int, left: int) -> Iterator[bytes]:
        data = self._blob.read((first + 1) * self._size, min(left, (last - first + 1) * self._size))
        if data:
            yield data

    def _from_mini(self, stream: Stream) -> bytes:
        parts: list[bytes] = []
        number = stream.start
        for _ in range((stream.size + 63) // 64):
            if number >= len(self._mini_fat):
                raise FormatError(f"the stream {stream.path[:80]} ends early")
            parts.append(self._mini[number * 64 : number * 64 + 64])
            number = self._mini_fat[number]
        return b"".join(parts)[: stream.size]

    def _load_directory(self, start: int) -> list[tuple[str, int, int, int, int, int, int]]:
        """(name, kind, left, right, child, first sector, size) for each entry, in the order of their numbers."""
        entries = []
        for number in self._chain(start):
            sector = self._sector(number)
            for at in range(0, self._size, 128):
                name_size, kind, _, left, right, child = struct.unpack_from("<HBBLLL", sector, at + 64)
                first, size, size_high = struct.unpack_from("<LLL", sector, at + 116)
                if self._size == 4096:
                    size |= size_high << 32
                name = sector[at : at + max(0, min(name_size, 64) - 2)].decode("utf-16-le", "replace")
                entries.append((name, kind, left, right, child, first, size))
            if len(entries) > _MAX_ENTRIES:
                raise FormatError(f"more than {_MAX_ENTRIES} directory entries")
        return entries

    def _streams(self, entries: list[tuple[str, int, int, int, int, int, int]]) -> Iterator[Stream]:
        """Every stream once, whether or not the tree reaches it, in the order of the entries."""
        parents: dict[int, str] = {}
        waiting = [(0, "")]
        while waiting:
            number, parent = waiting.pop()
            if number >= len(entries) or number in parents:
                continue
            name, kind, left, right, child, _, _ = entries[number]
            parents[number] = parent
            waiting += [(left, parent), (right, parent)]
            if kind in (_STORAGE, _ROOT):
                waiting.append((child, parent if kind == _ROOT else f"{parent}{msi_name(name)}/"))
        for number, (name, kind, *_, first, size) in enumerate(entries):
            if kind == _STREAM and size:
                yield Stream(path=parents.get(number, "") + msi_name(name), start=first, size=size)


def msi_name(name: str) -> str:
    """A stream name with the packing that Windows Installer uses undone; other names stay as they are."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
    if not any("\u3800" <= character <= "\u4840" for character in name):
        return name
    plain = ""
    for character in name:
        code = ord(character) - 0x3800
        if 0 <= code < 0x1000:
            plain += alphabet[code & 63] + alphabet[code >> 6 & 63]
        elif 0x1000 <= code < 0x1040:
            plain += alphabet[code - 0x1000]
        elif code != 0x1040:  # marks a table
            plain += character
    return plain
