"""Candidates without comparing everything: parts of names, joined parts, misspellings and sound, all looked up."""

import gc
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import log
from typing import NamedTuple
from zlib import crc32

from rapidfuzz.distance import OSA

from witnessmark.screen.lexicon import COMMON, Kind
from witnessmark.screen.parts import Part, Reading
from witnessmark.screen.romanise import sound

MOST_ENDS = 100_000  # of more parts, only misspellings of one letter on each side are looked up
_ID_BITS = 24
_ID_MASK = (1 << _ID_BITS) - 1
_KIND_WEIGHT = {Kind.WORD: 0.28, Kind.PLACE: 0.3, Kind.ORGAN: 0.6, Kind.LEVEL: 0.06, Kind.FORM: 0.03, Kind.NUMBER: 0.5}
_LENGTH_FACTOR = (0.2, 0.25, 0.55, 0.8)


class HashIndex:
    """A compact map from strings to many small numbers: one sorted array of (hash, number)."""

    def __init__(self) -> None:
        self._rows = array("Q")
        self._sorted = True

    def add(self, key: str, number: int) -> None:
        """Remember one number under a key; call `close` before looking up."""
        self._rows.append(crc32(key.encode()) << _ID_BITS | number)
        self._sorted = False

    def close(self) -> None:
        """Sort, once, after the last `add`."""
        if not self._sorted:
            buckets = [
                array("Q") for _ in range(256)
            ]  # sorted one by one: a list of all rows takes five times the room
            for row in self._rows:
                buckets[row >> _ID_BITS + 24].append(row)
            self._rows = array("Q")
            for number, bucket in enumerate(buckets):
                self._rows.extend(array("Q", sorted(bucket)))
                buckets[number] = array("Q")
            self._sorted = True

    def get(self, key: str, limit: int = 400) -> list[int]:
        """The numbers under a key, at most `limit`; rarely one too many (a shared hash), never one too few."""
        low = crc32(key.encode()) << _ID_BITS
        start = bisect_left(self._rows, low)
        out: list[int] = []
        high = low | _ID_MASK
        for position in range(start, min(len(self._rows), start + limit)):
            row = self._rows[position]
            if row > high:
                break
            number = row & _ID_MASK
            if not out or out[-1] != number:
                out.append(number)
        return out

    def groups(self) -> Iterator[list[int]]:
        """The numbers that share a key, where there are at least two; rarely two keys together (a shared hash)."""
        group: list[int] = []
        before = -1
        for row in self._rows:
            key = row >> _ID_BITS
            if key != before:
                if len(group) > 1:
                    yield group
                group, before = [], key
            group.append(row & _ID_MASK)
        if len(group) > 1:
            yield group


class IndexedName(NamedTuple):
    """One name in the index, as parts; `target` is what it names."""

    tokens: tuple[int, ...]
    target: int
    text: str
    channel: str


@contextmanager
def paused_collection() -> Iterator[None]:
    """Without cycle collection: half a million names make no cycles, and looking for them takes most of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def deletions(word: str) -> Iterable[str]:
    """The word with each one letter left out, and itself."""
    yield word
    for position in range(len(word)):
        yield word[:position] + word[position + 1 :]


def core_join(parts: Iterable[Part]) -> str:
    """All distinctive parts run together."""
    return "".join(part.key for part in parts if part.kind == Kind.CORE)


class NameIndex:
    """All names of all lists, by parts. Build with `add`, then `close`."""

    def __init__(self) -> None:
        self.vocabulary: dict[str, int] = {}
        self.parts: list[Part] = []
        self.weights = array("f")
        self.names: list[IndexedName] = []
        self.name_weights = array("f")
        self.core_weights = array("f")
        self._postings: list[array[int]] = []
        self._joins = HashIndex()
        self._typos = HashIndex()
        self._sounds = HashIndex()
        self._signatures = HashIndex()
        self._similar: dict[str, tuple[tuple[int, float], ...]] = {}

    def add(self, reading: Reading, target: int, text: str) -> None:
        """Index one reading of one name."""
        number = len(self.names)
        ids = tuple(self._token(part) for part in reading.parts[:40])
        self.names.append(IndexedName(ids, target, text, reading.channel))
        for token in set(ids):
            self._postings[token].append(number)
        self._add_joins(reading.parts, number)
        self._signatures.add(self.signature(reading.parts), number)

    def _token(self, part: Part) -> int:
        name = part.token
        known = self.vocabulary.get(name)
        if known is not None:
            return known
        number = len(self.parts)
        self.vocabulary[name] = number
        self.parts.append(part)
        self._postings.append(array("I"))
        if part.kind == Kind.CORE and len(part.key) >= 5:
            for shorter in deletions(part.key):
                self._typos.add(shorter, number)
            if len(part.key) >= 9 and number < MOST_ENDS:
                self._typos.add("<" + part.key[:5], number)
                self._typos.add(">" + part.key[-5:], number)
        return number

    def _add_joins(self, parts: tuple[Part, ...], number: int) -> None:
        core = core_join(parts)
        previous = ""
        for part in parts:
            if part.kind in (Kind.FORM, Kind.LEVEL):
                previous = ""
                continue
            text = part.text if part.kind != Kind.CORE else part.key
            if previous and len(previous) + len(text) >= 4:
                self._joins.add(previous + text, number)
            if part.kind == Kind.CORE and part.key.isascii() and len(part.key) >= 4:
                self._sounds.add(sound.skeleton(part.key), number)
            previous = text
        self._joins.add(core, number)
        if core.isascii() and len(core) >= 4:
            self._sounds.add(sound.skeleton(core), number)
        initials = "".join(
            part.text[0] for part in parts if part.kind not in (Kind.FORM, Kind.LEVEL) and part.text.isascii()
        )
        if len(initials) >= 3:
            self._joins.add("^" + initials, number)

    @staticmethod
    def signature(parts: Iterable[Part]) -> str:
        """What a name says apart from its legal form, whatever the order."""
        return " ".join(sorted({part.token for part in parts if part.kind not in (Kind.FORM, Kind.LEVEL)}))

    def signature_of(self, name: int) -> str:
        """The signature of an indexed name."""
        return self.signature([self.parts[token] for token in self.names[name].tokens])

    def same_signature(self) -> Iterator[list[int]]:
        """Groups of at least two names that say the same apart from legal form."""
        for names in self._signatures.groups():
            if len(names) > 200:
                continue
            by_text: dict[str, list[int]] = {}
            for name in names:
                by_text.setdefault(self.signature_of(name), []).append(name)
            yield from (group for signature, group in sorted(by_text.items()) if signature and len(group) > 1)

    def close(self) -> None:
        """Finish building: sort the maps and weigh the parts by how rare they are."""
        for index in (self._joins, self._typos, self._sounds, self._signatures):
            index.close()
        scale = log(max(len(self.names), 4000) + 20)
        self.weights = array(
            "f", (self._weigh(part, len(self._postings[i]), scale) for i, part in enumerate(self.parts))
        )
        weights = self.weights
        self.name_weights = array("f", (sum(weights[token] for token in name.tokens) for name in self.names))
        is_core = [part.kind == Kind.CORE for part in self.parts]
        self.core_weights = array("f", (sum(weights[t] for t in name.tokens if is_core[t]) for name in self.names))

    @staticmethod
    def _weigh(part: Part, frequency: int, scale: float) -> float:
        if part.kind == Kind.CORE:
            length = len(part.key)
            factor = _LENGTH_FACTOR[length] if length < 4 and part.key.isascii() else 0.6 if length == 1 else 1.0
            if part.field == COMMON:
                factor *= 0.6
            return max(0.25, 1.0 - log(max(frequency, 1)) / scale) * factor
        if part.kind == Kind.WORD:
            return _KIND_WEIGHT[Kind.WORD] * max(0.4, 1.15 - log(max(frequency, 1)) / scale)
        return _KIND_WEIGHT[part.kind]

    def weight(self, part: Part) -> float:
        """How much a part tells, known to the lists or not."""
        known = self.vocabulary.get(part.token)
        if known is not None:
            return self.weights[known]
        return self._weigh(part, 1, 9.0)

    def similar(self, word: str) -> tuple[tuple[int, float], ...]:
        """Indexed distinctive parts spelled like a word, with their likeness (0 to 1); the word itself excluded."""
        known = self._similar.get(word)
        if known is None:
            known = self._look_for_similar(word)
            if len(self._similar) > 20000:
                self._similar.clear()
            self._similar[word] = known
        return known

    def _look_for_similar(self, word: str) -> tuple[tuple[int, float], ...]:
        if len(word) < 5 or len(word) > 40:
            return ()
        found: dict[int, float] = {}
        allowed = 1 if len(word) < 7 else 2 if len(word) < 12 else 3
        ends = ("<" + word[:5], ">" + word[-5:]) if len(word) >= 9 and word.isascii() else ()
        for shorter in (*deletions(word), *ends):
            for number in self._typos.get(shorter, 60):
                other = self.parts[number].key
                if other == word or number in found:
                    continue
                distance = OSA.distance(word, other, score_cutoff=allowed)
                if distance <= allowed:
                    found[number] = 1.0 - distance / max(len(word), len(other)) * (1.0 if word[0] == other[0] else 1.6)
        return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:24])

    def by_token(self, number: int) -> "array[int]":
        """The names that hold a part."""
        return self._postings[number]

    def by_join(self, text: str) -> list[int]:
        """The names in which two neighbouring parts, or all distinctive ones, run together give this."""
        return self._joins.get(text)

    def by_sound(self, skeleton: str) -> list[int]:
        """The names with a part, or a whole core, of this consonant skeleton."""
        return self._sounds.get(skeleton)

    def by_signature(self, parts: Iterable[Part]) -> list[int]:
        """The names that say the same apart from legal form."""
        return self._signatures.get(self.signature(parts))
