"""RPM: the headers as they stand, and the payload by whatever compression it has."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

LEAD = b"\xed\xab\xee\xdb"
HEADER = b"\x8e\xad\xe8\x01"


class Rpm(Unpacker):
    """RPM version 3 and 4 packages."""

    NAME = "rpm"
    MAGIC = (Magic(data=LEAD, offset=None), Magic(data=LEAD))
    DOC = FormatDoc(
        title="RPM package",
        kind="archive",
        suffixes=(".rpm", ".srpm"),
        references=("https://rpm-software-management.github.io/rpm/manual/format_v4.html",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A signature header behind the lead."""
        return blob.read(96, 4) == HEADER

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Two members: the headers' bytes, and the payload (a compressed cpio archive)."""
        signature = _header_end(blob, 96)
        main = _header_end(blob, -(-signature // 8) * 8)
        yield Content(name=UntrustedText("header"), blob=blob.part(96, main - 96))
        yield Content(name=UntrustedText("payload.cpio"), blob=blob.part(main, blob.size - main))


def _header_end(blob: Blob, at: int) -> int:
    if blob.read(at, 4) != HEADER:
        raise FormatError(f"no header at {at}")
    entries, size = struct.unpack(">II", blob.read(at + 8, 8))
    end = at + 16 + int(entries) * 16 + int(size)
    if end > blob.size:
        raise FormatError("a header longer than the file")
    return end


UNPACKER = Rpm()
