"""Squashfs version 4: superblock, metadata blocks, inodes and folders."""

import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from lzma import LZMADecompressor

import zstandard
from isal import isal_zlib

from witnessmark.blob import Blob
from witnessmark.unpack import codecs, lzo
from witnessmark.unpack.unpacker import FormatError

GZIP, LZMA, LZO, XZ, LZ4, ZSTD = 1, 2, 3, 4, 5, 6
BLOCK = 8192
MAX_TABLE = 512 << 20
NONE = 0xFFFFFFFF
FOLDER, FILE, LINK = 1, 2, 3
EXTENDED = 7


@dataclass(frozen=True)
class Superblock:
    """Where the tables are, in bytes from the start of the image."""

    order: str
    block: int
    fragments: int
    compressor: int
    root: int
    used: int
    inodes: int
    folders: int
    fragment_table: int


@dataclass(frozen=True)
class Inode:
    """One file, folder or link."""

    kind: int
    size: int = 0
    start: int = 0
    fragment: int = NONE
    offset: int = 0
    blocks: tuple[int, ...] = ()
    target: bytes = b""

    @property
    def packed(self) -> int:
        """Bytes that the file takes in the image, its share of a fragment counted whole."""
        return sum(word & 0xFFFFFF for word in self.blocks) + (self.size if self.fragment != NONE else 0)


def superblock(blob: Blob) -> Superblock:
    """Read it in whichever byte order makes sense. Raises FormatError."""
    raw = blob.read(0, 96)
    for order in "<>":
        values = struct.unpack(f"{order}5I6H8Q", raw)
        block, log, major = values[3], values[6], values[9]
        if major == 4 and 12 <= log <= 20 and block == 1 << log:
            return Superblock(order, block, values[4], values[5], values[11], values[12], *values[15:18])
    raise FormatError("not squashfs version 4")


def version(blob: Blob) -> int:
    """The major version, 0 when it makes no sense."""
    raw = blob.read(28, 2)
    for order in "<>":
        (number,) = struct.unpack(f"{order}H", raw.ljust(2, b"\0"))
        if 1 <= number <= 4:
            return int(number)
    return 0


def decode(data: bytes, compressor: int, limit: int) -> bytes:
    """One block. A vendor's image may say one compressor and use another: the data decides then."""
    try:
        return _decode(data, compressor, limit)
    except (FormatError, zlib.error, codecs.INFLATE_ERROR, lzma.LZMAError, zstandard.ZstdError, struct.error) as error:
        for other in (XZ, LZMA, GZIP, ZSTD):
            try:
                out = _decode(data, other, limit) if other != compressor else b""
            except (FormatError, zlib.error, codecs.INFLATE_ERROR, lzma.LZMAError, zstandard.ZstdError, struct.error):
                continue
            if out:
                return out
        raise FormatError(f"a block that does not decompress: {error}") from error


def _decode(data: bytes, compressor: int, limit: int) -> bytes:
    if compressor == GZIP:
        out: bytes = isal_zlib.decompressobj().decompress(data, limit)
        return out
    if compressor == XZ:
        return LZMADecompressor(lzma.FORMAT_XZ, memlimit=128 << 20).decompress(data, limit)
    if compressor == LZMA:
        return LZMADecompressor(lzma.FORMAT_ALONE, memlimit=128 << 20).decompress(data, limit)
    if compressor == ZSTD:
        return zstandard.ZstdDecompressor(max_window_size=1 << 23).decompress(data, max_output_size=limit)
    if compressor == LZ4:
        return codecs.lz4_block(data, limit)
    if compressor == LZO:
        return lzo.decompress(data, limit)
    raise FormatError(f"an unknown compressor {compressor}")


class Table:
    """A run of metadata blocks, decompressed once."""

    def __init__(self, blob: Blob, head: Superblock, start: int, end: int) -> None:
        self._at: dict[int, int] = {}
        parts: list[bytes] = []
        size = 0
        at = start
        while at + 2 <= min(end, blob.size):
            (word,) = struct.unpack(f"{head.order}H", blob.read(at, 2))
            length = word & 0x7FFF or 0x8000
            data = blob.read(at + 2, length)
            try:
                part = data if word & 0x8000 else decode(data, head.compressor, BLOCK)
            except FormatError:
                if not parts:
                    raise
                break  # the table before the damage is still good
            self._at[at - start] = size
            parts.append(part)
            size += len(part)
            at += 2 + length
            if size > MAX_TABLE:
                raise FormatError("a squashfs table above its bound")
        self.data = b"".join(parts)

    def place(self, block: int, offset: int) -> int:
        """Where (block, offset) lies in `data`. Raises FormatError."""
        if block not in self._at:
            raise FormatError("a reference to a metadata block that is not there")
        return self._at[block] + offset


def inode(table: Table, head: Superblock, place: int) -> Inode:
    """Read one inode. Raises FormatError or struct.error."""
    order, data = head.order, table.data
    (kind,) = struct.unpack_from(f"{order}H", data, place)
    body = place + 16
    basic = (kind - 1) % EXTENDED + 1
    if kind == 1:
        start, _, size, offset, _ = struct.unpack_from(f"{order}IIHHI", data, body)
        return Inode(FOLDER, size, start, offset=offset)
    if kind == 8:
        _, size, start, _, _, offset, _ = struct.unpack_from(f"{order}IIIIHHI", data, body)
        return Inode(FOLDER, size, start, offset=offset)
    if kind in (2, 9):
        if kind == 2:
            start, fragment, offset, size = struct.unpack_from(f"{order}IIII", data, body)
            body += 16
        else:
            start, size, _, _, fragment, offset, _ = struct.unpack_from(f"{order}QQQIIII", data, body)
            body += 40
        count = size // head.block if fragment != NONE else -(-size // head.block)
        if count * 4 > len(data) - body:
            raise FormatError("a file with more blocks than the inode table holds")
        return Inode(FILE, size, start, fragment, offset, struct.unpack_from(f"{order}{count}I", data, body))
    if basic == LINK:
        (length,) = struct.unpack_from(f"{order}I", data, body + 4)
        return Inode(LINK, target=data[body + 8 : body + 8 + min(length, 1 << 16)])
    return Inode(basic)


def entries(table: Table, head: Superblock, folder: Inode) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, inode block, inode offset) of one folder. Raises FormatError or struct.error."""
    if folder.size <= 3:
        return
    at = table.place(folder.start, folder.offset)
    end = min(at + folder.size - 3, len(table.data))
    while at + 12 <= end:
        count, start, _ = struct.unpack_from(f"{head.order}III", table.data, at)
        at += 12
        if count > 256:
            raise FormatError("a folder with a wrong header")
        for _ in range(count + 1):
            offset, _, _, length = struct.unpack_from(f"{head.order}HhHH", table.data, at)
            yield table.data[at + 8 : at + 9 + length], start, offset
            at += 9 + length
