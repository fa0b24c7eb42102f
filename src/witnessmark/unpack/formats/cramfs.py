"""Cramfs: the compressed read-only file system of old devices, either byte order."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

LITTLE, BIG = b"\x45\x3d\xcd\x28", b"\x28\xcd\x3d\x45"
BLOCK = 4096
MAX_INODES = 1_000_000


@dataclass(frozen=True)
class _Inode:
    mode: int
    size: int
    name_length: int
    offset: int


class Cramfs(Unpacker):
    """The kernel's format, with zlib blocks."""

    NAME = "cramfs"
    MAGIC = (Magic(data=LITTLE, offset=None), Magic(data=BIG, offset=None), Magic(data=LITTLE), Magic(data=BIG))
    DOC = FormatDoc(
        title="cramfs",
        kind="file system",
        suffixes=(".cramfs",),
        references=("https://www.kernel.org/doc/html/latest/filesystems/cramfs.html",),
        limits=("Extended block pointers (execute in place) are reported, not read.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """The text that every image carries."""
        return blob.read(16, 16) == b"Compressed ROMFS"

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files below the root, folder by folder."""
        little = blob.read(0, 4) == LITTLE
        root = _inode(blob, 64, little)
        stack = [(root, "")]
        seen: set[int] = set()
        count = 0
        while stack:
            folder, path = stack.pop()
            at, end = folder.offset, folder.offset + folder.size
            if at in seen:
                continue
            seen.add(at)
            while at + 12 <= end:
                count += 1
                if count > MAX_INODES:
                    raise FormatError("more inodes than the bound", code=ProblemCode.BOUND_MEMBERS)
                inode = _inode(blob, at, little)
                name = UntrustedText(path + decode_name(blob.read(at + 12, inode.name_length).rstrip(b"\0")))
                at += 12 + inode.name_length
                kind = inode.mode & 0o170000
                if kind == 0o040000:
                    yield Passed(name=UntrustedText(f"{name}/"))
                    stack.append((inode, f"{name}/"))
                elif kind == 0o100000:
                    yield Content(name=name, blob=context.collect(_blocks(blob, inode, little)))
                elif kind == 0o120000:
                    target = decode_name(b"".join(_blocks(blob, inode, little)))
                    yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {target}"))
                else:
                    yield Passed(code=ProblemCode.DEVICE, name=name)


def _inode(blob: Blob, at: int, little: bool) -> _Inode:
    raw = blob.read(at, 12)
    first, second, third = struct.unpack("<III" if little else ">III", raw)
    if little:
        return _Inode(first & 0xFFFF, second & 0xFFFFFF, (third & 0x3F) * 4, (third >> 6) * 4)
    return _Inode(first >> 16, second >> 8, (third >> 26) * 4, (third & 0x3FFFFFF) * 4)


def _blocks(blob: Blob, inode: _Inode, little: bool) -> Iterator[bytes]:
    count = -(-inode.size // BLOCK)
    pointers = struct.unpack(f"{'<' if little else '>'}{count}I", blob.read(inode.offset, 4 * count))
    start = inode.offset + 4 * count
    left = inode.size
    for end in pointers:
        if end >> 30 or end < start:
            raise FormatError("an extended or backward block pointer")
        size = min(left, BLOCK)
        if end == start:
            yield bytes(size)
        else:
            yield zlib.decompressobj().decompress(blob.read(start, end - start), BLOCK)[:size]
        left -= size
        start = end


UNPACKER = Cramfs()
