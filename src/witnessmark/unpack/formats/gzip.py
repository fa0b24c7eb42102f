"""Gzip: all members of one file, joined."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack import codecs
from witnessmark.unpack.joined import Joined
from witnessmark.unpack.names import UNNAMED, decode_name
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, Magic, Unpacked, Unpacker


class Gzip(Unpacker):
    """RFC 1952."""

    NAME = "gzip"
    MAGIC = (Magic(data=b"\x1f\x8b\x08", offset=None, then=rb"[\x00-\x1f]", then_size=1), Magic(data=b"\x1f\x8b\x08"))
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
        except codecs.INFLATE_ERROR:
            return False
        return True

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member: what the streams unpack to. Bytes after the last stream are left for others."""
        streams = Joined(blob, codecs.gzip_member, b"\x1f\x8b\x08")
        content = context.collect(streams.chunks(), packed_size=blob.size)
        head = blob.read(0, 300)
        stored = head[10 : head.index(b"\0", 10)] if head[3] == 8 and b"\0" in head[10:] else b""
        yield Accounted(0, streams.end)
        yield Content(name=decode_name(stored) if stored else UNNAMED, blob=content)


UNPACKER = Gzip()
