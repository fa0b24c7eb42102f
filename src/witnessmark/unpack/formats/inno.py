"""Inno Setup installers."""

import re

from witnessmark.blob import Blob
from witnessmark.unpack.program_format import ProgramFormat
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic

MARK = re.compile(rb"rDlPtS(?:\xcd\xe6\xd7\x7b\x0b\x2a|[0-9]{2}\x87eVx)|Inno Setup Setup Data \(")


class Inno(ProgramFormat):
    """Inno Setup: a PE program with its own archive."""

    NAME = "inno"
    MAGIC = (Magic(data=b"MZ"),)
    DOC = FormatDoc(
        title="Inno Setup installer",
        kind="app",
        suffixes=(".exe",),
        references=("https://constexpr.org/innoextract/",),
        limits=(
            "Not tried on a sample: no free program that writes the format was at hand.",
            "Needs innoextract, and a version of it that knows the installer.",
        ),
        program="innoextract",
        install="apt install innoextract, or brew install innoextract",
        in_place=True,
    )
    SUFFIX = ".exe"

    def accepts(self, blob: Blob, name: str) -> bool:
        """The mark of its table of offsets, which stands in the program's resources."""
        return MARK.search(blob.view(0, 16 << 20)) is not None

    def attempts(self, context: Context) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Only one program is known."""
        return (("innoextract", ("--silent", "--collisions", "rename", "-d", "{output}", "{input}")),)


UNPACKER = Inno()
