"""LZ4: frames, and the old format of Linux kernels."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack import codecs
from witnessmark.unpack.joined import Joined, joined_members
from witnessmark.unpack.names import UNNAMED
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, Magic, Unpacked, Unpacker

FRAME = b"\x04\x22\x4d\x18"
LEGACY = b"\x02\x21\x4c\x18"
LEGACY_BLOCK = 8 << 20


class Lz4(Unpacker):
    """LZ4 frames."""

    NAME = "lz4"
    MAGIC = (Magic(data=FRAME, offset=None), Magic(data=FRAME), Magic(data=LEGACY))
    DOC = FormatDoc(
        title="LZ4 (frame, legacy)",
        kind="compression",
        suffixes=(".lz4",),
        references=("https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Version bits 01 and a defined block size."""
        head = blob.read(0, 8)
        if head[:4] == LEGACY:
            return len(head) == 8 and 0 < int.from_bytes(head[4:8], "little") <= LEGACY_BLOCK * 2
        return len(head) > 5 and head[4] >> 6 == 1 and not head[4] & 2 and head[5] >> 4 in (4, 5, 6, 7)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member."""
        if blob.read(0, 4) == LEGACY:
            yield Content(name=UNNAMED, blob=context.collect(_legacy(blob), packed_size=blob.size))
            return
        yield from joined_members(blob, context, Joined(blob, codecs.lz4_engine, FRAME))


def _legacy(blob: Blob) -> Iterator[bytes]:
    at = 4
    while at + 4 <= blob.size:
        (length,) = struct.unpack("<I", blob.read(at, 4))
        if length == int.from_bytes(LEGACY, "little"):
            at += 4
            continue
        if not 0 < length <= LEGACY_BLOCK * 2 or at + 4 + length > blob.size:
            return
        yield codecs.lz4_block(blob.read(at + 4, length), LEGACY_BLOCK)
        at += 4 + length


UNPACKER = Lz4()
