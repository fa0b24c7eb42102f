"""XZ: all streams of one file, joined."""

import lzma
import zlib
from collections.abc import Iterator
from lzma import LZMADecompressor

from witnessmark.blob import Blob
from witnessmark.unpack.joined import Joined, joined_members
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

XZ = b"\xfd7zXZ\0"
MEMORY = 512 << 20


def xz_engine() -> LZMADecompressor:
    """A decoder that refuses streams asking for more than 512 MiB."""
    return LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)


class Xz(Unpacker):
    """The .xz container."""

    NAME = "xz"
    MAGIC = (Magic(data=XZ, offset=None), Magic(data=XZ))
    DOC = FormatDoc(
        title="XZ",
        kind="compression",
        suffixes=(".xz", ".txz"),
        references=("https://tukaani.org/xz/xz-file-format.txt",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Stream flags that are defined, and their checksum."""
        if zlib.crc32(blob.read(6, 2)) != int.from_bytes(blob.read(8, 4), "little"):
            return False
        return blob.read(6, 1) == b"\0" and blob.read(7, 1) in (b"\0", b"\1", b"\4", b"\n")

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member."""
        return joined_members(blob, context, Joined(blob, xz_engine, XZ, padding=bytes(4)))


UNPACKER = Xz()
