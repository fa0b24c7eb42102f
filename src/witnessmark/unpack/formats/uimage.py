"""U-Boot's uImage: one or several payloads behind a 64-byte header."""

import struct
import zlib
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

MARK = b"\x27\x05\x19\x56"
MULTI = 4


class UImage(Unpacker):
    """Legacy images; FIT images are device trees and are carved."""

    NAME = "uimage"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="U-Boot uImage (legacy)",
        kind="firmware",
        suffixes=(".uimage", ".ub"),
        references=("https://docs.u-boot.org/en/latest/usage/fit/index.html",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A header whose own checksum holds."""
        head = blob.read(0, 64)
        return len(head) == 64 and zlib.crc32(head[:4] + bytes(4) + head[8:]) == int.from_bytes(head[4:8], "big")

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The payload, or each part of a multi-file image."""
        head = blob.read(0, 64)
        (size,) = struct.unpack_from(">I", head, 12)
        kind, name = head[30], decode_name(head[32:64].rstrip(b"\0")) or UntrustedText("payload")
        yield Accounted(0, 64)
        yield Accounted(64, size)
        if kind != MULTI:
            yield Content(name=name, blob=blob.part(64, size))
        else:
            at = 64
            sizes: list[int] = []
            while (length := int.from_bytes(blob.read(at, 4), "big")) and len(sizes) < 1024:
                sizes.append(length)
                at += 4
            at += 4
            for number, length in enumerate(sizes):
                yield Content(name=UntrustedText(f"{name} [{number}]"), blob=blob.part(at, length))
                at += -(-length // 4) * 4
        if 64 + size > blob.size:
            raise FormatError("the image ends inside its payload", code=ProblemCode.TRUNCATED)


UNPACKER = UImage()
