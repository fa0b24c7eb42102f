"""Bring a name as typed or printed into one plain form, and say what had to be removed."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LIMIT = 300  # characters of a name that are read; the longest honest name on the lists has 189
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_ASCII = re.compile(r"[\x20-\x7e]*\Z")
# Letters of other alphabets that are drawn like a Latin one (Unicode confusables, the part met in names).
_LOOKALIKE = str.maketrans(
    "авекмнорстухіјѕԁԛԝһьοαερτυχικνϲ",
    "abekmhopctyxijsdqwhboaeptuxikvc",
)
_CONFUSABLE = frozenset("авекмнорстухіјѕԁԛԝһьοαερτυχικνϲ")
_WORD = re.compile(r"[^\W_]+")


class Folded(NamedTuple):
    """A folded name and remarks on what was removed or replaced."""

    text: str
    remarks: tuple[str, ...]


class Script:
    """The scripts that we tell apart, as one-letter codes."""

    LATIN = "l"
    HAN = "h"
    CYRILLIC = "c"
    ARABIC = "a"
    HEBREW = "i"
    KANA = "k"
    HANGUL = "g"
    DIGIT = "d"
    OTHER = "o"


_RANGES = (
    (0x0030, 0x0039, Script.DIGIT), (0x0041, 0x024F, Script.LATIN), (0x0250, 0x02FF, Script.LATIN),
    (0x0370, 0x03FF, Script.OTHER), (0x0400, 0x052F, Script.CYRILLIC), (0x0590, 0x05FF, Script.HEBREW),
    (0x0600, 0x06FF, Script.ARABIC), (0x0750, 0x077F, Script.ARABIC), (0x08A0, 0x08FF, Script.ARABIC),
    (0x1E00, 0x1EFF, Script.LATIN), (0x3040, 0x30FF, Script.KANA), (0x3400, 0x9FFF, Script.HAN),
    (0xAC00, 0xD7AF, Script.HANGUL), (0xF900, 0xFAFF, Script.HAN), (0xFB50, 0xFDFF, Script.ARABIC),
    (0xFE70, 0xFEFF, Script.ARABIC), (0x20000, 0x323AF, Script.HAN),
)  # fmt: skip


@lru_cache(maxsize=8192)
def script_of(char: str) -> str:
    """The script code of one character."""
    code = ord(char)
    if code < 0x80:
        return Script.LATIN if char.isalpha() else Script.DIGIT if char.isdigit() else Script.OTHER
    for low, high, script in _RANGES:
        if low <= code <= high:
            return script
    return Script.OTHER


def _without_marks(text: str) -> str:
    """Drop accents of Latin letters only: in other scripts a mark can be part of the letter."""
    out: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char) and out and script_of(out[-1][0]) == Script.LATIN:
            continue
        out.append(char)
    return unicodedata.normalize("NFC", "".join(out))


def _unmask(text: str) -> tuple[str, bool]:
    """Replace look-alike letters in words that mix alphabets, and in short words among Latin ones."""
    words = _WORD.findall(text)
    latin = sum(1 for word in words if word.isascii() and word.isalpha())
    changed = False

    def mend(found: re.Match[str]) -> str:
        nonlocal changed
        word = found.group()
        if word.isascii():
            return word
        scripts = {script_of(char) for char in word}
        foreign = [char for char in word if script_of(char) in (Script.CYRILLIC, Script.OTHER)]
        if not foreign or not all(char in _CONFUSABLE for char in foreign):
            return word
        if Script.LATIN in scripts or (latin >= 1 and len(word) <= 6 and latin >= len(words) - 1):
            changed = True
            return word.translate(_LOOKALIKE)
        return word

    return _WORD.sub(mend, text), changed


_ORDINAL = re.compile(
    "第?([一二三四五六七八九十百零〇]{1,6})(?=研究所|研究院|院|所|厂|部|师|局|分公司)|第([一二三四五六七八九十百零〇]{1,6})"
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0}


def _number(signs: str) -> int:
    """The value of a Chinese numeral below 1,000."""
    if not any(sign in signs for sign in "十百"):
        return int("".join(str(_DIGITS[sign]) for sign in signs))
    total, current = 0, 0
    for sign in signs:
        if sign == "百":
            total, current = total + (current or 1) * 100, 0
        elif sign == "十":
            total, current = total + (current or 1) * 10, 0
        else:
            current = _DIGITS[sign]
    return total + current


def _ordinals(text: str) -> str:
    """Chinese ordinals of institutes in digits: 第五十四研究所 as 54 研究所; small ones like 第四 (fourth) stay."""

    def digits(found: re.Match[str]) -> str:
        signs = found.group(1) or found.group(2)
        value = _number(signs)
        return f" {value} " if value > 10 or (found.group(1) and found.group().startswith("第")) else found.group()

    return _ORDINAL.sub(digits, text)


def fold(raw: str) -> Folded:
    """Give the plain form: NFKC, lower case, no accents, no invisible characters, no look-alike letters."""
    cut = raw[:LIMIT]
    if _ASCII.match(cut):
        text = " ".join(cut.lower().split())
        return Folded(text, ("only the first 300 characters were read",) if len(raw) > LIMIT else ())
    remarks: list[str] = []
    if len(raw) > LIMIT:
        remarks.append("only the first 300 characters were read")
    seen, hidden = _INVISIBLE.subn("", cut)
    if hidden:
        remarks.append(f"{hidden} invisible or direction-changing characters were ignored")
    text = unicodedata.normalize("NFKC", seen).casefold()
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "So") else char for char in text)
    text, changed = _unmask(_without_marks(text))
    if changed:
        remarks.append("letters of another alphabet that look Latin were read as Latin")
    if any(sign in text for sign in "一二三四五六七八九十"):
        text = _ordinals(text)
    return Folded(" ".join(text[:LIMIT].split()), tuple(remarks))
