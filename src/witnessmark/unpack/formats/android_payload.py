"""Android OTA payload.bin: full images of partitions, put together from their operations."""

import bz2
import lzma
import struct
from collections.abc import Iterator
from lzma import LZMADecompressor

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.codecs import ZstdFrames, checked
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.protobuf import fields
from witnessmark.unpack.unpacker import (
    Accounted,
    Content,
    Context,
    FormatDoc,
    FormatError,
    Magic,
    Passed,
    Unpacked,
    Unpacker,
)

MARK = b"CrAU"
REPLACE, REPLACE_BZ, ZERO, DISCARD, REPLACE_XZ, ZSTD = 0, 1, 6, 7, 8, 14
MAX_MANIFEST = 128 << 20
MAX_OPERATION = 512 << 20


class AndroidPayload(Unpacker):
    """Version 2 of update_engine's format."""

    NAME = "android_payload"
    MAGIC = (Magic(data=MARK),)
    DOC = FormatDoc(
        title="Android OTA payload.bin",
        kind="firmware",
        suffixes=(".bin",),
        references=(
            "https://android.googlesource.com/platform/system/update_engine/+/refs/heads/main/update_metadata.proto",
        ),
        limits=("Incremental updates change a system that is not here: their partitions are reported, not read.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Version 2 and a manifest within the file."""
        head = blob.read(0, 24)
        if len(head) < 24:
            return False
        version, manifest = struct.unpack_from(">QQ", head, 4)
        return bool(version == 2 and 0 < manifest < min(blob.size, MAX_MANIFEST))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One image a partition."""
        manifest_size, signature_size = struct.unpack_from(">QI", blob.read(0, 24), 12)
        manifest = blob.read(24, manifest_size)
        data_at = 24 + manifest_size + signature_size
        block = 4096
        partitions = []
        for number, value in fields(manifest):
            if number == 3 and isinstance(value, int):
                block = value
            elif number == 13 and isinstance(value, bytes):
                partitions.append(value)
        if not 512 <= block <= 1 << 20:
            raise FormatError("a block size out of range")
        yield Accounted(0, blob.size)
        for partition in partitions:
            name, operations = _partition(partition)
            if any(kind not in (REPLACE, REPLACE_BZ, ZERO, DISCARD, REPLACE_XZ, ZSTD) for kind, *_ in operations):
                yield Passed(code=ProblemCode.UNSUPPORTED, name=name, message="incremental")
                continue
            packed = sum(length for _, _, length, _, _ in operations)
            chunks = _image(blob, data_at, operations, block)
            yield Content(name=UntrustedText(f"{name}.img"), blob=context.collect(chunks, packed_size=packed))


Operation = tuple[int, int, int, int, int]
"""(kind, data offset, data length, first block, blocks)"""


def _partition(data: bytes) -> tuple[UntrustedText, list[Operation]]:
    name = UntrustedText("partition")
    operations = []
    for number, value in fields(data):
        if number == 1 and isinstance(value, bytes):
            name = decode_name(value)
        elif number == 8 and isinstance(value, bytes):
            operations.append(_operation(value))
    return name, sorted(operations, key=lambda operation: operation[3])


def _operation(data: bytes) -> Operation:
    kind = offset = length = start = blocks = 0
    first = True
    for number, value in fields(data):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 2 and isinstance(value, int):
            offset = value
        elif number == 3 and isinstance(value, int):
            length = value
        elif number == 6 and isinstance(value, bytes):
            extent = dict(fields(value))
            if first:
                start = int(extent.get(1, 0))
            blocks += int(extent.get(2, 0))
            first = False
    return kind, offset, length, start, blocks


def _image(blob: Blob, data_at: int, operations: list[Operation], block: int) -> Iterator[bytes]:
    at = 0
    for kind, offset, length, start, blocks in operations:
        hole = start * block - at
        while hole > 0:
            piece = min(hole, 1 << 20)
            yield bytes(piece)
            hole -= piece
            at += piece
        size = blocks * block
        if size > MAX_OPERATION:
            raise FormatError("an operation larger than its bound")
        data = bytes(size) if kind in (ZERO, DISCARD) else _data(blob.part(data_at + offset, length), kind, size)
        yield data[:size]
        at += len(data[:size])


def _data(packed: Blob, kind: int, size: int) -> bytes:
    if kind == REPLACE_BZ:
        return checked(bz2.BZ2Decompressor(), packed.read(), size)
    if kind == REPLACE_XZ:
        return LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20).decompress(packed.read(), size)
    if kind == ZSTD:
        return b"".join(ZstdFrames(packed).chunks())[:size]
    return packed.read()


UNPACKER = AndroidPayload()
