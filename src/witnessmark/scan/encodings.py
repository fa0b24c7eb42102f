"""The byte forms of a text: encodings by script, and the escapes that hide a text from a plain search."""

import base64
import unicodedata
from collections.abc import Callable, Iterator

from witnessmark.scan.spelling import is_han

UNICODE = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")
LEGACY = {
    "HAN": ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"),
    "CJK": ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"),
    "HIRAGANA": ("cp932", "euc_jp"),
    "KATAKANA": ("cp932", "euc_jp"),
    "HANGUL": ("cp949",),
    "CYRILLIC": ("cp1251", "koi8_r", "cp866"),
    "ARABIC": ("cp1256",),
    "HEBREW": ("cp1255",),
    "THAI": ("cp874",),
    "LATIN": ("cp1252", "cp1250", "cp1254"),
}
MULTIBYTE = frozenset(("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"))
SHORTEST_LEGACY = 4
"""Bytes. A shorter text in an 8-bit encoding would match by chance in any binary."""
SHORTEST_BASE64 = 6
"""Characters that are sure whatever stands before and after."""


def script(char: str) -> str:
    """The script of a letter as the first word of its Unicode name (`LATIN`, `CYRILLIC`, `CJK` …), or ''."""
    if char.isascii():
        return "LATIN" if char.isalpha() else ""
    return unicodedata.name(char, "").partition(" ")[0] if unicodedata.category(char)[0] in "LM" else ""


def plain(text: str, language: str) -> Iterator[tuple[str, bytes]]:
    """(encoding, bytes) for each encoding that can hold the text; equal bytes only once."""
    if text.isascii():
        yield "ascii", text.encode()
    else:
        yield "utf-8", text.encode()
    for encoding in UNICODE[1:]:
        yield encoding, text.encode(encoding)
    seen = set()
    for encoding in _legacy(text, language):
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if len(data) >= SHORTEST_LEGACY and data not in seen:
            seen.add(data)
            yield encoding, data


def _legacy(text: str, language: str) -> tuple[str, ...]:
    scripts = {script(c) for c in text if not c.isascii()} - {""}
    if text.isascii() or not scripts:
        return ()
    names = {"HAN" if s == "CJK" else s for s in scripts}
    main = sorted(names - {"HAN"})[0] if names - {"HAN"} else "HAN"
    encodings = LEGACY.get(main, ())
    if main == "HAN":
        wanted = {"ja": ("cp932", "euc_jp"), "ko": ("cp949",)}.get(language.partition("-")[0], ("gb18030", "big5hkscs"))
        return tuple(e for e in encodings if e in wanted)
    return encodings


def disguises(text: str) -> Iterator[tuple[str, str, bytes]]:
    """(disguise, encoding of what is inside, bytes) for each escape in which the text may be written.

    Non-ASCII text keeps its ASCII characters plain; ASCII text is escaped character by character.
    """
    whole = text.isascii()
    for name, escape in _BY_CHARACTER:
        yield name, "ascii", "".join(escape(c) if whole or not c.isascii() else c for c in text).encode()
    inner = ["utf-8"] + (["gb18030"] if is_han(text) else [])
    for encoding in inner:
        data = text.encode(encoding)
        for name, render in _BY_BYTE:
            yield name, encoding, render(data, whole)
    for encoding in (*inner, "utf-16-le"):
        for phase, sure in base64_cores(text.encode(encoding)):
            yield f"base64-{phase}", encoding, sure


def base64_cores(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(phase, characters) for the three ways the bytes may lie in base64; only what neighbours cannot change."""
    for phase in range(3):
        text = base64.b64encode(b"\0" * phase + data)
        first = (8 * phase + 5) // 6
        last = (8 * (phase + len(data))) // 6
        sure = text[first:last]
        if len(sure) >= SHORTEST_BASE64:
            yield phase, sure


def _utf16_units(char: str) -> list[int]:
    data = char.encode("utf-16-be")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]


_BY_CHARACTER: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("unicode-escape", lambda c: "".join(f"\\u{u:04x}" for u in _utf16_units(c))),
    ("unicode-brace", lambda c: f"\\u{{{ord(c):x}}}"),
    ("percent-u", lambda c: "".join(f"%u{u:04x}" for u in _utf16_units(c))),
    ("html-hex", lambda c: f"&#x{ord(c):x};"),
    ("html-decimal", lambda c: f"&#{ord(c)};"),
)


def _hexed(data: bytes, whole: bool) -> bytes:
    return b"".join(
        b"\\x%02x" % b if whole or b >= 0x80 or _trail(data, i) else bytes((b,)) for i, b in enumerate(data)
    )


def _octal(data: bytes, whole: bool) -> bytes:
    return b"".join(b"\\%03o" % b if whole or b >= 0x80 or _trail(data, i) else bytes((b,)) for i, b in enumerate(data))


def _percent(data: bytes, whole: bool) -> bytes:
    return b"".join(b"%%%02x" % b if whole or b >= 0x80 else bytes((b,)) for b in data)


def _quoted(data: bytes, whole: bool) -> bytes:
    return b"".join(b"=%02x" % b if whole or b >= 0x80 else bytes((b,)) for b in data)


def _trail(data: bytes, index: int) -> bool:
    return index > 0 and data[index - 1] >= 0x81 and data[index] < 0x80


_BY_BYTE = (("hex-escape", _hexed), ("octal-escape", _octal), ("percent", _percent), ("quoted-printable", _quoted))
