"""From terms to the byte strings that the matching engine looks for.

All are plain strings: the engine is about 1.5 times faster on them than with our boundaries as expressions around
them, even though it then reports `race` in every `trace`; `edges` throws those out at little cost.
"""

from collections.abc import Iterator
from typing import NamedTuple

from witnessmark.model.match import Boundary, Term, TermRole
from witnessmark.scan.encodings import disguises, plain
from witnessmark.scan.spelling import cases, decomposed, glued, spellings

SHORTEST_DISGUISED_ASCII = 5


class Pattern(NamedTuple):
    """One byte string for the engine, and what is needed to check what it reports."""

    data: bytes
    caseless: bool
    length: int  # bytes of the text itself, which ends where the report ends
    encoding: str
    disguise: str
    boundary: Boundary
    text: str
    terms: tuple[int, ...]


def build(terms: tuple[Term, ...]) -> tuple[Pattern, ...]:
    """All patterns, in a fixed order. Terms that share a byte string and a rule share the pattern."""
    found: dict[tuple[bytes, bool, str, str, Boundary], Pattern] = {}
    for index, term in enumerate(terms):
        if not term.searched:
            continue
        for pattern in _patterns(term, index):
            key = (pattern.data, pattern.caseless, pattern.encoding, pattern.disguise, pattern.boundary)
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
        yield Pattern(counted, False, len(text), "ascii", "", Boundary.SUBSTRING, text, (index,))


def _pattern(term: Term, index: int, text: str, encoding: str, data: bytes, *, caseless: bool) -> Pattern:
    return Pattern(data, caseless, len(data), encoding, "", term.boundary, text, (index,))


def _disguised(term: Term, index: int, text: str) -> Iterator[Pattern]:
    if text.isascii():
        if len(text) < SHORTEST_DISGUISED_ASCII or term.role is TermRole.PROXY or not text.replace("_", "").isalnum():
            return
        forms: tuple[str, ...] = _part_cases(text, term)
    else:
        forms = cases(text, cased=term.cased)[:2]  # as written, and lower case
    for form in forms:
        for disguise, encoding, data in disguises(form):
            caseless = not disguise.startswith("base64")
            yield Pattern(data, caseless, len(data), encoding, disguise, term.boundary, form, (index,))
