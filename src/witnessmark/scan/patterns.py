"""From terms to the byte patterns that the matching engine looks for.

Patterns carry as much of the boundary rule as the engine can check, because each report costs a call into Python;
`verify` has the last word on every one of them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from witnessmark.model.match import Boundary, Term, TermRole
from witnessmark.scan.encodings import base64_cores, disguises, plain
from witnessmark.scan.spelling import cases, decomposed, glued, spellings

ESCAPE_ENDS = rb"\\[abfnrtv]|%[0-9A-Fa-f][A-Fa-f]|\\x[0-9A-Fa-f][A-Fa-f]|\\u[0-9A-Fa-f]{3}[A-Fa-f]"
"""A letter that ends an escape (`\\n`, `%2C`) is no part of a name."""
SHORTEST_DISGUISED_ASCII = 5


class Pattern(NamedTuple):
    """One expression for the engine, and what is needed to check what it reports."""

    expression: bytes
    caseless: bool
    length: int  # bytes of the text itself, without the context that the expression may include after it
    tail: int  # at most so many bytes of context after it
    encoding: str
    disguise: str
    boundary: Boundary
    text: str
    terms: tuple[int, ...]


def build(terms: tuple[Term, ...]) -> tuple[Pattern, ...]:
    """All patterns, in a fixed order. Terms that share an expression and a rule share the pattern."""
    found: dict[tuple[bytes, bool, str, str, Boundary], Pattern] = {}
    for index, term in enumerate(terms):
        if not term.searched:
            continue
        for pattern in _patterns(term, index):
            key = (pattern.expression, pattern.caseless, pattern.encoding, pattern.disguise, pattern.boundary)
            known = found.get(key)
            if known is None:
                found[key] = pattern
            elif index not in known.terms:
                found[key] = known._replace(terms=(*known.terms, index))
    return tuple(found[key] for key in sorted(found))


def _patterns(term: Term, index: int) -> Iterator[Pattern]:
    for text in spellings(term):
        yield from _plain(term, index, text)
    for text in glued(term):
        yield from _exact(term, index, text)
    for text in dict.fromkeys(spellings(term)[: 1 if term.text.isascii() else None]):
        yield from _disguised(term, index, text)


def _plain(term: Term, index: int, text: str) -> Iterator[Pattern]:
    caseless = (
        text.isascii()
        and not term.cased
        and (term.boundary is not Boundary.PART or not text.replace("_", "").isalnum())
    )
    if caseless:
        for encoding, data in plain(text.lower(), term.language):
            yield _pattern(term, index, text, encoding, data, caseless=True)
        return
    for form in _part_cases(text, term) if text.isascii() else cases(text, cased=term.cased):
        yield from _exact(term, index, form)
        nfd = decomposed(form)
        if nfd is not None:
            yield _pattern(term, index, form, "utf-8", nfd.encode(), caseless=False)


def _part_cases(text: str, term: Term) -> tuple[str, ...]:
    if term.cased:
        return (text,)
    return tuple(dict.fromkeys((text, text.lower(), text.upper(), text[:1].upper() + text[1:], text.title())))


def _exact(term: Term, index: int, text: str) -> Iterator[Pattern]:
    for encoding, data in plain(text, term.language):
        yield _pattern(term, index, text, encoding, data, caseless=False)
    if text.isascii() and text[-1:].isalpha() and chr(len(text)) not in "\t\n\r" and len(text) < 0x20:
        # A string with its length in front may be followed by anything, a letter too: serialised names in binaries.
        counted = bytes((len(text),)) + text.encode()
        yield Pattern(quote(counted), False, len(text), 0, "ascii", "", Boundary.SUBSTRING, text, (index,))


def _pattern(term: Term, index: int, text: str, encoding: str, data: bytes, *, caseless: bool) -> Pattern:
    before, after, tail = b"", b"", 0
    if encoding == "ascii" and term.boundary is not Boundary.SUBSTRING:
        before, after, tail = _context(term.boundary, text, caseless)
    return Pattern(before + quote(data) + after, caseless, len(data), tail, encoding, "", term.boundary, text, (index,))


def _context(rule: Boundary, text: str, caseless: bool) -> tuple[bytes, bytes, int]:
    """(expression before, expression after, most bytes after): a coarse form of the rules in `verify`.

    Only plain ASCII is worth it: there `race` stands in every second file as `trace`.
    """
    before, after, tail = _BEFORE, rb"(?:[^LETTERS]|$)", 1
    if caseless:
        letters, no_more = b"A-Za-z", b"A-Za-z"
    else:
        letters = b"A-Za-z" if text[:1].islower() else (b"A-Z" if text[1:2].isupper() else b"")
        no_more = b"a-z" if text[-1:].islower() else b"A-Z"
    if not letters or not text[:1].isalpha():
        before = b""
    if rule is Boundary.STEM or not text[-1:].isalpha():
        after, tail = b"", 0
    elif no_more == b"A-Z":
        after, tail = rb"(?:[^A-Z]|[A-Z][a-z]|$)", 2
    return before.replace(b"LETTERS", letters), after.replace(b"LETTERS", no_more), tail


_BEFORE = rb"(?:^|[^LETTERS]|" + ESCAPE_ENDS + rb")"


def _disguised(term: Term, index: int, text: str) -> Iterator[Pattern]:
    if text.isascii():
        if len(text) < SHORTEST_DISGUISED_ASCII or term.role is TermRole.PROXY or not text.replace("_", "").isalnum():
            return
        forms: tuple[str, ...] = _part_cases(text, term)
    else:
        forms = cases(text, cased=term.cased)[:2]  # as written, and lower case
    for form in forms:
        for disguise, encoding, data in disguises(form):
            if disguise.startswith("base64"):
                yield Pattern(quote(data), False, len(data), 0, encoding, disguise, term.boundary, form, (index,))
            else:
                yield Pattern(quote(data), True, len(data), 0, encoding, disguise, term.boundary, form, (index,))


def quote(data: bytes) -> bytes:
    """The bytes as an expression that matches just them; NUL and newline are safe in it."""
    return b"".join(b"\\x%02x" % byte for byte in data)


def longest(patterns: Iterable[Pattern]) -> int:
    """The most bytes that one report can cover, context included."""
    return max((p.length + p.tail + 8 for p in patterns), default=0)


__all__ = ["Pattern", "base64_cores", "build", "longest", "quote"]
