"""Squashfs version 4 in its own reader, with all compressors and vendors' magics; older versions by a program."""

import struct
from collections.abc import Iterator
from functools import lru_cache

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.extracted import by_program, seven_zip
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.squashfs_tables import (
    BLOCK,
    FILE,
    FOLDER,
    LINK,
    NONE,
    Inode,
    Superblock,
    Table,
    decode,
    entries,
    inode,
    superblock,
    version,
)
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

MARKS = (b"hsqs", b"sqsh", b"shsq", b"qshs", b"tqsh", b"hsqt", b"sqlz")
MAX_INODES = 4_000_000
STORED = 1 << 24
PAD = 4096


class Squashfs(Unpacker):
    """The read-only file system of most Linux firmware."""

    NAME = "squashfs"
    MAGIC = (*(Magic(data=mark, offset=None) for mark in MARKS), *(Magic(data=mark) for mark in MARKS))
    DOC = FormatDoc(
        title="squashfs 4 (gzip, LZMA, LZO, XZ, LZ4, Zstandard; vendors' magics), 1 to 3 by a program",
        kind="file system",
        suffixes=(".squashfs", ".sqfs", ".sqsh", ".snap", ".appimage"),
        references=("https://dr-emann.github.io/squashfs/squashfs.html",),
        limits=("Extended attributes are not read.", "Versions 1 to 3 need unsquashfs or 7-Zip."),
        program="unsquashfs",
        install="apt install squashfs-tools, or brew install squashfs",
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A superblock that makes sense."""
        try:
            head = superblock(blob)
        except (FormatError, struct.error):
            return version(blob) in (1, 2, 3) and blob.read(0, 4) in MARKS[:2]
        return 96 <= head.inodes < head.used and head.folders < head.used

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files, folder by folder, names sorted as the image has them."""
        if version(blob) != 4 or blob.size < 96:
            yield from by_program(blob, context, self.DOC, (UNSQUASHFS, *seven_zip(context)))
            return
        head = superblock(blob)
        yield Accounted(0, min(blob.size, -(-head.used // PAD) * PAD))
        yield from _Image(blob, head).walk(context)
        if head.used > blob.size:
            raise FormatError("the image ends before its superblock says", code=ProblemCode.TRUNCATED)


UNSQUASHFS = ("unsquashfs", ("-no-progress", "-no-xattrs", "-ignore-errors", "-f", "-d", "{output}", "{input}"))


class _Image:
    def __init__(self, blob: Blob, head: Superblock) -> None:
        self._blob = blob
        self._head = head
        self._inodes = Table(blob, head, head.inodes, head.folders)
        self._folders = Table(blob, head, head.folders, _folders_end(blob, head))
        self._fragment = lru_cache(maxsize=4)(self._read_fragment)

    def walk(self, context: Context) -> Iterator[Unpacked]:
        root = self._inodes.place(self._head.root >> 16, self._head.root & 0xFFFF)
        stack = [(root, "")]
        seen: set[int] = set()
        count = 0
        while stack:
            place, path = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            below = []
            for raw, block, offset in entries(self._folders, self._head, inode(self._inodes, self._head, place)):
                count += 1
                if count > MAX_INODES:
                    raise FormatError("more files than the bound", code=ProblemCode.BOUND_MEMBERS)
                name = UntrustedText(path + decode_name(raw))
                try:
                    at = self._inodes.place(block, offset)
                    node = inode(self._inodes, self._head, at)
                except (FormatError, struct.error) as error:
                    yield Passed(code=ProblemCode.CORRUPT, name=name, message=str(error))
                    continue
                if node.kind == FOLDER:
                    below.append((at, f"{name}/"))
                    yield Passed(name=UntrustedText(f"{name}/"))
                elif node.kind == FILE:
                    yield Content(name=name, blob=context.collect(self._chunks(node), packed_size=node.packed))
                elif node.kind == LINK:
                    yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {decode_name(node.target)}"))
                else:
                    yield Passed(code=ProblemCode.DEVICE, name=name)
            stack.extend(reversed(below))

    def _chunks(self, node: Inode) -> Iterator[bytes]:
        at = node.start
        left = node.size
        for word in node.blocks:
            size = word & (STORED - 1)
            expected = min(left, self._head.block)
            if size == 0:
                yield bytes(expected)
            else:
                data = self._blob.read(at, size)
                if len(data) < size:
                    raise FormatError("the image ends inside a file", code=ProblemCode.TRUNCATED)
                yield data if word & STORED else decode(data, self._head.compressor, self._head.block)
            at += size
            left -= expected
        if node.fragment != NONE and left > 0:
            yield self._fragment(node.fragment)[node.offset : node.offset + left]

    def _read_fragment(self, number: int) -> bytes:
        head, blob = self._head, self._blob
        if number >= head.fragments:
            raise FormatError("a fragment that is not there")
        per_block = BLOCK // 16
        (table,) = struct.unpack(f"{head.order}Q", blob.read(head.fragment_table + 8 * (number // per_block), 8))
        (word,) = struct.unpack(f"{head.order}H", blob.read(table, 2))
        raw = blob.read(table + 2, word & 0x7FFF)
        entries_data = raw if word & 0x8000 else decode(raw, head.compressor, BLOCK)
        start, size = struct.unpack_from(f"{head.order}QI", entries_data, 16 * (number % per_block))
        data = blob.read(start, size & (STORED - 1))
        return data if size & STORED else decode(data, head.compressor, head.block)


def _folders_end(blob: Blob, head: Superblock) -> int:
    """The folder table ends where the first fragment metadata block or the next table starts."""
    ends = [end for end in (head.fragment_table, head.used) if head.folders < end]
    if head.fragments and head.fragment_table + 8 <= blob.size:
        (first,) = struct.unpack(f"{head.order}Q", blob.read(head.fragment_table, 8))
        if first > head.folders:
            ends.append(first)
    return min(ends) if ends else blob.size


UNPACKER = Squashfs()
