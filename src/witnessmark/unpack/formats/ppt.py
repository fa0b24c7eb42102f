"""PowerPoint 97 to 2003: embedded objects that the presentation keeps compressed."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.inflate import inflated
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_EMBEDDED = 0x1011  # ExOleObjStg, also holds the project of macros
_COMPRESSED = 1
_CONTAINER = 0xF
_MAX_RECORDS = 10_000_000


class Ppt(Unpacker):
    """The `PowerPoint Document` stream of a compound file."""

    NAME = "ppt"
    MAGIC = (Magic(data=b"\x0f\x00\xe8\x03"),)
    DOC = FormatDoc(
        title="PowerPoint 97-2003 presentation (ppt): compressed embedded objects; text is matched as it stands",
        kind="document",
        suffixes=(".ppt", ".pps", ".dps"),
        references=("https://learn.microsoft.com/openspecs/office_file_formats/ms-ppt/",),
        limits=("Text of encrypted presentations is not read.",),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Each embedded object, unpacked."""
        at = count = 0
        while at + 8 <= blob.size:
            count += 1
            if count > _MAX_RECORDS:
                raise FormatError(f"more than {_MAX_RECORDS} records", code=ProblemCode.BOUND_STRUCTURE)
            flags, kind, size = struct.unpack("<HHL", blob.view(at, 8))
            at += 8
            if flags & 0xF == _CONTAINER:
                continue  # its records follow
            if kind == _EMBEDDED and flags >> 4 == _COMPRESSED:
                packed = blob.view(at + 4, size - 4)
                (full,) = struct.unpack("<L", blob.view(at, 4))  # some writers leave out the stream's own end
                data = context.collect(inflated(packed, size=full), packed_size=len(packed))
                yield Content(name=UntrustedText(f"object at {at}"), blob=data)
            at += size


UNPACKER = Ppt()
