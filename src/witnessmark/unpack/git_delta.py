"""Git's binary differences. Reference: https://git-scm.com/docs/pack-format"""

from witnessmark.unpack.unpacker import FormatError

MAX_OBJECT = 64 << 20


def patched(base: bytes, delta: bytes) -> bytes:
    """The object that `delta` makes out of `base`. Raises FormatError where they do not fit."""
    said, at = _varint(delta, 0)
    size, at = _varint(delta, at)
    if said != len(base) or size > MAX_OBJECT:
        raise FormatError("a difference does not fit its base")
    out: list[bytes] = []
    made = 0
    while at < len(delta):
        code = delta[at]
        at += 1
        if code & 0x80:
            offset = length = 0
            for bit in range(7):
                if code >> bit & 1:
                    value, at = delta[at], at + 1
                    if bit < 4:
                        offset |= value << 8 * bit
                    else:
                        length |= value << 8 * (bit - 4)
            piece = base[offset : offset + (length or 0x10000)]
        elif code:
            piece, at = delta[at : at + code], at + code
        else:
            raise FormatError("a difference uses a reserved code")
        out.append(piece)
        made += len(piece)
        if made > size:
            raise FormatError("a difference makes more than it says")
    if made != size:
        raise FormatError("a difference makes less than it says")
    return b"".join(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise FormatError("a number is too long")
