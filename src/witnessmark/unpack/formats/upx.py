"""Programs packed with UPX."""

from witnessmark.blob import Blob
from witnessmark.unpack.program_format import ProgramFormat
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic


class Upx(ProgramFormat):
    """The unpacked program."""

    NAME = "upx"
    MAGIC = (Magic(data=b"MZ"), Magic(data=b"\x7fELF"))
    DOC = FormatDoc(
        title="UPX-packed program",
        kind="app",
        suffixes=(".exe", ".so"),
        references=("https://upx.github.io/",),
        limits=(
            "Not tried on a sample: no free program that writes the format was at hand.",
            "Needs upx.",
        ),
        program="upx",
        install="apt install upx-ucl, or brew install upx",
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """The packer's mark near the start or the end."""
        return b"UPX!" in blob.read(0, 4096) or b"UPX!" in blob.read(max(0, blob.size - 4096))

    def attempts(self, context: Context) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Only one program is known."""
        return (("upx", ("-d", "-qqq", "-o", "{output}/unpacked", "{input}")),)


UNPACKER = Upx()
