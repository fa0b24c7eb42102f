"""Zstandard: all frames of one file, joined."""

from collections.abc import Iterator

import zstandard

from witnessmark.blob import Blob
from witnessmark.unpack import codecs
from witnessmark.unpack.names import UNNAMED
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, Magic, Unpacked, Unpacker

FRAME = b"\x28\xb5\x2f\xfd"


class Zstd(Unpacker):
    """RFC 8878."""

    NAME = "zstd"
    MAGIC = (Magic(data=FRAME, offset=None), Magic(data=FRAME))
    DOC = FormatDoc(
        title="Zstandard",
        kind="compression",
        suffixes=(".zst", ".tzst"),
        references=("https://www.rfc-editor.org/rfc/rfc8878",),
        limits=("Frames that need a dictionary, or a window above 128 MiB, are reported, not read.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A frame header that can be read, and a first block that decodes."""
        try:
            zstandard.get_frame_parameters(blob.read(0, 18))
            zstandard.ZstdDecompressor(max_window_size=128 << 20).decompressobj().decompress(blob.read(0, 4096))
        except zstandard.ZstdError:
            return False
        return True

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member."""
        frames = codecs.ZstdFrames(blob)
        content = context.collect(frames.chunks(), packed_size=blob.size)
        yield Accounted(0, frames.end)
        yield Content(name=UNNAMED, blob=content)


UNPACKER = Zstd()
