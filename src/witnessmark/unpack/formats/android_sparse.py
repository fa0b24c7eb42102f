"""Android sparse images: raw, filled and left-out blocks."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.names import UNNAMED
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

MARK = b"\x3a\xff\x26\xed"
RAW, FILL, HOLE, CHECK = 0xCAC1, 0xCAC2, 0xCAC3, 0xCAC4
STEP = 1 << 20


class AndroidSparse(Unpacker):
    """The format of fastboot and of system images."""

    NAME = "android_sparse"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="Android sparse image",
        kind="firmware",
        suffixes=(".simg", ".img"),
        references=("https://android.googlesource.com/platform/system/core/+/refs/heads/main/libsparse/",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Version 1 and sane header sizes."""
        head = blob.read(0, 28)
        if len(head) < 28:
            return False
        major, _, header, chunk, block = struct.unpack_from("<HHHHI", head, 4)
        return bool(major == 1 and header >= 28 and chunk >= 12 and block % 4 == 0 and 0 < block <= 1 << 24)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One member: the image with its holes filled."""
        yield Content(name=UNNAMED, blob=context.collect(_chunks(blob), packed_size=blob.size))


def _chunks(blob: Blob) -> Iterator[bytes]:
    header, chunk_header, block, _, count = struct.unpack_from("<HHIII", blob.read(0, 28), 8)
    at = int(header)
    for _ in range(count):
        kind, _, blocks, total = struct.unpack("<HHII", blob.read(at, 12))
        size = int(blocks) * int(block)
        if kind == RAW:
            for _, view in blob.part(at + chunk_header, size).windows():
                yield bytes(view)
        elif kind in (FILL, HOLE):
            pattern = blob.read(at + chunk_header, 4) if kind == FILL else bytes(4)
            piece = pattern * (min(size, STEP) // 4)
            for _ in range(size // len(piece) if piece else 0):
                yield piece
            yield pattern * (size % len(piece) // 4 if piece else 0)
        elif kind != CHECK:
            raise FormatError(f"an unknown chunk {kind:#x}")
        if total < chunk_header:
            raise FormatError("a chunk smaller than its header")
        at += int(total)


UNPACKER = AndroidSparse()
