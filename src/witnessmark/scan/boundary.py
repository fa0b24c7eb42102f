"""The rules for what may stand beside a term: nothing else of the word, or a part of a name."""

import functools
import re

from witnessmark.model.match import Boundary
from witnessmark.scan.encodings import script

ARTICLES = frozenset(
    ("ال", "و", "وال", "ب", "بال", "لل", "ل", "ف", "فال", "ك", "كال", "ה", "ו", "ב", "ל", "מ", "כ", "ש", "וה", "שה")
)
"""What Arabic and Hebrew write together with the word that follows."""
ESCAPE_LETTER = re.compile(r"(?:\\[abfnrtv]|%[0-9A-Fa-f][A-Fa-f]|\\x[0-9A-Fa-f][A-Fa-f]|\\u[0-9A-Fa-f]{3}[A-Fa-f])\Z")
"""A letter that ends an escape is no part of the name after it."""
PREFIX = re.compile(r"[^\W\d_]+\Z")
LONGEST_PREFIX = 4
"""Lower-case letters that may stand before a name in capitals: type prefixes such as `em`, `tag`, `enum`."""


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


@functools.lru_cache(maxsize=65_536)
def script_of(char: str) -> str:
    """The script of a letter, remembered."""
    return script(char)


def _joined(letter: str, neighbour: str) -> bool:
    kind = script_of(letter)
    return bool(kind) and kind == script_of(neighbour)


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
    if script_of(text[0]) not in ("ARABIC", "HEBREW"):
        return False
    run = _run(text[0], before[::-1])[::-1]
    return run in ARTICLES


def _word_ends(text: str, after: str) -> bool:
    following = after[:1]
    if not following or not (_joined(text[-1], following) or (following.isdigit() and text[-1].isascii())):
        return True
    return script_of(text[0]) in ("ARABIC", "HEBREW") and len(text) >= 4 and len(_run(text[-1], after)) <= 2


def _run(letter: str, text: str) -> str:
    count = 0
    while count < len(text) and _joined(letter, text[count]):
        count += 1
    return text[:count]
