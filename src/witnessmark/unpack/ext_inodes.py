"""Ext2, ext3 and ext4: superblock, inodes and the blocks they name."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.unpack.unpacker import FormatError

MARK = 0xEF53
EXTENTS, INLINE = 0x80000, 0x10000000
MAX_RUNS = 8_000_000
Run = tuple[int, int, int]
"""(block of the file, block of the image, how many); blocks of the file in no run are holes."""


@dataclass(frozen=True)
class Superblock:
    """What is needed to find an inode."""

    block: int
    inodes: int
    blocks: int
    per_group: int
    inode_size: int
    descriptor: int
    first: int


@dataclass(frozen=True)
class Inode:
    """Mode, size and where the bytes are."""

    mode: int
    size: int
    flags: int
    body: bytes


def superblock(blob: Blob) -> Superblock:
    """Read and judge it. Raises FormatError."""
    raw = blob.read(1024, 1024)
    if len(raw) < 1024 or struct.unpack_from("<H", raw, 56)[0] != MARK:
        raise FormatError("no ext superblock")
    inodes, blocks = struct.unpack_from("<II", raw, 0)
    first, log = struct.unpack_from("<II", raw, 20)
    (per_group,) = struct.unpack_from("<I", raw, 40)
    revision = struct.unpack_from("<I", raw, 76)[0]
    inode_size = struct.unpack_from("<H", raw, 88)[0] if revision else 128
    wide = struct.unpack_from("<I", raw, 96)[0] & 0x80
    descriptor = struct.unpack_from("<H", raw, 254)[0] if wide else 32
    if log > 6 or not per_group or inode_size < 128 or descriptor < 32 or not inodes:
        raise FormatError("an ext superblock that makes no sense")
    return Superblock(1024 << log, inodes, blocks, per_group, inode_size, descriptor, first)


def inode(blob: Blob, head: Superblock, number: int) -> Inode:
    """Read one inode. Raises FormatError."""
    if not 1 <= number <= head.inodes:
        raise FormatError(f"inode {number} is not there")
    group, index = divmod(number - 1, head.per_group)
    table_at = (head.first + 1) * head.block + group * head.descriptor
    descriptor = blob.read(table_at, head.descriptor)
    (table,) = struct.unpack_from("<I", descriptor, 8)
    if head.descriptor >= 64:
        table |= struct.unpack_from("<I", descriptor, 40)[0] << 32
    raw = blob.read(table * head.block + index * head.inode_size, 128)
    mode, low = struct.unpack_from("<H2xI", raw, 0)
    (flags,) = struct.unpack_from("<I", raw, 32)
    high = struct.unpack_from("<I", raw, 108)[0] if mode & 0xF000 == 0x8000 else 0
    return Inode(mode, low | high << 32, flags, raw[40:100])


def runs(blob: Blob, head: Superblock, node: Inode) -> list[Run]:
    """Where the file's blocks lie, in order of the file. Raises FormatError."""
    found: list[Run] = []
    source = _extents(blob, head, node.body, 0) if node.flags & EXTENTS else _mapped(blob, head, node)
    for run in source:
        if run[2] <= 0 or (run[1] + run[2]) * head.block > blob.size + head.block:
            raise FormatError("a file whose blocks lie outside the image")
        if found and found[-1][0] + found[-1][2] == run[0] and found[-1][1] + found[-1][2] == run[1]:
            found[-1] = (found[-1][0], found[-1][1], found[-1][2] + run[2])
        else:
            found.append(run)
        if len(found) > MAX_RUNS:
            raise FormatError("more pieces of a file than the bound")
    return sorted(found)


def _extents(blob: Blob, head: Superblock, data: bytes, depth_seen: int) -> Iterator[Run]:
    magic, count, _, depth = struct.unpack_from("<4H", data, 0)
    if magic != 0xF30A or depth_seen > 8 or 12 + count * 12 > len(data):
        raise FormatError("an extent tree that makes no sense")
    for index in range(count):
        at = 12 + 12 * index
        if depth == 0:
            logical, length, high, low = struct.unpack_from("<IHHI", data, at)
            if length <= 0x8000:  # longer ones are reserved but never written
                yield logical, high << 32 | low, length
        else:
            _, low, high = struct.unpack_from("<IIH", data, at)
            yield from _extents(blob, head, blob.read((high << 32 | low) * head.block, head.block), depth_seen + 1)


def _mapped(blob: Blob, head: Superblock, node: Inode) -> Iterator[Run]:
    direct = struct.unpack("<15I", node.body)
    total = -(-node.size // head.block)
    for index, block in enumerate(direct[:12]):
        if block and index < total:
            yield index, block, 1
    per_block = head.block // 4
    logical = 12
    for level, block in enumerate(direct[12:], start=1):
        if block and logical < total:
            yield from _indirect(blob, head, block, level, logical, total)
        logical += per_block**level


def _indirect(blob: Blob, head: Superblock, block: int, level: int, logical: int, total: int) -> Iterator[Run]:
    per_block = head.block // 4
    data = blob.read(block * head.block, head.block)
    if len(data) < head.block:
        raise FormatError("a block map outside the image")
    step = per_block ** (level - 1)
    for index, entry in enumerate(struct.unpack(f"<{per_block}I", data)):
        at = logical + index * step
        if at >= total:
            return
        if entry and level == 1:
            yield at, entry, 1
        elif entry:
            yield from _indirect(blob, head, entry, level - 1, at, total)


def content(blob: Blob, head: Superblock, node: Inode) -> Iterator[bytes]:
    """The file's bytes, holes as zeros. Raises FormatError."""
    if node.flags & INLINE:
        yield node.body[: node.size]
        return
    at = 0
    for logical, physical, count in runs(blob, head, node):
        start = logical * head.block
        while at < min(start, node.size):
            hole = min(start, node.size) - at
            yield bytes(min(hole, 1 << 20))
            at += min(hole, 1 << 20)
        for _, view in blob.part(physical * head.block, min(count * head.block, node.size - at)).windows():
            yield bytes(view)
            at += len(view)
    while at < node.size:
        yield bytes(min(node.size - at, 1 << 20))
        at += min(node.size - at, 1 << 20)


def entries(data: bytes) -> Iterator[tuple[bytes, int]]:
    """(name, inode) of a folder's bytes, `.` and `..` left out."""
    at = 0
    while at + 8 <= len(data):
        number, length, name_length = struct.unpack_from("<IHB", data, at)
        if length < 8:
            return
        name = data[at + 8 : at + 8 + name_length]
        if number and name not in (b".", b"..") and name:
            yield name, number
        at += length
