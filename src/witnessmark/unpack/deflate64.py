"""Deflate64 (Enhanced Deflate): deflate with a window of 64 KiB and longer matches. In Python: 1 to 2 MB a second."""

from collections.abc import Iterator, Sequence

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.unpacker import FormatError

WINDOW = 1 << 16
STEP_OUT = 1 << 18
STEP_IN = 1 << 16
MOST_BITS = 15
END_OF_BLOCK = 256
ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
LENGTHS = (
    *((code - 254, 0) for code in range(257, 265)),
    *((3 + (4 + (code - 265) % 4 << (code - 261) // 4), (code - 261) // 4) for code in range(265, 285)),
    (3, 16),
)  # base and extra bits of the codes 257 to 285; the last is what differs from deflate
DISTANCES = (
    (1, 0),
    (2, 0),
    *((1 + (2 + code % 2 << code // 2 - 1), code // 2 - 1) for code in range(2, 32)),
)

_Codes = tuple[list[int], int]  # by the next bits: symbol * 16 + length, or 0 for no code; how many bits to look at


class _Bits:
    """The packed bytes as bits, the lowest first."""

    def __init__(self, packed: Blob) -> None:
        self._packed = packed
        self._at = 0
        self._data = b""
        self._next = 0
        self.held = 0
        self.count = 0

    def fill(self) -> None:
        """Hold at least 48 bits, with zeros after the end."""
        while self.count < 48:
            if self._next >= len(self._data):
                self._data = self._packed.read(self._at, STEP_IN)
                self._at += len(self._data)
                self._next = 0
                if not self._data:
                    if self.count < 0:
                        raise FormatError("the compressed data ends early", code=ProblemCode.TRUNCATED)
                    return
            part = self._data[self._next : self._next + 8]
            self.held |= int.from_bytes(part, "little") << self.count
            self.count += 8 * len(part)
            self._next += len(part)

    def take(self, bits: int) -> int:
        """The next `bits` bits, at most 48. Raises FormatError(TRUNCATED)."""
        if self.count < bits:
            self.fill()
            if self.count < bits:
                raise FormatError("the compressed data ends early", code=ProblemCode.TRUNCATED)
        value = self.held & ((1 << bits) - 1)
        self.held >>= bits
        self.count -= bits
        return value

    def symbol(self, codes: _Codes) -> int:
        """The next symbol. Raises FormatError."""
        table, width = codes
        if self.count < width:
            self.fill()
        found = table[self.held & ((1 << width) - 1)]
        bits = found & 15
        if not bits or bits > self.count:
            raise FormatError("deflate64: no such code", code=ProblemCode.TRUNCATED if bits else ProblemCode.CORRUPT)
        self.held >>= bits
        self.count -= bits
        return found >> 4


def _codes(lengths: Sequence[int]) -> _Codes:
    """The table for canonical codes of these lengths. Raises FormatError when they cannot be."""
    width = max(lengths, default=0)
    if width == 0:
        return [0], 0
    table = [0] * (1 << width)
    code = 0
    for bits in range(1, width + 1):
        for symbol, length in enumerate(lengths):
            if length == bits:
                if code >= 1 << bits:
                    raise FormatError("deflate64: too many codes")
                start = int(f"{code:0{bits}b}"[::-1], 2)
                table[start :: 1 << bits] = [symbol << 4 | bits] * (1 << width - bits)
                code += 1
        code <<= 1
    return table, width


FIXED = (_codes([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8), _codes([5] * 32))


def _described(bits: _Bits) -> tuple[_Codes, _Codes]:
    """The codes that a block brings along."""
    literals, distances, count = bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4
    order = [0] * len(ORDER)
    for place in ORDER[:count]:
        order[place] = bits.take(3)
    codes = _codes(order)
    lengths: list[int] = []
    while len(lengths) < literals + distances:
        symbol = bits.symbol(codes)
        if symbol < 16:
            lengths.append(symbol)
        elif symbol == 16:
            if not lengths:
                raise FormatError("deflate64: nothing to repeat")
            lengths += lengths[-1:] * (3 + bits.take(2))
        else:
            lengths += [0] * (3 + bits.take(3) if symbol == 17 else 11 + bits.take(7))
    return _codes(lengths[:literals]), _codes(lengths[literals : literals + distances])


def _stored(bits: _Bits, out: bytearray) -> Iterator[None]:
    bits.take(bits.count % 8)
    length, inverse = bits.take(16), bits.take(16)
    if length ^ inverse != 0xFFFF:
        raise FormatError("deflate64: a stored block's length is damaged")
    for _ in range(length):
        out.append(bits.take(8))
    yield


def _packed(bits: _Bits, out: bytearray, literals: _Codes, distances: _Codes) -> Iterator[None]:
    while (symbol := bits.symbol(literals)) != END_OF_BLOCK:
        if symbol < END_OF_BLOCK:
            out.append(symbol)
            continue
        if symbol > 285:
            raise FormatError("deflate64: no such length")
        base, extra = LENGTHS[symbol - 257]
        length = base + bits.take(extra)
        base, extra = DISTANCES[bits.symbol(distances)]
        distance = base + bits.take(extra)
        if distance > len(out):
            raise FormatError("deflate64: a match before the beginning")
        start = len(out) - distance
        piece = out[start : start + length]
        out += (piece * (length // distance + 1))[:length] if distance < length else piece
        if len(out) > STEP_OUT + WINDOW:
            yield
    yield


def chunks(packed: Blob) -> Iterator[bytes]:
    """Decompressed bytes up to the stream's own end. Raises FormatError."""
    bits = _Bits(packed)
    out = bytearray()
    final = 0
    while not final:
        final, kind = bits.take(1), bits.take(2)
        if kind == 3:
            raise FormatError("deflate64: no such kind of block")
        block = _stored(bits, out) if kind == 0 else _packed(bits, out, *(FIXED if kind == 1 else _described(bits)))
        for _ in block:
            if len(out) > STEP_OUT + WINDOW:
                yield bytes(out[:-WINDOW])
                del out[:-WINDOW]
        yield b""  # blocks may be empty: whoever collects looks at the clock
    yield bytes(out)
