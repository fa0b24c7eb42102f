"""UBIFS: read node by node rather than by its index, so that damage costs little; newest wins."""

import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import zstandard

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import lzo
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

MARK = b"\x31\x18\x10\x06"
INODE, DATA, ENTRY, SUPER = 0, 1, 2, 6
BLOCK = 4096
MAX_NODES = 8_000_000
MAX_FILE = 1 << 32
STORED, LZO_KIND, ZLIB, ZSTD = 0, 1, 2, 3


@dataclass
class _File:
    sequence: int = -1
    mode: int = 0
    size: int = 0
    inline: bytes = b""
    blocks: dict[int, tuple[int, int, int, int, int]] = field(default_factory=dict)


class Ubifs(Unpacker):
    """The file system of most NAND devices."""

    NAME = "ubifs"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="UBIFS",
        kind="file system",
        suffixes=(".ubifs",),
        references=("http://www.linux-mtd.infradead.org/doc/ubifs.html",),
        limits=("Encrypted folders are not read.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A superblock node whose checksum holds."""
        node = _node(blob, 0)
        return node is not None and node[0] == SUPER

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files by path."""
        files, names = _read_nodes(blob)
        above = {inode: (parent, name) for (parent, name), (_, inode) in sorted(names.items()) if inode}
        shown = sorted((_path(parent, name, above), inode) for (parent, name), (_, inode) in names.items() if inode)
        for path, inode in shown:
            file = files.get(inode)
            kind = file.mode & 0o170000 if file else 0
            name = UntrustedText(path)
            if file is None:
                yield Passed(code=ProblemCode.CORRUPT, name=name, message="its inode is missing")
            elif kind == 0o040000:
                yield Passed(name=UntrustedText(f"{path}/"))
            elif kind == 0o120000:
                yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{path} -> {decode_name(file.inline)}"))
            elif kind == 0o100000:
                packed = sum(block[2] for block in file.blocks.values())
                yield Content(name=name, blob=context.collect(_content(blob, file), packed_size=packed))
            else:
                yield Passed(code=ProblemCode.DEVICE, name=name)


def _node(blob: Blob, at: int) -> tuple[int, int, int] | None:
    """(type, length, sequence) where a sound node stands."""
    head = blob.read(at, 24)
    if len(head) < 24 or head[:4] != MARK:
        return None
    check, sequence, length = struct.unpack_from("<IQI", head, 4)
    if not 24 <= length <= 1 << 20 or at + length > blob.size:
        return None
    if zlib.crc32(blob.view(at + 8, length - 8)) ^ 0xFFFFFFFF != check:
        return None
    return head[20], length, sequence


def _read_nodes(blob: Blob) -> tuple[dict[int, _File], dict[tuple[int, bytes], tuple[int, int]]]:
    files: dict[int, _File] = defaultdict(_File)
    names: dict[tuple[int, bytes], tuple[int, int]] = {}
    count = 0
    for at in _places(blob):
        node = _node(blob, at)
        if node is None:
            continue
        count += 1
        if count > MAX_NODES:
            raise FormatError("more nodes than the bound", code=ProblemCode.BOUND_MEMBERS)
        kind, length, sequence = node
        if kind == INODE:
            raw = blob.read(at, 160)
            file = files[struct.unpack_from("<I", raw, 24)[0]]
            if sequence > file.sequence:
                file.sequence = sequence
                (file.size,) = struct.unpack_from("<Q", raw, 48)
                (file.mode,) = struct.unpack_from("<I", raw, 104)
                (inline,) = struct.unpack_from("<I", raw, 112)
                file.inline = blob.read(at + 160, min(inline, 4096))
        elif kind == DATA:
            inode, key = struct.unpack("<II", blob.read(at + 24, 8))
            size, method = struct.unpack("<IH", blob.read(at + 40, 6))
            number = key & 0x1FFFFFFF
            known = files[inode].blocks.get(number)
            if known is None or known[0] < sequence:
                files[inode].blocks[number] = sequence, at + 48, length - 48, size, method
        elif kind == ENTRY:
            (parent,) = struct.unpack("<I", blob.read(at + 24, 4))
            target, _, length_name = struct.unpack("<QHH", blob.read(at + 40, 12))
            place = parent, blob.read(at + 56, length_name)
            if place not in names or names[place][0] < sequence:
                names[place] = sequence, target
    return files, names


def _places(blob: Blob) -> Iterator[int]:
    """Every 8-aligned place where a node may stand."""
    for offset, view in blob.windows(overlap=24):
        window = bytes(view)
        last = len(window) - 24 if offset + len(window) < blob.size else len(window)
        at = window.find(MARK)
        while 0 <= at < last:
            if (offset + at) % 8 == 0:
                yield offset + at
            at = window.find(MARK, at + 1)


def _path(parent: int, name: bytes, above: dict[int, tuple[int, bytes]]) -> str:
    parts = [decode_name(name)]
    for _ in range(64):
        if parent not in above:
            break
        parent, name = above[parent]
        parts.append(decode_name(name))
    return "/".join(reversed(parts))


def _content(blob: Blob, file: _File) -> Iterator[bytes]:
    if file.size > MAX_FILE:
        raise FormatError("a file larger than its bound")
    at = 0
    for number, (_, place, packed, size, method) in sorted(file.blocks.items()):
        start = number * BLOCK
        if start >= file.size:
            break
        while at < start:
            hole = min(start - at, 1 << 20)
            yield bytes(hole)
            at += hole
        piece = _unpacked(blob.read(place, packed), method, min(size, BLOCK))[: file.size - start]
        yield piece
        at += len(piece)
    while at < file.size:
        hole = min(file.size - at, 1 << 20)
        yield bytes(hole)
        at += hole


def _unpacked(data: bytes, method: int, size: int) -> bytes:
    if method == STORED:
        return data[:size]
    if method == LZO_KIND:
        return lzo.decompress(data, BLOCK)
    if method == ZLIB:
        return zlib.decompressobj(-15).decompress(data, size)
    if method == ZSTD:
        try:
            return zstandard.ZstdDecompressor().decompress(data, max_output_size=BLOCK)
        except zstandard.ZstdError as error:
            raise FormatError(f"zstd: {error}") from error
    raise FormatError(f"UBIFS compression {method}", code=ProblemCode.UNSUPPORTED)


UNPACKER = Ubifs()
