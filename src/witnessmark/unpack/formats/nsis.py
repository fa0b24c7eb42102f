"""NSIS installers."""

from witnessmark.blob import Blob
from witnessmark.unpack.pe_overlay import overlay
from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Nsis(ProgramFormat):
    """Nullsoft installers: a PE program with an archive behind it."""

    NAME = "nsis"
    MAGIC = (Magic(data=b"MZ"),)
    DOC = FormatDoc(
        title="NSIS installer",
        kind="app",
        suffixes=(".exe",),
        references=("https://nsis.sourceforge.io/",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """The first header's mark where the program's sections end."""
        start = overlay(blob)
        return start is not None and b"\xef\xbe\xad\xdeNullsoftInst" in blob.read(start, 1 << 16)


UNPACKER = Nsis()
