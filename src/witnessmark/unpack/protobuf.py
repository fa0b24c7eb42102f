"""Protocol buffer messages without their schema: field numbers and raw values."""

from collections.abc import Iterator

from witnessmark.unpack.unpacker import FormatError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, value): integers for numbers, bytes for everything else. Raises FormatError."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            length, at = varint(data, at)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise FormatError(f"an unknown wire type {kind}")
        if at + length > len(data):
            raise FormatError("a protobuf field that runs past the end")
        piece = data[at : at + length]
        yield number, piece if kind == BYTES else int.from_bytes(piece, "little")
        at += length


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length number and where it ends. Raises FormatError."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise FormatError("a number that does not end")
