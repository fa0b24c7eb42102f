"""LZO1X decompression, as squashfs, jffs2, ubifs and lzop use it."""

from witnessmark.unpack.unpacker import FormatError


def decompress(data: bytes, limit: int) -> bytes:
    """One LZO1X block that gives at most `limit` bytes. Raises FormatError."""
    try:
        return _decompress(data, limit)
    except IndexError as error:
        raise FormatError("LZO: the data ends early") from error


def _decompress(data: bytes, limit: int) -> bytes:  # noqa: C901, PLR0915  the format is one state machine
    out = bytearray()
    at = 0
    state = 0
    if data[0] > 17:
        count = data[0] - 17
        at = 1
        out += data[at : at + count]
        at += count
        state = min(count, 4)
    while True:
        if len(out) > limit:
            raise FormatError("LZO: more bytes come out than may")
        code = data[at]
        at += 1
        if code < 16:
            if state == 0:
                count = code + 3
                if code == 0:
                    count, at = _long(data, at, 18)
                out += data[at : at + count]
                if at + count > len(data):
                    raise IndexError
                at += count
                state = 4
                continue
            following = data[at]
            at += 1
            back = (following << 2) + (code >> 2) + (1 if state < 4 else 2049)
            length = 2 if state < 4 else 3
            trailing = code & 3
        elif code < 32:
            length = (code & 7) + 2
            if length == 2:
                length, at = _long(data, at, 9)
            pair = data[at] | data[at + 1] << 8
            at += 2
            back = ((code & 8) << 11) + (pair >> 2) + 16384
            trailing = pair & 3
            if back == 16384:
                return bytes(out)
        elif code < 64:
            length = (code & 31) + 2
            if length == 2:
                length, at = _long(data, at, 33)
            pair = data[at] | data[at + 1] << 8
            at += 2
            back = (pair >> 2) + 1
            trailing = pair & 3
        else:
            following = data[at]
            at += 1
            back = (following << 3) + ((code >> 2) & 7) + 1
            length = (code >> 5) + 1
            trailing = code & 3
        _copy(out, back, length)
        out += data[at : at + trailing]
        at += trailing
        state = trailing


def _long(data: bytes, at: int, base: int) -> tuple[int, int]:
    """A length that runs over zero bytes."""
    length = base
    while data[at] == 0:
        length += 255
        at += 1
        if length > 1 << 28:
            raise FormatError("LZO: a length out of range")
    return length + data[at], at + 1


def _copy(out: bytearray, back: int, length: int) -> None:
    if back > len(out):
        raise FormatError("LZO: a reference before the start")
    start = len(out) - back
    if back >= length:
        out += out[start : start + length]
    else:
        pattern = bytes(out[start:])
        out += (pattern * (length // back + 1))[:length]
