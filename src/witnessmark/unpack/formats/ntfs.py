"""Windows volumes."""

from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Ntfs(ProgramFormat):
    """NTFS."""

    NAME = "ntfs"
    MAGIC = (Magic(data=b"NTFS    ", offset=3),)
    DOC = FormatDoc(
        title="NTFS",
        kind="file system",
        suffixes=(".ntfs", ".img"),
        references=("https://flatcap.github.io/linux-ntfs/ntfs/",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )


UNPACKER = Ntfs()
