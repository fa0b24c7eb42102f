"""The only way from untrusted text to something shown.

What could move a cursor, hide a letter, turn the reading direction or become markup is replaced by a visible escape.
"""

import html as _html
import re
import unicodedata

# C0 and C1 controls, bidi controls and isolates, zero-width and other invisible format characters, surrogates,
# line and paragraph separators, tags and variation selectors supplement, non-characters.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff]"
)
# Zero-width joiners belong to Arabic, Persian, Uyghur and Indic spelling: harmless between two letters.
_JOINERS = "\u200c\u200d"
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"COM{n}" for n in range(1, 10)), *(f"LPT{n}" for n in range(1, 10))}


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    if char in _JOINERS:
        before, after = match.start() - 1, match.end()
        text = match.string
        if before >= 0 and after < len(text) and text[before].isalpha() and text[after].isalpha():
            return char
    code = ord(char)
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def terminal(text: str) -> str:
    """One line that is safe on a terminal: nothing invisible, no escape sequence, no turn of direction."""
    return _UNSEEN.sub(_visible, text)


def lines(text: str) -> list[str]:
    """Several lines, each safe on a terminal; tabs become four spaces."""
    return [terminal(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n")]


def html(text: str) -> str:
    """Text for an HTML body or a double-quoted attribute."""
    return _html.escape(terminal(text), quote=True)


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula. Quoting is the CSV writer's work."""
    shown = terminal(text)
    return f"'{shown}" if text.lstrip(" ").startswith(_FORMULA) else shown


def markdown(text: str) -> str:
    """Text for a Markdown paragraph or table cell, with markup characters and HTML disarmed."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~>-])", r"\\\1", _html.escape(terminal(text), quote=False))


def file_name(text: str, *, limit: int = 120) -> str:
    """A portable file name that stays in its folder: no separator, no leading dot, no device name, bounded bytes."""
    name = re.sub(r'[\\/:*?"<>|%]', "_", _UNSEEN.sub("_", unicodedata.normalize("NFC", text))).strip(" .")
    if name.split(".")[0].upper() in _RESERVED:
        name = f"_{name}"
    while len(name.encode("utf-8")) > limit:
        name = name[:-1]
    return name or "_"
