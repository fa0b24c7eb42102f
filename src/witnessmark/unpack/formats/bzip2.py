"""Bzip2: all streams of one file, joined."""

import bz2
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.joined import Joined, joined_members
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

LEVELS = tuple(b"%d" % level for level in range(1, 10))

BLOCK = rb"[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)"  # a level, and the mark of a block or of an empty stream


class Bzip2(Unpacker):
    """Burrows-Wheeler compression."""

    NAME = "bzip2"
    MAGIC = (Magic(data=b"BZh", offset=None, then=BLOCK, then_size=7), Magic(data=b"BZh"))
    DOC = FormatDoc(
        title="bzip2",
        kind="compression",
        suffixes=(".bz2", ".tbz", ".tbz2"),
        references=("https://sourceware.org/bzip2/",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A level from 1 to 9 and the mark of a first block, or of an empty stream."""
        head = blob.read(0, 10)
        return head[3:4] in LEVELS and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member."""
        return joined_members(blob, context, Joined(blob, bz2.BZ2Decompressor, b"BZh"))


UNPACKER = Bzip2()
