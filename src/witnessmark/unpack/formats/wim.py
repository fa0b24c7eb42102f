"""Windows images."""

from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Wim(ProgramFormat):
    """WIM."""

    NAME = "wim"
    MAGIC = (Magic(data=b"MSWIM\0\0\0"),)
    DOC = FormatDoc(
        title="Windows image (WIM, ESD)",
        kind="archive",
        suffixes=(".wim", ".esd", ".swm"),
        references=("https://learn.microsoft.com/windows-hardware/manufacture/desktop/wim-vs-ffu-image-file-formats",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )


UNPACKER = Wim()
