"""Lzop files."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack import lzo
from witnessmark.unpack.names import UNNAMED, decode_name
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

MARK = b"\x89LZO\0\r\n\x1a\n"
MAX_BLOCK = 64 << 20
ADLER_OUT, ADLER_IN, CRC_OUT, CRC_IN, EXTRA, FILTER = 1, 2, 0x100, 0x200, 0x40, 0x800


class Lzop(Unpacker):
    """LZO1X in lzop's container."""

    NAME = "lzop"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="lzop",
        kind="compression",
        suffixes=(".lzo", ".tzo"),
        references=("https://www.lzop.org/",),
        limits=("Decoded in Python, at a few MB a second.",),
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member."""
        flags, name, at = _header(blob)
        content = context.collect(_blocks(blob, at, flags), packed_size=blob.size)
        yield Content(name=decode_name(name) if name else UNNAMED, blob=content)


def _header(blob: Blob) -> tuple[int, bytes, int]:
    version, _, needed = struct.unpack(">HHH", blob.read(9, 6))
    at = 15 if needed else 13
    at += 1 + (1 if version >= 0x940 else 0)  # method, level
    (flags,) = struct.unpack(">I", blob.read(at, 4))
    at += 4 + (4 if flags & FILTER else 0) + 8 + (4 if version >= 0x940 else 0)
    length = blob.read(at, 1)[0]
    name = blob.read(at + 1, length)
    at += 1 + length + 4
    if flags & EXTRA:
        (length,) = struct.unpack(">I", blob.read(at, 4))
        at += 8 + length
    return flags, name, at


def _blocks(blob: Blob, at: int, flags: int) -> Iterator[bytes]:
    while True:
        (size,) = struct.unpack(">I", blob.read(at, 4))
        if size == 0:
            return
        (packed,) = struct.unpack(">I", blob.read(at + 4, 4))
        if size > MAX_BLOCK or packed > size:
            raise FormatError("a block size out of range")
        at += 8 + 4 * bool(flags & ADLER_OUT) + 4 * bool(flags & CRC_OUT)
        if packed < size:
            at += 4 * bool(flags & ADLER_IN) + 4 * bool(flags & CRC_IN)
        data = blob.read(at, packed)
        yield data if packed == size else lzo.decompress(data, size)
        at += packed


UNPACKER = Lzop()
