"""DMG: Apple disk images, block by block into the disk that they hold."""

import binascii
import bz2
import plistlib
import struct
from collections.abc import Iterator
from lzma import LZMADecompressor
from xml.parsers.expat import ExpatError

from isal import isal_zlib

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.codecs import checked
from witnessmark.unpack.names import storable
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, FormatError, Unpacked, Unpacker

SECTOR = 512
TRAILER = 512
MAX_CHUNKS = 4_000_000
MAX_CHUNK = 256 << 20
ZERO, RAW, HOLE, COMMENT, END = 0, 1, 2, 0x7FFFFFFE, 0xFFFFFFFF
ZLIB, BZIP2, XZ = 0x80000005, 0x80000006, 0x80000008


class Dmg(Unpacker):
    """UDIF images; HFS+ and APFS inside need 7-Zip or are matched raw."""

    NAME = "dmg"
    MAGIC = ()
    DOC = FormatDoc(
        title="Apple disk image (UDIF)",
        kind="file system",
        suffixes=(".dmg", ".smi"),
        references=("https://newosxbook.com/DMG.html",),
        limits=("ADC and LZFSE blocks are reported, not read.", "Encrypted images are not read."),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """The trailer's mark."""
        return blob.read(blob.size - TRAILER, 4) == b"koly" if blob.size >= TRAILER else False

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member a partition, as raw disk bytes."""
        trailer = blob.read(blob.size - TRAILER)
        (fork,) = struct.unpack_from(">Q", trailer, 24)
        plist_at, plist_size = struct.unpack_from(">QQ", trailer, 216)
        try:
            tree = plistlib.loads(blob.read(plist_at, min(plist_size, 64 << 20)), fmt=plistlib.FMT_XML)
            tables = [(str(item.get("Name", "")), bytes(item["Data"])) for item in tree["resource-fork"]["blkx"]]
        except (ExpatError, AttributeError, binascii.Error, TypeError) as error:
            raise FormatError(f"no table of blocks: {error}") from error
        yield Accounted(0, blob.size)
        for index, (name, table) in enumerate(tables):
            shown = storable(f"{index} {name}".strip())
            yield Content(
                name=UntrustedText(f"{shown}.img"),
                blob=context.collect(_chunks(blob, table, fork), packed_size=blob.size),
            )


def _chunks(blob: Blob, table: bytes, fork: int) -> Iterator[bytes]:
    if table[:4] != b"mish":
        raise FormatError("a table of blocks without its mark")
    (data_at,) = struct.unpack_from(">Q", table, 24)
    (count,) = struct.unpack_from(">I", table, 200)
    if count > MAX_CHUNKS:
        raise FormatError("more blocks than the bound")
    for index in range(count):
        kind, _, _, sectors, offset, length = struct.unpack_from(">IIQQQQ", table, 204 + 40 * index)
        size = sectors * SECTOR
        if kind in (COMMENT, END):
            continue
        if kind in (ZERO, HOLE):
            while size > 0:
                yield bytes(min(size, 1 << 20))
                size -= 1 << 20
            continue
        if size > MAX_CHUNK:
            raise FormatError("a block larger than its bound")
        yield _decoded(blob.read(fork + data_at + offset, min(length, MAX_CHUNK)), kind, size)


def _decoded(data: bytes, kind: int, size: int) -> bytes:
    if kind == RAW:
        return data
    if kind == ZLIB:
        out: bytes = isal_zlib.decompressobj().decompress(data, size)
        return out
    if kind == BZIP2:
        return checked(bz2.BZ2Decompressor(), data, size)
    if kind == XZ:
        return LZMADecompressor().decompress(data, size)
    raise FormatError("a block in ADC or LZFSE", code=ProblemCode.UNSUPPORTED)


UNPACKER = Dmg()
