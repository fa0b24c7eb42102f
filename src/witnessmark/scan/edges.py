"""A first look at the letters beside a report, cheap enough for every one: most reports are parts of longer words."""

from typing import NamedTuple

from witnessmark.model.match import Boundary
from witnessmark.scan.patterns import Pattern

_UPPER = frozenset(range(0x41, 0x5B))
_LOWER = frozenset(range(0x61, 0x7B))
_LETTER = _UPPER | _LOWER
_NONE: frozenset[int] = frozenset()
_HEX_LETTER = frozenset(b"abcdefABCDEF")
_BEFORE_ESCAPED = frozenset(b"\\0123456789")


class Edge(NamedTuple):
    """What makes a report hopeless, by the bytes next to it."""

    length: int
    before: frozenset[int]
    after: frozenset[int]
    capital: bool  # a capital after it is allowed when it begins a word: `RACEType`


def edge(pattern: Pattern) -> Edge | None:
    """The rule for plain ASCII text, where reports are many; None for all else."""
    if pattern.encoding != "ascii" or pattern.disguise or pattern.boundary is Boundary.SUBSTRING:
        return None
    text = pattern.text
    before, after, capital = _LETTER, _LETTER, False
    if not pattern.caseless and pattern.boundary is Boundary.PART:
        if text[:1].isupper():
            before = _UPPER if text[1:2].isupper() else _NONE
        capital = text[-1:].isupper()
        after = _UPPER if capital else _LOWER
    if not text[:1].isalpha():
        before = _NONE
    if pattern.boundary is Boundary.STEM or not text[-1:].isalpha():
        after = _NONE
    return Edge(pattern.length, before, after, capital)


def hopeless(rule: Edge, data: memoryview, end: int) -> bool:
    """Whether the letters on either side already forbid a match. False means: look closer."""
    if (
        end < len(data)
        and data[end] in rule.after
        and not (rule.capital and _LOWER.issuperset(data[end + 1 : end + 2]))
    ):
        return True
    start = end - rule.length
    if start <= 0 or data[start - 1] not in rule.before:
        return False
    if start == 1:
        return True
    second = data[start - 2]
    if second in _BEFORE_ESCAPED:  # the letter may end an escape: `\\n`, `%2C`, `\\x0a`
        return False
    return not (second in _HEX_LETTER and data[start - 1] in _HEX_LETTER)
