"""A bare zlib stream, as joblib, firmware and many programs' own formats begin with."""

import zlib
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.inflate import inflated
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, Magic, Unpacked, Unpacker

_LOOK = 4_096
_ENOUGH = 1_024


class ZlibStream(Unpacker):
    """A file that is one zlib stream."""

    NAME = "zlib_stream"
    MAGIC = (Magic(data=b"x\x01"), Magic(data=b"x\x9c"), Magic(data=b"x^"), Magic(data=b"x\xda"))
    DOC = FormatDoc(
        title="Bare zlib stream (compressed joblib pickles, swf bodies, programs' own files)",
        kind="compression",
        suffixes=(".zlib", ".zz", ".joblib"),
        references=("https://www.rfc-editor.org/rfc/rfc1950",),
        limits=("What follows the stream is matched as it stands, with the stream itself.",),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the beginning unpacks to more than chance would give; two letters alone prove nothing."""
        engine = zlib.decompressobj()
        try:
            out = engine.decompress(blob.read(0, _LOOK), _ENOUGH)
        except zlib.error:
            return False
        return engine.eof or len(out) >= _ENOUGH or (blob.size > _LOOK and bool(out))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """What the stream holds."""
        yield Content(name=UntrustedText("data"), blob=context.collect(inflated(blob.view()), packed_size=blob.size))


UNPACKER = ZlibStream()
