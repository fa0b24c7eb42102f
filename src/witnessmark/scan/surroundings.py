"""Whether a report in an encoding of our own guessing stands in text, and at a character of it."""

import functools

from witnessmark.scan.boundary import script_of
from witnessmark.scan.encodings import MULTIBYTE
from witnessmark.scan.patterns import Pattern

REACH = 64
"""Bytes on either side of a report that are looked at."""
CJK_MARKS = frozenset("、。，．・：；？！「」（）《》“”‘’—…")
MOST_FOR_STRICT = 5
"""Bytes. Texts up to this length in an encoding of our own guessing need plausible neighbours."""


class Window:
    """The bytes around a report, on demand."""

    __slots__ = ("data", "end", "start")

    def __init__(self, data: memoryview, start: int, end: int) -> None:
        self.data, self.start, self.end = data, start, end

    def before(self, count: int = REACH) -> bytes:
        """Up to `count` bytes before the report."""
        return bytes(self.data[max(0, self.start - count) : self.start])

    def after(self, count: int = REACH) -> bytes:
        """Up to `count` bytes after the report."""
        return bytes(self.data[self.end : self.end + count])


def in_text(before: bytes, after: bytes) -> bool:
    """Whether a short word has text beside it, in UTF-8 or a Chinese encoding, and not the noise of packed data."""
    left = (
        before[_first_whole(before) :].decode("utf-8", "replace"),
        before[_anchor(before) :].decode("gb18030", "replace"),
    )
    right = (after.decode("utf-8", "replace")[:4], after.decode("gb18030", "replace")[:4])
    return max(_side(t[::-1], "utf-8") for t in left) + max(_side(t, "utf-8") for t in right) >= 2


def _first_whole(raw: bytes) -> int:
    """Index of the first byte that does not continue a UTF-8 character cut off at the front."""
    return next((i for i, byte in enumerate(raw[:3]) if byte & 0xC0 != 0x80), 0)


def neighbours(encoding: str, window: Window) -> tuple[str, str]:
    """What stands before and after, decoded. A multibyte encoding is decoded from the last sure character border."""
    unit = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4}.get(encoding, 1)
    raw = window.before(REACH)
    raw = raw[len(raw) % unit :]
    if encoding in MULTIBYTE:
        raw = raw[_anchor(raw) :]
    after = window.after(REACH)
    return raw.decode(encoding, "replace"), after[: len(after) - len(after) % unit].decode(encoding, "replace")


def _anchor(raw: bytes) -> int:
    """Index after the last byte that surely ends a character: below 0x30 no encoding has a trail byte."""
    for index in range(len(raw) - 1, -1, -1):
        if raw[index] < 0x30:
            return index + 1
    return 0


def aligned(window: Window, encoding: str) -> bool:
    """Whether the report begins at a character, not in the middle of one.

    Two readings compete, as the bytes before may be text in this encoding or something else altogether.
    """
    raw = window.before(REACH)
    lead = raw[_anchor(raw) :]
    try:
        lead.decode(encoding)
    except UnicodeDecodeError:
        shifted = lead + bytes(window.data[window.start : window.end]) + window.after(8)
        return _commonness(shifted.decode(encoding, "replace")) < _commonness(
            shifted[len(lead) :].decode(encoding, "replace")
        )
    return True


SWAPPED = {"utf-16-le": ("utf-16-be", -1), "utf-16-be": ("utf-16-le", 1)}


def reads_better_swapped(pattern: Pattern, window: Window, before: str, after: str) -> bool:
    """Whether the same bytes, one byte on, are the same text in the other byte order, with likelier neighbours.

    Letters of one script share their high byte, so that `00 41 00 72 00` begins like both. Where both read well, the
    even offset wins: nearly all formats align such strings.
    """
    other, step = SWAPPED[pattern.encoding]
    start, end = window.start + step, window.end + step
    if start < 0 or bytes(window.data[start:end]) != pattern.text.encode(other):
        return False
    swapped = neighbours(other, Window(window.data, start, end))
    ours, theirs = _commonness(before[-3:] + after[:3]), _commonness(swapped[0][-3:] + swapped[1][:3])
    return ours < theirs or (ours == theirs and window.start % 2 == 1)


def _commonness(text: str) -> float:
    """The share of characters that running text is made of."""
    return sum(_usual(c) for c in text) / max(1, len(text))


@functools.lru_cache(maxsize=65_536)
def _usual(char: str) -> bool:
    if char.isascii():
        return char.isprintable() or char in "\t\r\n\0"
    if char == "\ufeff":
        return True
    if script_of(char) in ("LATIN", "CYRILLIC", "ARABIC"):
        return char < "\u0700"
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        try:
            lead = char.encode("big5")[0]
        except UnicodeEncodeError:
            return False
        return lead < 0xC9
    return lead < 0xD8


def needs_proof(pattern: Pattern) -> bool:
    """Whether so few bytes, read in an encoding that nobody declared, could be chance."""
    if pattern.encoding == "utf-8":
        return False
    if pattern.encoding.startswith("utf-"):
        return pattern.length <= MOST_FOR_STRICT and not pattern.text.isascii()
    return pattern.length <= MOST_FOR_STRICT


def plausible(before: str, after: str, encoding: str) -> bool:
    """Whether a short text stands in text at all, and not by chance in machine code or packed data."""
    depth = 2 if encoding.startswith("utf-16") else 4  # of random 16-bit units few are usual characters
    sides = (_side(before[::-1], encoding, depth), _side(after, encoding, depth))
    return 0 not in sides and sides != (1, 1)


def _side(text: str, encoding: str, depth: int = 4) -> int:
    """2: text or a clean end; 1: a control byte, such as a length; 0: neither."""
    for index, char in enumerate(text[:depth]):
        if char in "\0\n\r":
            return 2
        if char < " " and char != "\t":
            return 1 if index == 0 else 2
        if not expected(char, encoding):
            return 0
    return 2


@functools.lru_cache(maxsize=65_536)
def expected(char: str, encoding: str) -> bool:
    """Whether text in this encoding may well have this character beside a word."""
    if char.isascii():
        return char.isprintable() or char == "\t"
    if encoding in MULTIBYTE or encoding.startswith("utf-"):
        return (
            _usual(char)
            or script_of(char) in ("HIRAGANA", "KATAKANA", "HANGUL")
            or char in "、。，．・：；？！「」（）《》“”‘’—…"
        )
    return char.isalpha() or char in "«»„“”‘’–—№§°،؛؟"
