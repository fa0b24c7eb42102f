"""Apple volumes."""

from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Hfs(ProgramFormat):
    """HFS and HFS+."""

    NAME = "hfs"
    MAGIC = (Magic(data=b"H+\0\4", offset=1024), Magic(data=b"HX\0\5", offset=1024))
    DOC = FormatDoc(
        title="HFS+, HFSX",
        kind="file system",
        suffixes=(".hfs", ".hfsx"),
        references=("https://developer.apple.com/library/archive/technotes/tn/tn1150.html",),
        limits=(
            "Not tried on a sample: no free program that writes the format was at hand.",
            "Needs 7-Zip.",
        ),
        program="7zz",
        install=SEVEN_ZIP,
    )


UNPACKER = Hfs()
