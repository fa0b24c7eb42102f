"""Which protected traits a text names, and which places of OLD count as explained."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache

from witnessmark.blob import Blob
from witnessmark.diff.judge import FAMILY, Traits
from witnessmark.diff.lines import Words
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Kind, Trait, UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.model.observation import Observation
from witnessmark.scan.matcher import Matcher

_TRAITS = {
    "ethnicity": Trait.ETHNICITY,
    "minority": Trait.ETHNICITY,
    "minority_word": Trait.ETHNICITY,
    "nation": Trait.ETHNICITY,
    "origin": Trait.NATIONAL_ORIGIN,
    "race": Trait.RACE,
    "skin_colour": Trait.SKIN_COLOUR,
    "religion": Trait.RELIGION,
    "caste": Trait.CASTE,
    "language": Trait.LANGUAGE,
    "political_opinion": Trait.POLITICAL_OPINION,
    "sexual_orientation": Trait.SEXUAL_ORIENTATION,
}
_IDENTIFIERS = (
    (r"race|racial", Trait.RACE),
    (r"complexion|skin", Trait.SKIN_COLOUR),
    (r"relig", Trait.RELIGION),
    (r"ethni|ethic|nation|uygur|uighur|minor|tibet|xinjiang|sinkiang|sfwzry", Trait.ETHNICITY),
)
_FAITHS = frozenset({"muslim", "falun_gong", "christian", "hindu", "buddhist", "jewish"})


def trait_of(concept: str) -> Trait | None:
    """The protected trait that a lexicon concept stands for, or None for a proxy, phrase or place."""
    area, _, name = concept.partition(":")
    if area == "trait":
        return _TRAITS.get(name)
    if area == "group":
        return Trait.RELIGION if name in _FAITHS else Trait.ETHNICITY
    if area in ("identifier", "euphemism", "phrase"):
        return next((trait for words, trait in _IDENTIFIERS if re.search(words, name)), None)
    return None


def traits_of(concepts: frozenset[str]) -> Traits:
    """The traits that lexicon concepts stand for."""
    return frozenset(trait for concept in concepts if (trait := trait_of(concept)) is not None)


_CITIZENSHIP = re.compile(
    r"国籍|国家|护照|nationality|citizenship|country|passport|ISO\s*3166|GB/?T\s*2659", re.IGNORECASE
)
_NATION = frozenset({"trait:nation", "trait:origin"})
"""`nation` says citizenship as often as ethnicity; beside these words it says citizenship."""


def concepts_in(matcher: Matcher) -> Words:
    """The lexicon concepts that a short text names, by the same matcher that scans files."""

    @lru_cache(maxsize=65_536)
    def named(text: str) -> frozenset[str]:
        if not text:
            return frozenset()
        matches, _ = matcher.scan(Blob.of_bytes(text.encode("utf-8", "replace")), name="")
        concepts = {match.concept for match in matches}
        if _CITIZENSHIP.search(text):
            concepts -= {concept for concept in concepts if concept in _NATION}
        return frozenset(concepts)

    return named


def recogniser(named: Words) -> Callable[[str], Traits]:
    """The traits that a short text names."""
    return lambda text: traits_of(named(text))


def plain_places(observations: Sequence[Observation]) -> tuple[tuple[int, Traits], ...]:
    """Where words without an everyday second meaning stand, with the traits they name; in order."""
    matches = {match.offset: match.concept for item in observations for match in item.matches}
    named = ((offset, traits_of(frozenset({concept}))) for offset, concept in matches.items() if _PLAIN.match(concept))
    return tuple(sorted(((offset, traits) for offset, traits in named if traits), key=lambda pair: pair[0]))


_NEAR = 300
PROSE = frozenset({"", "text", "markup", "markdown", "lines"})
_PLAIN = re.compile(r"group:|identifier:|trait:(?:ethnicity|skin_colour)$")
"""Concepts whose words have no everyday second meaning (as `race` and `nation` have)."""


def flags(
    findings: Sequence[Finding], plain: Sequence[tuple[int, Traits]], path: tuple[UntrustedText, ...], *, prose: bool
) -> Callable[[Locator], Traits]:
    """The traits of findings whose place, or another place of theirs, touches a structure of this member.

    Where none does, and the member has a finding that is more than a mention: the traits that the structure names in
    words without a second meaning, since a file that is explained as sorting people is read as one thing. Else, in
    prose, those of findings in the lines beside it.
    """
    places: list[tuple[int, int, frozenset[Trait]]] = []
    throughout: set[Trait] = set()
    for finding in findings:
        for where in (finding.locator, *finding.also_at):
            if where.path == path and where.offset is not None:
                traits = frozenset(finding.protected)
                wide = traits | FAMILY if traits & FAMILY else traits
                places.append((where.offset, where.offset + max(1, where.length or 1), wide))
                throughout |= wide if finding.kind is Kind.FINDING else set()
    offsets = [offset for offset, _ in plain]

    def flagged(span: Locator) -> Traits:
        start = span.offset or 0
        end = start + span.length if span.length is not None else None
        hit = [traits for low, high, traits in places if high > start and (end is None or low < end)]
        if hit:
            return frozenset(trait for traits in hit for trait in traits)
        inside = plain[bisect_left(offsets, start) : len(plain) if end is None else bisect_left(offsets, end)]
        named = frozenset(trait for _, traits in inside for trait in traits) & throughout
        last = start + _NEAR if end is None else end + _NEAR
        near = [traits for low, high, traits in places if prose and high > start - _NEAR and low < last]
        return named or frozenset(trait for traits in near for trait in traits)

    return flagged
