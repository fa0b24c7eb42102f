"""Brotli: no signature, so by its suffix and by trying."""

from collections.abc import Iterator

import brotli

from witnessmark.blob import Blob
from witnessmark.unpack import codecs
from witnessmark.unpack.names import UNNAMED
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, Unpacked, Unpacker


class Brotli(Unpacker):
    """RFC 7932."""

    NAME = "brotli"
    MAGIC = ()
    DOC = FormatDoc(
        title="Brotli",
        kind="compression",
        suffixes=(".br",),
        references=("https://www.rfc-editor.org/rfc/rfc7932",),
        limits=("Recognised only by the suffix .br: the format has no signature.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """The first 4 KiB decode."""
        try:
            brotli.Decompressor().process(blob.read(0, 4096), output_buffer_limit=1 << 16)
        except brotli.error:
            return False
        return True

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member."""
        yield Content(name=UNNAMED, blob=context.collect(codecs.brotli_chunks(blob), packed_size=blob.size))


UNPACKER = Brotli()
