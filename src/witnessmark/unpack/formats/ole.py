"""OLE compound files: every stream, by name."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.ole import MAGIC, CompoundFile
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, Magic, Unpacked, Unpacker


class Ole(Unpacker):
    """The container of older Office files, Outlook messages and Windows Installer packages."""

    NAME = "ole"
    MAGIC = (Magic(data=MAGIC),)
    DOC = FormatDoc(
        title="OLE compound file: streams (doc, xls, ppt, msg, msi, mpp, wps, vsd, thumbs.db)",
        kind="document",
        suffixes=(".doc", ".xls", ".ppt", ".msg", ".msi", ".msp", ".mpp", ".wps", ".et", ".dps", ".vsd"),
        references=("https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/",),
        limits=("Streams of an encrypted document come out as they lie in the file.",),
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Streams in directory order. Text in them (UTF-16 or a code page) is matched as it stands."""
        container = CompoundFile(blob)
        for stream in container.streams:
            data = context.collect(container.chunks(stream), packed_size=stream.size)
            yield Content(name=UntrustedText(stream.path.lstrip("\x01\x03\x05\x06")), blob=data)


UNPACKER = Ole()
