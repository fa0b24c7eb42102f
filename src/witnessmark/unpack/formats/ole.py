"""OLE compound files: every stream, by name."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.ole import MAGIC, CompoundFile
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, Magic, Passed, Unpacked, Unpacker

_MARKS = dict.fromkeys(range(7))  # the standard's own streams begin with one of these
_ENCRYPTED = frozenset({"EncryptedPackage", "EncryptedSummary"})  # documents under a password


class Ole(Unpacker):
    """The container of older Office files, Outlook messages and Windows Installer packages."""

    NAME = "ole"
    MAGIC = (Magic(data=MAGIC),)
    DOC = FormatDoc(
        title="OLE compound file: streams (doc, xls, ppt, msg, msi, mpp, wps, vsd, thumbs.db)",
        kind="document",
        suffixes=(".doc", ".xls", ".ppt", ".msg", ".msi", ".msp", ".mpp", ".wps", ".et", ".dps", ".vsd"),
        references=("https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/",),
        limits=("Encrypted documents are reported, not opened.",),
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Streams in directory order. Text in them (UTF-16 or a code page) is matched as it stands."""
        container = CompoundFile(blob)
        for stream in container.streams:
            name = UntrustedText(stream.path.translate(_MARKS))
            if name in _ENCRYPTED:
                yield Passed(code=ProblemCode.ENCRYPTED, name=name)
                continue
            yield Content(name=name, blob=context.collect(container.chunks(stream), packed_size=stream.size))


UNPACKER = Ole()
