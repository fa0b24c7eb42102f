"""Judge one report of the engine against the original bytes: boundaries, alignment, plausible surroundings."""

import base64
import functools
import re

from witnessmark.model.match import Boundary
from witnessmark.scan.encodings import MULTIBYTE, script
from witnessmark.scan.patterns import Pattern

REACH = 64
"""Bytes on either side of a report that are looked at."""
ARTICLES = frozenset(
    ("ال", "و", "وال", "ب", "بال", "لل", "ل", "ف", "فال", "ك", "كال", "ה", "ו", "ב", "ל", "מ", "כ", "ש", "וה", "שה")
)
"""What Arabic and Hebrew write together with the word that follows."""
ESCAPE_LETTER = re.compile(r"(?:\\[abfnrtv]|%[0-9A-Fa-f][A-Fa-f]|\\x[0-9A-Fa-f][A-Fa-f]|\\u[0-9A-Fa-f]{3}[A-Fa-f])\Z")
BASE64_RUN = re.compile(r"[A-Za-z0-9+/]{40,}")
PREFIX = re.compile(r"[^\W\d_]+\Z")
LONGEST_PREFIX = 4
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


def accepted(pattern: Pattern, data: memoryview, start: int, end: int) -> str | None:
    """The text that stands there, if it counts; None if it does not."""
    window = Window(data, start, end)
    if pattern.disguise.startswith("base64"):
        return _in_base64(pattern, window)
    if pattern.disguise:
        return _in_escapes(pattern, window)
    if pattern.encoding == "ascii":
        text = bytes(data[start:end]).decode("ascii")
        return text if _ascii_fits(pattern, text, window) else None
    before, after = _neighbours(pattern.encoding, window)
    if _needs_proof(pattern) and not _plausible(before, after, pattern.encoding):
        return None
    if pattern.encoding in MULTIBYTE and not _aligned(window, pattern.encoding):
        return None
    if pattern.encoding in _SWAPPED and _reads_better_swapped(pattern, window, before, after):
        return None
    text = bytes(data[start:end]).decode(pattern.encoding, "replace")
    return text if bounded(pattern.boundary, text, before, after) else None


def _ascii_fits(pattern: Pattern, text: str, window: Window) -> bool:
    raw_before, raw_after = window.before(16), window.after(16)
    before, after = raw_before.decode("utf-8", "ignore"), raw_after.decode("utf-8", "ignore")
    counted = _ends_by_length(text, window)
    if not counted and not bounded(pattern.boundary, text, before, after):
        return False
    if len(text) <= MOST_FOR_STRICT and not counted and not _in_text(raw_before, raw_after):
        return False
    return len(text) > 7 or not _in_random_run(text, window)


def _ends_by_length(text: str, window: Window) -> bool:
    """Whether a length byte before the name says that it ends here, whatever letter follows."""
    before = window.before(REACH)
    for back in range(1, len(before) + 1):
        byte = before[-back]
        if byte == back - 1 + len(text) and byte < 0x40:
            return back == 1 or not chr(before[-back + 1]).isspace()
        if not (chr(byte).isalnum() or byte == 0x5F):
            return False
    return False


def _in_text(before: bytes, after: bytes) -> bool:
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


def _in_random_run(text: str, window: Window) -> bool:
    """Whether the text stands in a long run of base64-like characters, where short words occur by chance."""
    around = (window.before(48) + text.encode() + window.after(48)).decode("latin-1")
    for run in BASE64_RUN.finditer(around):
        if text in run.group() and len(re.findall(r"[0-9]", run.group())) >= 3 and re.search("[A-Z]", run.group()):
            return True
    return False


def bounded(rule: Boundary, text: str, before: str, after: str) -> bool:
    """Whether what stands before and after lets the text count under the rule."""
    if rule is Boundary.SUBSTRING:
        return True
    before = _without_escape(before)
    if rule is Boundary.PART:
        return _part_starts(text, before) and _part_ends(text, after[:1], after[1:2])
    if not _word_starts(text, before):
        return False
    return rule is Boundary.STEM or _word_ends(text, after)


def _without_escape(before: str) -> str:
    """Cut off an escape whose last character looks like a letter: `\\n`, `%2C`."""
    if before[-1:].isascii() and before[-1:].isalpha() and ESCAPE_LETTER.search(before):
        return ""
    return before


@functools.cache
def _script(char: str) -> str:
    return script(char)


def _joined(letter: str, neighbour: str) -> bool:
    kind = _script(letter)
    return bool(kind) and kind == _script(neighbour)


def _part_starts(text: str, before: str) -> bool:
    first, previous = text[0], before[-1:]
    if not previous or not _joined(first, previous):
        return True
    if not first.isupper():
        return False
    if text[1:2].islower():
        return True
    prefix = PREFIX.search(before)  # `emRACE`, `tagEM_RACE_TYPE`, but not `combiNATION`
    return prefix is not None and len(prefix.group()) <= LONGEST_PREFIX


def _part_ends(text: str, following: str, second: str) -> bool:
    last = text[-1]
    if not following or not _joined(last, following):
        return True
    if last.isupper():
        return following.isupper() and second.islower()
    return following.isupper()


def _word_starts(text: str, before: str) -> bool:
    previous = before[-1:]
    if not previous or not (_joined(text[0], previous) or (previous.isdigit() and text[0].isascii())):
        return True
    if _script(text[0]) not in ("ARABIC", "HEBREW"):
        return False
    run = _run(text[0], before[::-1])[::-1]
    return run in ARTICLES


def _word_ends(text: str, after: str) -> bool:
    following = after[:1]
    if not following or not (_joined(text[-1], following) or (following.isdigit() and text[-1].isascii())):
        return True
    return _script(text[0]) in ("ARABIC", "HEBREW") and len(text) >= 4 and len(_run(text[-1], after)) <= 2


def _run(letter: str, text: str) -> str:
    count = 0
    while count < len(text) and _joined(letter, text[count]):
        count += 1
    return text[:count]


def _neighbours(encoding: str, window: Window) -> tuple[str, str]:
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


def _aligned(window: Window, encoding: str) -> bool:
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


_SWAPPED = {"utf-16-le": ("utf-16-be", -1), "utf-16-be": ("utf-16-le", 1)}


def _reads_better_swapped(pattern: Pattern, window: Window, before: str, after: str) -> bool:
    """Whether the same bytes, one byte on, are the same text in the other byte order, with likelier neighbours.

    Letters of one script share their high byte, so that `00 41 00 72 00` begins like both. Where both read well, the
    even offset wins: nearly all formats align such strings.
    """
    other, step = _SWAPPED[pattern.encoding]
    start, end = window.start + step, window.end + step
    if start < 0 or bytes(window.data[start:end]) != pattern.text.encode(other):
        return False
    swapped = _neighbours(other, Window(window.data, start, end))
    ours, theirs = _commonness(before[-3:] + after[:3]), _commonness(swapped[0][-3:] + swapped[1][:3])
    return ours < theirs or (ours == theirs and window.start % 2 == 1)


def _commonness(text: str) -> float:
    """The share of characters that running text is made of."""
    return sum(_usual(c) for c in text) / max(1, len(text))


@functools.cache
def _usual(char: str) -> bool:
    if char.isascii():
        return char.isprintable() or char in "\t\r\n\0"
    if char == "\ufeff":
        return True
    if _script(char) in ("LATIN", "CYRILLIC", "ARABIC"):
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


def _needs_proof(pattern: Pattern) -> bool:
    if pattern.encoding == "utf-8":
        return False
    if pattern.encoding.startswith("utf-"):
        return pattern.length <= MOST_FOR_STRICT and not pattern.text.isascii()
    return pattern.length <= MOST_FOR_STRICT


def _plausible(before: str, after: str, encoding: str) -> bool:
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
        if not _expected(char, encoding):
            return 0
    return 2


@functools.cache
def _expected(char: str, encoding: str) -> bool:
    if char.isascii():
        return char.isprintable() or char == "\t"
    if encoding in MULTIBYTE or encoding.startswith("utf-"):
        return (
            _usual(char)
            or _script(char) in ("HIRAGANA", "KATAKANA", "HANGUL")
            or char in "、。，．・：；？！「」（）《》“”‘’—…"
        )
    return char.isalpha() or char in "«»„“”‘’–—№§°،؛؟"


_UNITS = {
    "unicode-escape": (rb"(?:\\u[0-9a-f]{4})", 6),
    "unicode-brace": (rb"(?:\\u\{[0-9a-f]{2,6}\})", 10),
    "percent-u": (rb"(?:%u[0-9a-f]{4})", 6),
    "html-hex": (rb"(?:&#x[0-9a-f]{2,6};)", 10),
    "html-decimal": (rb"(?:&#[0-9]{2,7};)", 10),
    "hex-escape": (rb"(?:\\x[0-9a-f]{2})", 4),
    "octal-escape": (rb"(?:\\[0-3][0-7]{2})", 4),
    "percent": (rb"(?:%[0-9a-f]{2})", 3),
    "quoted-printable": (rb"(?:=[0-9a-f]{2})", 3),
}
_UNIT = {name: re.compile(unit, re.IGNORECASE) for name, (unit, _) in _UNITS.items()}
_RUN_BEFORE = {name: re.compile(unit + rb"{1,4}\Z", re.IGNORECASE) for name, (unit, _) in _UNITS.items()}
_RUN_AFTER = {name: re.compile(unit + rb"{1,4}", re.IGNORECASE) for name, (unit, _) in _UNITS.items()}


def _in_escapes(pattern: Pattern, window: Window) -> str | None:
    before, after = window.before(), window.after()
    run = _RUN_BEFORE[pattern.disguise].search(before)
    left = _unescape(pattern, run.group()) if run else before[-8:].decode("utf-8", "ignore")
    run = _RUN_AFTER[pattern.disguise].match(after)
    right = _unescape(pattern, run.group()) if run else after[:8].decode("utf-8", "ignore")
    return pattern.text if bounded(pattern.boundary, pattern.text, left, right) else None


def _unescape(pattern: Pattern, run: bytes) -> str:
    digits = [re.sub(rb"[^0-9a-fA-F]", b"", unit) for unit in _UNIT[pattern.disguise].findall(run)]
    base = {"octal-escape": 8, "html-decimal": 10}.get(pattern.disguise, 16)
    numbers = [int(d, base) for d in digits if d]
    if pattern.disguise in ("hex-escape", "octal-escape", "percent", "quoted-printable"):
        encoding = "utf-8" if pattern.encoding == "ascii" else pattern.encoding
        return bytes(n & 0xFF for n in numbers).decode(encoding, "ignore")
    return "".join(chr(n) for n in numbers if n < 0x110000)


def _in_base64(pattern: Pattern, window: Window) -> str | None:
    """Decode the run around the report and look for the text itself in it."""
    phase = int(pattern.disguise[-1])
    first = (8 * phase + 5) // 6
    alphabet = re.compile(rb"[A-Za-z0-9+/]*\Z")
    raw = window.before(REACH)
    lead = raw[alphabet.search(raw).start() :]  # type: ignore[union-attr]  # the empty run always matches
    if len(lead) < first:
        return None
    lead = lead[(len(lead) - first) % 4 :]
    tail = re.match(rb"[A-Za-z0-9+/]*", window.after(REACH))
    run = lead + bytes(window.data[window.start : window.end]) + (tail.group() if tail else b"")
    if len(run) % 4 == 1:  # no encoder ends so: the run goes on beyond our reach, or is none
        run = run[:-1]
    decoded = base64.b64decode(run + b"=" * (-len(run) % 4))
    at = (len(lead) - first) // 4 * 3 + phase
    wanted = pattern.text.encode(pattern.encoding)
    found = decoded[at : at + len(wanted)]
    if not found or not wanted.startswith(found):
        return None
    before, after = _neighbours(pattern.encoding, Window(memoryview(decoded), at, at + len(found)))
    if not all(_expected(c, pattern.encoding) or c in "\r\n\0" for c in before[-3:] + after[:3]):
        return None
    return pattern.text if bounded(pattern.boundary, pattern.text, before, after) else None
