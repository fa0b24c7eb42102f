"""TRX: Broadcom router firmware, up to four partitions."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, Magic, Unpacked, Unpacker


class Trx(Unpacker):
    """Versions 1 and 2, little-endian."""

    NAME = "trx"
    MAGIC = (Magic(data=b"HDR0", offset=None), Magic(data=b"HDR0"))
    DOC = FormatDoc(
        title="TRX",
        kind="firmware",
        suffixes=(".trx",),
        references=("https://openwrt.org/docs/techref/headers",),
        limits=("The checksum is not verified.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A known version, a length within the file, and offsets that rise."""
        head = blob.read(0, 32)
        if len(head) < 32:
            return False
        length, version = struct.unpack_from("<I4x2xH", head, 4)
        return version in (1, 2) and 28 <= length <= blob.size and bool(_starts(head, length))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Each partition."""
        head = blob.read(0, 32)
        (length,) = struct.unpack_from("<I", head, 4)
        starts = _starts(head, length)
        yield Accounted(0, length)
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], length], strict=True)):
            yield Content(name=UntrustedText(f"partition {number}"), blob=blob.part(start, end - start))


def _starts(head: bytes, length: int) -> list[int]:
    version = head[14]
    offsets = struct.unpack_from("<4I" if version == 2 else "<3I", head, 16)
    starts = [offset for offset in offsets if offset]
    return starts if starts == sorted(set(starts)) and all(28 <= start < length for start in starts) else []


UNPACKER = Trx()
