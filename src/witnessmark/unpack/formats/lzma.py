"""LZMA: the old .lzma file with its 13-byte header."""

import lzma
import struct
from collections.abc import Iterator
from lzma import LZMADecompressor

from witnessmark.blob import Blob
from witnessmark.unpack.joined import Joined, joined_members
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

DICTIONARIES = {1 << bits for bits in range(12, 30)} | {3 << bits for bits in range(12, 28)}
UNKNOWN = (1 << 64) - 1
MEMORY = 512 << 20
# What follows the mark: the rest of a dictionary size, any length, the range coder's first byte.
_SIZE = rb"[\x00\x01\x02\x03\x04\x06\x08\x0c\x10\x18\x20\x30\x40\x60\x80\xc0][\x00-\x30]"
_HEADER = _SIZE + rb".{8}\x00"


def lzma_engine() -> LZMADecompressor:
    """A decoder that refuses streams asking for more than 512 MiB."""
    return LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY)


class Lzma(Unpacker):
    """LZMA-alone."""

    NAME = "lzma"
    MAGIC = (
        Magic(data=b"\x5d\0\0", offset=None, then=_HEADER, then_size=11),
        Magic(data=b"\x5d\0\0"),
        Magic(data=b"\x6d\0\0"),
    )
    DOC = FormatDoc(
        title="LZMA (alone)",
        kind="compression",
        suffixes=(".lzma", ".tlz"),
        references=("https://github.com/tukaani-project/xz/blob/master/doc/lzma-file-format.txt",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A power-of-two dictionary, a size that is unknown or sane, and a stream that starts."""
        head = blob.read(0, 13)
        if len(head) < 13:
            return False
        dictionary, size = struct.unpack_from("<IQ", head, 1)
        if dictionary not in DICTIONARIES or (size != UNKNOWN and not 0 < size < 1 << 38):
            return False
        if blob.read(13, 1) != b"\0":  # the range coder's first byte is always zero
            return False
        try:
            lzma_engine().decompress(blob.read(0, 4096), 4096)
        except lzma.LZMAError:
            return False
        return True

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member."""
        return joined_members(blob, context, Joined(blob, lzma_engine, b"\xff"))


UNPACKER = Lzma()
