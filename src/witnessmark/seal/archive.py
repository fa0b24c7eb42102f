"""One bundle as one ZIP file in the only form we accept: stored, sorted, nothing between, before or after.

Given its members, such a file has exactly one possible sequence of bytes. Whoever checks it builds those bytes again
and compares, so that a changed header, a hidden member, a comment or trailing bytes cannot go unnoticed.
ZIP64 records are used for every size and offset, so that there is no second form for large bundles.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from witnessmark.blob import Blob
from witnessmark.errors import VerificationFailed

_DATE, _TIME = 0x0021, 0  # 1980-01-01 00:00, ZIP's zero
_ALL16, _ALL32 = 0xFFFF, 0xFFFFFFFF
MAX_MEMBERS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One member: its name, size, CRC-32, and where its local header starts."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def data(self) -> int:
        """Where the member's bytes start."""
        return self.offset + 30 + len(self.name.encode()) + 20

    def local(self) -> bytes:
        """The header before the member's bytes."""
        name = self.name.encode()
        extra = struct.pack("<HHQQ", 1, 16, self.size, self.size)
        fixed = (b"PK\3\4", 45, 0x800, 0, _TIME, _DATE, self.crc, _ALL32, _ALL32, len(name), len(extra))
        return struct.pack("<4sHHHHHIIIHH", *fixed) + name + extra

    def central(self) -> bytes:
        """The row in the directory at the end."""
        name = self.name.encode()
        extra = struct.pack("<HHQQQ", 1, 24, self.size, self.size, self.offset)
        fixed = (b"PK\1\2", 45 | 3 << 8, 45, 0x800, 0, _TIME, _DATE, self.crc, _ALL32, _ALL32, len(name), len(extra))
        rest = (0, 0, 0, 0o100644 << 16, _ALL32)
        return struct.pack("<4sHHHHHHIIIHH", *fixed) + struct.pack("<HHHII", *rest) + name + extra


def ending(count: int, start: int, length: int) -> bytes:
    """The records after the directory."""
    zip64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45 | 3 << 8, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, start + length, 1)
    return zip64 + locator + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, _ALL16, _ALL16, _ALL32, _ALL32, 0)


def write(folder: Path, top: str, out: BinaryIO) -> None:
    """Write all files under `folder` as `top/…`, sorted by name."""
    entries, offset = [], 0
    for path in sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix()):
        blob = Blob.of_path(path)
        crc = 0
        for _, view in blob.windows():
            crc = zlib.crc32(view, crc)
        entry = Entry(name=f"{top}/{path.relative_to(folder).as_posix()}", size=blob.size, crc=crc, offset=offset)
        out.write(entry.local())
        for _, view in blob.windows():
            out.write(view)
        offset = entry.data + entry.size
        entries.append(entry)
    directory = b"".join(entry.central() for entry in entries)
    out.write(directory)
    out.write(ending(len(entries), offset, len(directory)))


def read(blob: Blob) -> tuple[Entry, ...]:
    """All members, after every byte that is not a member's own was compared with what it must be.

    Raises VerificationFailed naming the first wrong byte. The members' bytes are checked against their CRC-32 here
    and against the manifests later.
    """
    tail = ending(0, 0, 0)
    if blob.size < len(tail):
        raise VerificationFailed("the file is too short to be a sealed bundle")
    position = blob.size - len(tail)
    count, _, length, start = struct.unpack("<QQQQ", blob.read(position + 24, 32))
    if start + length != position or count > MAX_MEMBERS or blob.read(position) != ending(count, start, length):
        raise VerificationFailed(
            f"the end of the ZIP file (bytes {position} to {blob.size - 1}) is not as it was written: "
            "changed, cut, or something was put before or after it"
        )
    entries, at, expected = [], start, 0
    for _ in range(count):
        entry = _row(blob, at, expected)
        at += len(entry.central())
        expected = entry.data + entry.size
        entries.append(entry)
    names = [entry.name for entry in entries]
    one_folder = len({name.partition("/")[0] for name in names}) == 1  # two could hide one file behind another
    if at != position or expected != start or names != sorted(set(names)) or not one_folder:
        raise VerificationFailed(f"the ZIP directory (bytes {start} to {position - 1}) is not as it was written")
    for entry in entries:
        _check_member(blob, entry)
    return tuple(entries)


def _row(blob: Blob, at: int, expected: int) -> Entry:
    raw = blob.read(at, 46)
    if len(raw) < 46:
        raise VerificationFailed(f"the ZIP directory ends early at byte {at}")
    crc, name_length = struct.unpack_from("<I", raw, 16)[0], struct.unpack_from("<H", raw, 28)[0]
    name = blob.read(at + 46, name_length)
    extra = blob.read(at + 46 + name_length, 28)
    if len(extra) < 28:
        raise VerificationFailed(f"the ZIP directory ends early at byte {at}")
    size, _, offset = struct.unpack_from("<QQQ", extra, 4)
    try:
        entry = Entry(name=name.decode("utf-8"), size=size, crc=crc, offset=offset)
    except UnicodeDecodeError as error:
        raise VerificationFailed(f"the ZIP directory holds an unreadable name at byte {at + 46}") from error
    wanted = entry.central()
    if offset != expected or blob.read(at, len(wanted)) != wanted:
        raise VerificationFailed(f"the ZIP directory's row for {entry.name!r} (byte {at}) is not as it was written")
    return entry


def _check_member(blob: Blob, entry: Entry) -> None:
    local = entry.local()
    if blob.read(entry.offset, len(local)) != local:
        raise VerificationFailed(f"the ZIP header of {entry.name!r} (byte {entry.offset}) is not as it was written")
    crc = 0
    for _, view in blob.part(entry.data, entry.size).windows():
        crc = zlib.crc32(view, crc)
    if crc != entry.crc:
        raise VerificationFailed(
            f"{entry.name!r} (bytes {entry.data} to {entry.data + entry.size - 1} of the ZIP file) was changed"
        )


def members(blob: Blob, entries: tuple[Entry, ...]) -> Iterator[tuple[str, Blob]]:
    """Each member's name without the top folder, and its bytes."""
    for entry in entries:
        yield entry.name.partition("/")[2], blob.part(entry.data, entry.size)
