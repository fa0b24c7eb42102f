"""LHA archives, by libarchive or a program."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack import native_library
from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked


class Lzh(ProgramFormat):
    """LZH, as in old Japanese software."""

    NAME = "lzh"
    MAGIC = tuple(Magic(data=b"-lh" + bytes([kind]) + b"-", offset=2) for kind in b"01234567d")
    DOC = FormatDoc(
        title="LHA (LZH)",
        kind="archive",
        suffixes=(".lzh", ".lha"),
        references=("https://github.com/jca02266/lha/blob/master/header.doc.md",),
        limits=("Needs libarchive or 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Members in archive order."""
        if native_library.present():
            return native_library.members(blob, context)
        return super().members(blob, context)


UNPACKER = Lzh()
