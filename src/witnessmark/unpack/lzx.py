"""LZX, the compression of Microsoft's help files. Reference: [MS-PATCH] 2, Microsoft's LZX description of 1997.

Our own decoder: no kept library offers one that can be told where a help file's intervals start.
"""

from array import array

from witnessmark.unpack.unpacker import FormatError

FRAME = 32_768
_SLOTS = {15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50}
_EXTRA = tuple(min(17, max(0, slot // 2 - 1)) for slot in range(50))
_BASE = tuple(sum(1 << bits for bits in _EXTRA[:slot]) for slot in range(50))
_LENGTHS = 249
_VERBATIM, _ALIGNED, _STORED = 1, 2, 3
_DAMAGED = "the LZX stream is damaged"

Table = tuple[list[int], int]


class LzxInterval:
    """Decode one interval: a stretch that starts afresh and refers to nothing before it."""

    def __init__(self, packed: bytes, window_bits: int) -> None:
        if window_bits not in _SLOTS:
            raise FormatError(f"an LZX window of 2^{window_bits} bytes is not in the standard")
        words = array("H", packed + b"\0" * (len(packed) & 1))
        if words.itemsize != 2:
            raise FormatError("no 16-bit words on this machine")
        if array("H", b"\1\0")[0] != 1:
            words.byteswap()
        self._packed = packed
        self._words = [*words.tolist(), 0, 0, 0, 0]  # a code's last bits may be looked at beyond the end
        self._at = 0
        self._buffer = 0
        self._bits = 0
        self._main = [0] * (256 + 8 * _SLOTS[window_bits])
        self._length = [0] * _LENGTHS
        self._recent = (1, 1, 1)
        self._out = bytearray()

    def unpack(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises FormatError where the stream does not give them."""
        try:
            return self._unpack(size)
        except IndexError as error:
            raise FormatError(_DAMAGED) from error

    def _unpack(self, size: int) -> bytes:
        calls = self._take(1)
        file_size = self._take(16) << 16 | self._take(16) if calls else 0
        left = kind = 0
        main: Table = ([], 0)
        length: Table = ([], 0)
        aligned: Table | None = None
        while len(self._out) < size:
            if left == 0:
                kind = self._take(3)
                left = self._take(16) << 8 | self._take(8)
                if kind == _STORED:
                    self._stored_header()
                elif kind in (_VERBATIM, _ALIGNED):
                    aligned = _table([self._take(3) for _ in range(8)]) if kind == _ALIGNED else None
                    main, length = self._trees()
                else:
                    raise FormatError(_DAMAGED)
                if left == 0:
                    raise FormatError(_DAMAGED)  # an empty block brings nobody further
            before = len(self._out)
            until = min(before + left, before - before % FRAME + FRAME)  # the last frame may be padded
            if kind == _STORED:
                self._stored(until - before, last=until - before == left)
            else:
                self._codes(until, main, length, aligned)
            left -= len(self._out) - before
            if left < 0:
                raise FormatError(_DAMAGED)
            if kind != _STORED and len(self._out) % FRAME == 0:
                self._bits -= self._bits % 16
        if file_size:
            self._undo_calls(file_size)
        return bytes(self._out[:size])

    def _take(self, count: int) -> int:
        while self._bits < count:
            self._buffer = (self._buffer & 0xFFFF) << 16 | self._words[self._at]
            self._at += 1
            self._bits += 16
        self._bits -= count
        return self._buffer >> self._bits & (1 << count) - 1

    def _symbol(self, table: Table) -> int:
        entries, width = table
        value = self._take(width)
        entry = entries[value]
        back = width - (entry & 31)
        self._bits += back
        return entry >> 5

    def _trees(self) -> tuple[Table, Table]:
        self._lengths(self._main, 0, 256)
        self._lengths(self._main, 256, len(self._main))
        self._lengths(self._length, 0, _LENGTHS)
        return _table(self._main), _table(self._length)

    def _lengths(self, lengths: list[int], at: int, end: int) -> None:
        """Code lengths, as differences from the block before."""
        table = _table([self._take(4) for _ in range(20)])
        while at < end:
            symbol = self._symbol(table)
            if symbol < 17:
                lengths[at] = (lengths[at] - symbol) % 17
                at += 1
                continue
            value = 0
            if symbol == 17:
                run = self._take(4) + 4
            elif symbol == 18:
                run = self._take(5) + 20
            else:
                run = self._take(1) + 4
                symbol = self._symbol(table)
                if symbol > 16:
                    raise FormatError(_DAMAGED)
                value = (lengths[at] - symbol) % 17
            if at + run > end:
                raise FormatError(_DAMAGED)
            lengths[at : at + run] = [value] * run
            at += run

    def _stored_header(self) -> None:
        """Stored blocks begin at a word's border, with the three recent distances."""
        # 1 to 16 bits of padding; more than 16 bits left means that the word read ahead is data already
        at = 2 * self._at + (2 if self._bits == 0 else 0 if self._bits <= 16 else -2)
        words = [int.from_bytes(self._packed[at + step : at + step + 4], "little") for step in (0, 4, 8)]
        self._recent = (words[0], words[1], words[2])
        self._at = (at + 12) // 2
        self._bits = 0

    def _stored(self, count: int, *, last: bool) -> None:
        piece = self._packed[2 * self._at + self._bits : 2 * self._at + self._bits + count]
        if len(piece) < count:
            raise FormatError(_DAMAGED)
        self._out += piece
        after = self._bits + count  # while a block is stored, `_bits` counts a byte that sticks out over a word
        self._at += after // 2
        self._bits = after % 2
        if last:
            self._at += self._bits  # an odd length is padded
            self._bits = 0

    def _codes(self, until: int, main: Table, length: Table, aligned: Table | None) -> None:
        """Literals and references up to `until`. The state is kept in local names: this is the inner loop."""
        out, words = self._out, self._words
        at, buffer, bits = self._at, self._buffer, self._bits
        entries, width = main
        recent, older, oldest = self._recent
        made = len(out)
        while made < until:
            if bits < 17:
                buffer = (buffer & 0x1FFFF) << 16 | words[at]
                at += 1
                bits += 16
            entry = entries[buffer >> bits - width & (1 << width) - 1]
            bits -= entry & 31
            symbol = entry >> 5
            if symbol < 256:
                out.append(symbol)
                made += 1
                continue
            self._at, self._buffer, self._bits = at, buffer, bits
            run = (symbol & 7) + 2
            if run == 9:
                run += self._symbol(length)
            slot = symbol - 256 >> 3
            if slot == 0:
                pass
            elif slot == 1:
                recent, older = older, recent
            elif slot == 2:
                recent, oldest = oldest, recent
            else:
                recent, older, oldest = self._distance(slot, aligned), recent, older
            at, buffer, bits = self._at, self._buffer, self._bits
            start = made - recent
            if start < 0 or recent < 1 or made + run > until:
                raise FormatError(_DAMAGED)
            if recent >= run:
                out += out[start : start + run]
            else:
                out += (out[start:] * (run // recent + 1))[:run]
            made += run
        self._at, self._buffer, self._bits = at, buffer, bits
        self._recent = (recent, older, oldest)

    def _distance(self, slot: int, aligned: Table | None) -> int:
        extra = _EXTRA[slot]
        distance = _BASE[slot] - 2
        if aligned is not None and extra >= 3:
            high = self._take(extra - 3) << 3 if extra > 3 else 0
            return distance + high + self._symbol(aligned)
        return distance + (self._take(extra) if extra else 0)

    def _undo_calls(self, file_size: int) -> None:
        """The encoder made the targets of x86 calls absolute; make them relative again, frame by frame."""
        out = self._out
        for frame in range(0, len(out), FRAME):
            end = min(frame + FRAME, len(out)) - 10
            at = out.find(0xE8, frame, max(frame, end))
            while at >= 0:
                target = int.from_bytes(out[at + 1 : at + 5], "little", signed=True)
                if -at <= target < file_size:
                    relative = target - at if target >= 0 else target + file_size
                    out[at + 1 : at + 5] = (relative & 0xFFFFFFFF).to_bytes(4, "little")
                at = out.find(0xE8, at + 5, end)


def _table(lengths: list[int]) -> Table:
    """A lookup table over the longest code's bits: each entry is the symbol, times 32, plus its length."""
    width = max(lengths)
    if width == 0:
        return [0], 0  # a tree without codes must not be asked
    entries: list[int] = []
    for length in range(1, width + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                entries += [symbol << 5 | length] * (1 << width - length)
    if len(entries) != 1 << width and not (len(entries) < 1 << width and width == 1):
        raise FormatError(_DAMAGED)
    return entries, width
