"""What the names of known firms teach: Latin parts behind names in other scripts, and how a firm writes its name."""

import re
from collections.abc import Sequence
from functools import lru_cache

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Firm, Hop, Relation
from witnessmark.screen.fold import fold
from witnessmark.screen.lexicon import Kind, Lexicon
from witnessmark.screen.parts import Channel, Part, Reading, simplified, typed_parts

_HAN = re.compile("[\u4e00-\u9fff]{2,}")
Cores = dict[str, tuple[Part, ...]]


class KnownNames:
    """Distinctive parts of known firms and of what is tied to them, across scripts."""

    def __init__(self, lexicon: Lexicon, firms: Sequence[Firm], relations: Sequence[Relation]) -> None:
        self._lexicon = lexicon
        self._bearer: dict[str, Firm | Relation] = {}
        self._latin = self._latin_cores(firms, relations)
        self._signs = [self._signs_of(firm, relations) for firm in firms]
        self._core_of = lru_cache(maxsize=256)(self._cores)

    def _cores(self, text: str) -> tuple[Part, ...]:
        return tuple(part for part in typed_parts(fold(text).text, self._lexicon) if part.kind == Kind.CORE)

    def _latin_cores(self, firms: Sequence[Firm], relations: Sequence[Relation]) -> Cores:
        """A part in another script, with the Latin ones of the same firm: 浪潮 is "inspur". A shared one is no one's.

        So that subsidiaries of a known firm are found by their names in that script.
        """
        found: Cores = {}
        shared: set[str] = set()
        for firm in firms:
            cores = (self._cores(text) for text in (*firm.anchors, firm.name))
            latin = next((core for core in cores if core and all(part.key.isascii() for part in core)), None)
            if latin is not None:
                self._note(firm, firm.names, latin, found, shared)
        ties: Cores = {}
        shared_ties: set[str] = set()
        for relation in relations:
            latin = self._cores(relation.name)
            if latin and all(part.key.isascii() for part in latin):
                self._note(relation, relation.spellings, latin, ties, shared_ties)
        kept = {key: value for key, value in ties.items() if key not in shared_ties | shared}
        return {**kept, **{key: value for key, value in found.items() if key not in shared}}

    def _note(
        self, bearer: Firm | Relation, names: Sequence[str], latin: tuple[Part, ...], found: Cores, shared: set[str]
    ) -> None:
        for text in names:
            core = self._cores(text)
            if len(core) != 1 or core[0].key.isascii() or len(core[0].key) < 2:
                continue
            self._bearer.setdefault(core[0].key, bearer)
            if found.setdefault(core[0].key, latin) != latin:
                shared.add(core[0].key)

    def in_latin(self, first: Reading) -> Reading | None:
        """A reading with the Latin parts that a known firm's other name gives; None when there are none."""
        if first.folded.isascii():
            return None
        parts: list[Part] = []
        for part in first.parts:
            parts.extend(self._latin.get(part.key, (part,)) if part.kind == Kind.CORE else (part,))
        return Reading(Channel.KNOWN, tuple(parts), first.folded) if tuple(parts) != first.parts else None

    def hop(self, text: str) -> Hop | None:
        """The step that reading a name's distinctive part by a known firm's other name takes; None without one."""
        for part in self._core_of(fold(text).text):
            bearer = self._bearer.get(part.key)
            if bearer is not None and part.key in self._latin:
                says = f"{part.key} is the part of a known name of {bearer.name}"
                return Hop(kind="known", says=UntrustedText(says), source=bearer.source)
        return None

    @staticmethod
    def _signs_of(firm: Firm, relations: Sequence[Relation]) -> frozenset[str]:
        tied = (text for tie in relations if tie.to == firm.id for text in (tie.name, *tie.spellings))
        texts = (*firm.names, *firm.anchors, *firm.former, *tied)
        return frozenset(run for text in texts for run in _HAN.findall(simplified(fold(text).text)))

    def has_signs(self, firm: int) -> bool:
        """Whether any name of a firm in Han is known."""
        return bool(self._signs[firm])

    def other_signs(self, reading: Reading, firms: Sequence[int]) -> bool:
        """Whether a reading sounds like these firms but is written with characters that none of their names has."""
        if reading.channel not in (Channel.PINYIN, Channel.RARE) or reading.folded.isascii():
            return False
        cores = [part.key for part in self._core_of(reading.folded) if _HAN.fullmatch(part.key)]
        known = [sign for firm in firms for sign in self._signs[firm]]
        return bool(known and cores) and not any(core in sign or sign in core for core in cores for sign in known)
