"""LHA archives."""

from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Lzh(ProgramFormat):
    """LZH, as in old Japanese software."""

    NAME = "lzh"
    MAGIC = tuple(Magic(data=b"-lh" + bytes([kind]) + b"-", offset=2) for kind in b"01234567d")
    DOC = FormatDoc(
        title="LHA (LZH)",
        kind="archive",
        suffixes=(".lzh", ".lha"),
        references=("https://github.com/jca02266/lha/blob/master/header.doc.md",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )


UNPACKER = Lzh()
