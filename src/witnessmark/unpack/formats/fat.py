"""FAT12, FAT16 and FAT32 images with long names; unowned clusters are matched as they stand."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import (
    Accounted,
    Content,
    Context,
    FormatDoc,
    FormatError,
    Magic,
    Passed,
    Unpacked,
    Unpacker,
)

MAX_ENTRIES = 4_000_000
FOLDER, VOLUME, LONG = 0x10, 0x08, 0x0F


@dataclass(frozen=True)
class _Disk:
    blob: Blob
    cluster: int
    data: int
    bits: int
    table: bytes
    clusters: int

    def following(self, number: int) -> int:
        if self.bits == 12:
            pair = int.from_bytes(self.table[number + number // 2 : number + number // 2 + 2], "little")
            return pair >> 4 if number & 1 else pair & 0xFFF
        width = self.bits // 8
        value = int.from_bytes(self.table[number * width : (number + 1) * width], "little")
        return value & 0x0FFFFFFF if width == 4 else value

    def chain(self, first: int) -> Iterator[int]:
        end = {12: 0xFF8, 16: 0xFFF8, 32: 0x0FFFFFF8}[self.bits]
        number = first
        for _ in range(self.clusters + 1):
            if number < 2 or number >= end:
                return
            if number >= self.clusters + 2:
                raise FormatError("a cluster outside the image")
            yield number
            number = self.following(number)
        raise FormatError("a chain of clusters without an end")

    def offset(self, number: int) -> int:
        return self.data + (number - 2) * self.cluster


class Fat(Unpacker):
    """The file system of memory cards and boot partitions."""

    NAME = "fat"
    MAGIC = (
        Magic(data=b"FAT12   ", offset=54),
        Magic(data=b"FAT16   ", offset=54),
        Magic(data=b"FAT32   ", offset=82),
    )
    DOC = FormatDoc(
        title="FAT12, FAT16, FAT32",
        kind="file system",
        suffixes=(".fat", ".vfat", ".img"),
        references=("https://academy.cba.mit.edu/classes/networking_communications/SD/FAT.pdf",),
        limits=("exFAT needs 7-Zip and is not recognised here.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A parameter block that makes sense."""
        try:
            _disk(blob)
        except (FormatError, struct.error):
            return False
        return blob.read(510, 2) == b"\x55\xaa"

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files, folder by folder."""
        disk, root, root_cluster = _disk(blob)
        yield Accounted(0, disk.data)
        stack = [(root if root_cluster < 2 else _folder(disk, root_cluster), "")]
        seen: set[int] = set()
        count = 0
        while stack:
            data, path = stack.pop()
            below = []
            for raw, attributes, first, size in _entries(data):
                count += 1
                if count > MAX_ENTRIES:
                    raise FormatError("more files than the bound", code=ProblemCode.BOUND_MEMBERS)
                name = UntrustedText(path + raw)
                if attributes & FOLDER:
                    yield Passed(name=UntrustedText(f"{name}/"))
                    if first not in seen:
                        seen.add(first)
                        below.append((_folder(disk, first), f"{name}/"))
                    continue
                yield from _file(disk, name, first, size, context)
            stack.extend(reversed(below))


def _file(disk: _Disk, name: UntrustedText, first: int, size: int, context: Context) -> Iterator[Unpacked]:
    numbers: list[int] = []
    try:
        for number in disk.chain(first) if size else ():
            numbers.append(number)
            if len(numbers) * disk.cluster >= size:
                break
    except FormatError as error:
        yield Passed(code=ProblemCode.CORRUPT, name=name, message=str(error))
        return
    for number in numbers:
        yield Accounted(disk.offset(number), disk.cluster)
    if numbers and numbers[-1] - numbers[0] == len(numbers) - 1 and numbers == sorted(numbers):
        yield Content(name=name, blob=disk.blob.part(disk.offset(numbers[0]), size))
        return
    pieces = (disk.blob.read(disk.offset(number), disk.cluster) for number in numbers)
    whole = context.collect(pieces)
    yield Content(name=name, blob=whole.part(0, size))


def _folder(disk: _Disk, first: int) -> bytes:
    return b"".join(disk.blob.read(disk.offset(number), disk.cluster) for number in disk.chain(first))


def _disk(blob: Blob) -> tuple[_Disk, bytes, int]:
    """The disk, the bytes of a fixed root folder, and the cluster of a movable one."""
    raw = blob.read(0, 512)
    sector, per_cluster, reserved, fats, roots, small = struct.unpack_from("<HBHBHH", raw, 11)
    (per_fat,) = struct.unpack_from("<H", raw, 22)
    (large,) = struct.unpack_from("<I", raw, 32)
    root_cluster = 0
    if not per_fat:
        (per_fat,) = struct.unpack_from("<I", raw, 36)
        (root_cluster,) = struct.unpack_from("<I", raw, 44)
    if sector not in (512, 1024, 2048, 4096) or per_cluster not in (1, 2, 4, 8, 16, 32, 64, 128):
        raise FormatError("a FAT parameter block that makes no sense")
    if not (reserved and 1 <= fats <= 2 and per_fat):
        raise FormatError("a FAT parameter block that makes no sense")
    root_at = (reserved + fats * per_fat) * sector
    data = root_at + -(-roots * 32 // sector) * sector
    clusters = max(0, ((small or large) * sector - data) // (per_cluster * sector))
    bits = 32 if root_cluster else 12 if clusters < 4085 else 16
    table = blob.read(reserved * sector, min(per_fat * sector, 256 << 20))
    disk = _Disk(blob, per_cluster * sector, data, bits, table, clusters)
    return disk, blob.read(root_at, roots * 32), root_cluster


def _entries(data: bytes) -> Iterator[tuple[str, int, int, int]]:
    """(name, attributes, first cluster, size); deleted entries are left to the raw matching."""
    long_parts: list[str] = []
    for at in range(0, len(data) - 31, 32):
        entry = data[at : at + 32]
        if entry[0] == 0:
            return
        attributes = entry[11]
        if entry[0] == 0xE5:
            long_parts = []
        elif attributes & 0x3F == LONG:
            text = entry[1:11] + entry[14:26] + entry[28:32]
            long_parts.insert(0, text.decode("utf-16-le", "replace").split("\0")[0].rstrip("\uffff"))
        elif attributes & VOLUME:
            long_parts = []
        else:
            stem, suffix = entry[:8].rstrip(b" "), entry[8:11].rstrip(b" ")
            short = decode_name(stem + (b"." + suffix if suffix else b""))
            if short not in (".", ".."):
                high, low, size = struct.unpack_from("<H4xHI", entry, 20)
                yield "".join(long_parts) or short, attributes, high << 16 | low, size
            long_parts = []


UNPACKER = Fat()
