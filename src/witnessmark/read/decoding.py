"""Decode a slice of a file so that every character can be traced back to its byte and line in the original."""

import codecs
import re
from bisect import bisect_right
from collections.abc import Sequence

from witnessmark.blob import Blob
from witnessmark.model.match import Match

_STEP = 2_048  # characters between two checkpoints of the offset map
_SAMPLE = 32_768
_FALLBACKS = ("gb18030", "big5hkscs", "cp932", "euc_kr")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})


class Text:
    """A decoded slice. `text[i]` came from the bytes at `byte(i)`; lines count from 1 in the whole file."""

    def __init__(self, text: str, start: int, encoding: str, runs: Sequence[tuple[int, int, str]], size: int) -> None:
        self.text = text
        self.start = start
        self.encoding = encoding
        self.size = size
        self.first_line: int | None = 1
        self._runs = runs  # (first character, first byte in the slice, codec) in order
        self._exact = len(runs) == 1 and size == len(text)
        self._chars: list[int] = []
        self._bytes: list[int] = []
        self._newlines: list[int] | None = None

    def _index(self) -> None:
        for number, (char, byte, codec) in enumerate(self._runs):
            end = self._runs[number + 1][0] if number + 1 < len(self._runs) else len(self.text)
            while True:
                self._chars.append(char)
                self._bytes.append(byte)
                if char + _STEP >= end:
                    break
                byte += len(encode(self.text[char : char + _STEP], codec))
                char += _STEP

    def byte(self, index: int) -> int:
        """The offset in the blob of the first byte of character `index` (clipped to the slice)."""
        index = max(0, min(index, len(self.text)))
        if self._exact:
            return self.start + index
        if not self._chars:
            self._index()
        slot = bisect_right(self._chars, index) - 1
        char = self._chars[slot]
        return self.start + self._bytes[slot] + len(encode(self.text[char:index], self._codec(char)))

    def char(self, offset: int) -> int:
        """The character whose bytes hold `offset` of the blob (clipped to the slice)."""
        at = max(0, min(offset - self.start, self.size))
        if self._exact:
            return at
        if not self._chars:
            self._index()
        slot = bisect_right(self._bytes, at) - 1
        low, high = self._chars[slot], len(self.text)
        if slot + 1 < len(self._chars):
            high = self._chars[slot + 1]
        base, codec, want = low, self._codec(low), at - self._bytes[slot]
        while low < high:  # greatest index whose first byte is not after the wanted one
            middle = (low + high + 1) // 2
            if len(encode(self.text[base:middle], codec)) <= want:
                low = middle
            else:
                high = middle - 1
        return low

    def _codec(self, char: int) -> str:
        slot = bisect_right(self._runs, char, key=lambda run: run[0]) - 1
        return self._runs[max(0, slot)][2]

    def line(self, index: int) -> int | None:
        """The line of the whole file that character `index` stands on, or None when it was not counted."""
        if self.first_line is None:
            return None
        if self._newlines is None:
            self._newlines = [found.start() for found in re.finditer("\n", self.text)]
        return self.first_line + bisect_right(self._newlines, index - 1)


def encode(text: str, codec: str) -> bytes:
    """The bytes that `text` was decoded from, exactly, undecodable ones included."""
    errors = "surrogatepass" if codec.startswith("utf-16") or codec.startswith("utf-32") else "surrogateescape"
    try:
        return text.encode(codec, errors)
    except UnicodeEncodeError:
        # A character that its own codec does not write back; the caller checked the whole, so this is a cut pair.
        return text.encode(codec, "replace")


def decode_exact(data: bytes, codec: str) -> str | None:
    """Decode so that encoding gives the same bytes back, or None when this codec cannot do that."""
    wide = codec.startswith("utf-16") or codec.startswith("utf-32")
    try:
        text = data.decode(codec, "surrogatepass" if wide else "surrogateescape")
    except (UnicodeDecodeError, LookupError):
        return None
    if text.isascii() and len(text) == len(data):
        return text
    return text if encode(text, codec) == data else None


def decode(blob: Blob, start: int, length: int, codec: str) -> Text:
    """Decode a slice. Where one encoding does not fit, each line is read as UTF-8 or else as `codec` or Latin-1."""
    data = blob.read(start, length)
    if codec.startswith("utf-16"):
        data = data[: len(data) - len(data) % 2]
    elif codec.startswith("utf-32"):
        data = data[: len(data) - len(data) % 4]
    if codec == "utf-8" or not codec.startswith("utf-"):
        lead = _inside_character(data) if start else 0
        try:
            # a slice may begin and end inside a character: that is no sign of another encoding
            last = start + len(data) >= blob.size
            text = codecs.getincrementaldecoder("utf-8")().decode(data[lead:], final=last)
            return Text(text, start + lead, "utf-8", ((0, 0, "utf-8"),), len(data) - lead)
        except UnicodeDecodeError:
            pass
    try:
        data.decode(codec)
        strict = True
    except (UnicodeDecodeError, LookupError):
        strict = False
    exact = decode_exact(data, codec) if strict or codec.startswith(("utf-16", "utf-32")) else None
    if exact is not None:
        return Text(exact, start, codec, ((0, 0, codec),), len(data))
    return _by_line(data, start, codec)


def _inside_character(data: bytes) -> int:
    """How many bytes of a character that began before stand at the front: 0 to 3."""
    count = 0
    while count < min(3, len(data)) and 0x80 <= data[count] < 0xC0:
        count += 1
    return count


def _by_line(data: bytes, start: int, codec: str) -> Text:
    parts: list[str] = []
    runs: list[tuple[int, int, str]] = []
    char = byte = 0
    other = codec if codec != "utf-8" and not codec.startswith(("utf-16", "utf-32")) else "gb18030"
    for line in data.splitlines(keepends=True):
        used = "utf-8"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            used, found = other, decode_exact(line, other)
            if found is None:
                used, found = "latin-1", line.decode("latin-1")
            text = found
        if not runs or runs[-1][2] != used:
            runs.append((char, byte, used))
        parts.append(text)
        char += len(text)
        byte += len(line)
    return Text("".join(parts), start, codec, runs or ((0, 0, "utf-8"),), len(data))


def sniff(blob: Blob, matches: Sequence[Match] = ()) -> tuple[str, bool]:
    """The encoding of a file and whether it is text at all, from its first bytes and the places of the matches."""
    head = blob.read(0, _SAMPLE)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return codec, True
    wide = _wide(head)
    if wide:
        return wide, True
    samples = [head]
    for match in matches[:: max(1, len(matches) // 4)][:4]:
        samples.append(blob.read(max(0, match.offset - 512), 1_024))
    controls = [len(sample) - len(sample.translate(None, _CONTROL)) for sample in samples]
    if any(count * 50 > len(sample) for count, sample in zip(controls, samples, strict=True) if sample):
        return "latin-1", False
    return _legacy(samples, matches), True


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: NULs in every second byte, or every second byte a CJK page with line ends between."""
    if len(head) < 8 or b"\0" not in head:
        return None
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > 0.35 * len(odd) and even.count(0) < 0.02 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.35 * len(even) and odd.count(0) < 0.02 * len(odd):
        return "utf-16-be"
    return None


def _legacy(samples: Sequence[bytes], matches: Sequence[Match]) -> str:
    joined = samples[0][: len(samples[0]) - 4] if len(samples[0]) == _SAMPLE else samples[0]
    if all(_is_utf8(sample, cut=number > 0) for number, sample in enumerate((joined, *samples[1:]))):
        return "utf-8"
    votes: dict[str, int] = {}
    for match in matches:
        codec = match.encoding.lower().replace("_", "-")
        if codec not in ("ascii", "utf-8", "utf-8-sig", "binary", "latin-1") and not codec.startswith(
            ("utf-16", "utf-32")
        ):
            votes[codec] = votes.get(codec, 0) + 1
    for codec in sorted(votes, key=lambda name: (-votes[name], name)):
        if _known(codec):
            return codec
    best = max(_FALLBACKS, key=lambda name: (_score(b"\n".join(samples), name), -_FALLBACKS.index(name)))
    return best if _score(b"\n".join(samples), best) > 0 else _eight_bit(b"".join(samples))


def _is_utf8(sample: bytes, *, cut: bool) -> bool:
    """Whether bytes are UTF-8; a character cut in two at an edge (`cut`: also at the start) is not a broken one."""
    if cut:
        lead = next((n for n, byte in enumerate(sample[:3]) if byte & 0xC0 != 0x80), min(3, len(sample)))
        sample = sample[lead:]
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.end >= len(sample)
    return True


def _known(codec: str) -> bool:
    try:
        "".encode(codec)
    except LookupError:
        return False
    return True


def _score(data: bytes, codec: str) -> float:
    """How much decoded text looks like common CJK or kana or hangul; below 0 for many bytes that do not decode."""
    text = data.decode(codec, "replace")
    bad = text.count("\ufffd")
    good = sum(
        1
        for char in text
        if "\u4e00" <= char <= "\u9fff" or "\u3040" <= char <= "\u30ff" or "\uac00" <= char <= "\ud7a3"
    )
    odd = sum(1 for char in text if "\ue000" <= char <= "\uf8ff" or "\uff61" <= char <= "\uff9f")
    return good - 8 * bad - 4 * odd


def _eight_bit(data: bytes) -> str:
    high = [byte for byte in data if byte >= 0x80]
    cyrillic = sum(1 for byte in high if byte >= 0xC0)
    run = max((len(found) for found in re.findall(rb"[\xc0-\xff]+", data)), default=0)
    return (
        "cp1251"
        if high and cyrillic > 0.8 * len(high) and run >= 4
        else "cp1252"
        if _decodes(data, "cp1252")
        else "latin-1"
    )


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
