"""ARJ archives."""

from witnessmark.blob import Blob
from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Arj(ProgramFormat):
    """Robert Jung's archiver."""

    NAME = "arj"
    MAGIC = (Magic(data=b"\x60\xea"),)
    DOC = FormatDoc(
        title="ARJ",
        kind="archive",
        suffixes=(".arj",),
        references=("https://github.com/joewalnes/jzip/blob/master/docs/arj.txt",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A main header of a plausible length and type."""
        head = blob.read(0, 12)
        return len(head) == 12 and 30 <= int.from_bytes(head[2:4], "little") <= 2600 and head[10] == 2


UNPACKER = Arj()
