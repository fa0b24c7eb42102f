"""Programs packed with UPX."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_HEAD = 4096


class Upx(Unpacker):
    """Executables that unpack themselves when started; here `upx -d` unpacks them, nothing is started."""

    NAME = "upx"
    MAGIC = (Magic(data=b"\x7fELF"), Magic(data=b"MZ"), Magic(data=b"\xcf\xfa\xed\xfe"))
    DOC = FormatDoc(
        title="UPX-packed program",
        kind="app",
        suffixes=(),
        references=("https://upx.github.io/",),
        limits=("Needs the upx program; without it the packed bytes are matched as they stand, which finds little.",),
        program="upx",
        install="apt install upx-ucl (or upx from https://upx.github.io/)",
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the packer's mark stands near the beginning."""
        head = blob.read(0, _HEAD)
        return b"UPX!" in head and (b"UPX0" in head or not head.startswith(b"MZ"))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The program as it was before packing."""
        folder = context.run("upx", ("-d", "-qqq", "-o", "{output}/unpacked", "{input}"), blob)
        result = folder / "unpacked"
        if not result.is_file() or result.is_symlink():
            raise FormatError("upx made no file")
        yield Content(name=UntrustedText("unpacked"), blob=Blob.of_path(result))


UNPACKER = Upx()
