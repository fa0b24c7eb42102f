"""Gzip: all members of one file, joined."""

from collections.abc import Iterator

from isal import isal_zlib

from witnessmark.blob import Blob
from witnessmark.unpack import codecs
from witnessmark.unpack.names import UNNAMED, decode_name
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

MAX_STREAMS = 1_000_000


class Gzip(Unpacker):
    """RFC 1952."""

    NAME = "gzip"
    MAGIC = (Magic(data=b"\x1f\x8b\x08", offset=None), Magic(data=b"\x1f\x8b\x08"))
    DOC = FormatDoc(
        title="gzip",
        kind="compression",
        suffixes=(".gz", ".tgz", ".emz", ".svgz"),
        references=("https://www.rfc-editor.org/rfc/rfc1952",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Reserved flags clear, a known extra-flags byte and system, and a stream that starts."""
        head = blob.read(0, 10)
        if len(head) < 10 or head[3] & 0xE0 or head[8] not in (0, 2, 4) or (head[9] > 13 and head[9] != 255):
            return False
        try:
            codecs.gzip_member().decompress(blob.read(0, 4096), 512)
        except isal_zlib.error:
            return False
        return True

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member: what the streams unpack to. Bytes after the last stream are left for others."""
        streams = _Joined(blob)
        content = context.collect(streams.chunks(), packed_size=blob.size)
        head = blob.read(0, 300)
        stored = head[10 : head.index(b"\0", 10)] if head[3] == 8 and b"\0" in head[10:] else b""
        yield Accounted(0, streams.end)
        yield Content(name=decode_name(stored) if stored else UNNAMED, blob=content)


class _Joined:
    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self.end = 0

    def chunks(self) -> Iterator[bytes]:
        for _ in range(MAX_STREAMS):
            stream = codecs.Stream(self._blob, codecs.gzip_member, self.end)
            try:
                yield from stream.chunks()
            except isal_zlib.error as error:
                self.end = stream.end
                raise FormatError(f"gzip: {error}") from error
            finally:
                self.end = stream.end
            if self._blob.read(self.end, 3) != b"\x1f\x8b\x08":
                return


UNPACKER = Gzip()
