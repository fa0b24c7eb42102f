"""Windows volumes."""

import struct

from witnessmark.blob import Blob
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

    def accepts(self, blob: Blob, name: str) -> bool:
        """As many sectors as the boot record says; its own copy inside the volume has not."""
        head = blob.read(0, 48)
        return (
            len(head) == 48
            and struct.unpack_from("<Q", head, 40)[0] * struct.unpack_from("<H", head, 11)[0] <= blob.size
        )


UNPACKER = Ntfs()
