"""Which part of a query meets which part of a listed name."""

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA, Indel

from witnessmark.screen.index import NameIndex, core_join
from witnessmark.screen.lexicon import Kind
from witnessmark.screen.parts import Channel, Part, Reading
from witnessmark.screen.romanise import sound
from witnessmark.screen.romanise.syllables import split_pinyin

LOW = (Kind.FORM, Kind.LEVEL)
BY_SYLLABLE = (Channel.PINYIN, Channel.PALLADIUS, Channel.WADE, Channel.RARE)


class Query(NamedTuple):
    """A reading made ready for comparing."""

    reading: Reading
    parts: tuple[Part, ...]
    weights: tuple[float, ...]
    similar: tuple[dict[int, float], ...]
    rest_all: str
    core_weight: float
    organs: frozenset[str]
    numbers: frozenset[str]
    places: frozenset[str]
    core: str
    code: str


def said(parts: Sequence[Part]) -> str:
    """What a name says beside form, level and place, run together; with the place when there is nothing else."""
    return "".join(p.key for p in parts if p.kind not in LOW and p.kind != Kind.PLACE) or "".join(
        p.key for p in parts if p.kind == Kind.PLACE
    )


def prepare(reading: Reading, index: NameIndex) -> Query:
    """Weigh the parts of a query and look up what is spelled like each."""
    parts = tuple({part.token: part for part in reversed(reading.parts[:24])}.values())[::-1]
    weights = tuple(index.weight(part) for part in parts)
    similar: list[dict[int, float]] = []
    for part in parts:
        near: dict[int, float] = {}
        known = index.vocabulary.get(part.token)
        exact_only = reading.channel in BY_SYLLABLE and len(part.key) < 9  # a letter more is another syllable
        if part.kind == Kind.CORE and (known is None or len(part.key) >= 5) and part.key.isascii() and not exact_only:
            near.update(_spelled_like(part.key, index, whole=reading.channel in BY_SYLLABLE))
        if known is not None:
            near[known] = 1.0
        similar.append(near)
    core = core_join(parts)
    return Query(
        reading,
        parts,
        weights,
        tuple(similar),
        said(parts),
        sum(w for p, w in zip(parts, weights, strict=True) if p.kind == Kind.CORE),
        frozenset(p.key for p in parts if p.kind == Kind.ORGAN),
        frozenset(p.key for p in parts if p.kind == Kind.NUMBER),
        frozenset(p.key for p in parts if p.kind == Kind.PLACE),
        core,
        sound.code(core) if core.isascii() else "",
    )


def _spelled_like(word: str, index: NameIndex, *, whole: bool) -> dict[int, float]:
    """Parts spelled like a word; less alike when both are whole pinyin syllables, where a letter is another name."""
    near = dict(index.similar(word))
    if (len(word) > 8 and not whole) or not (syllables := split_pinyin(word)):
        return near
    if whole:  # a syllable more or less is another name
        return {
            t: likeness for t, likeness in near.items() if len(split_pinyin(index.parts[t].key) or ()) == len(syllables)
        }
    for token in near:
        other = split_pinyin(index.parts[token].key)
        if other and len(other) == len(syllables):
            near[token] *= 0.88
    return near


class Alignment(NamedTuple):
    """Which part met which, and how well (0 to 1); leftovers on both sides."""

    met: tuple[tuple[int, int, float], ...]  # place in the query, place in the name, likeness
    joined: float  # likeness of the leftovers run together, 0 when they do not meet
    query_left: tuple[int, ...]
    name_left: tuple[int, ...]
    by_sound: bool
    initials: bool


def _rest_meets(query_left: list[Part], name_left: list[Part]) -> tuple[float, bool, bool]:
    """Likeness of the leftovers run together, by core alone or with the words; which sides used their words."""
    query_core = "".join(p.key for p in query_left if p.kind == Kind.CORE)
    name_core = "".join(p.key for p in name_left if p.kind == Kind.CORE)
    query_all = "".join(p.key if p.kind == Kind.CORE else p.text for p in query_left if p.kind not in LOW)
    name_all = "".join(p.key if p.kind == Kind.CORE else p.text for p in name_left if p.kind not in LOW)
    best, with_query, with_name = 0.0, False, False
    for left, right, flags in (
        (query_core, name_core, (False, False)),
        (query_all, name_core, (True, False)),
        (query_core, name_all, (False, True)),
        (query_all, name_all, (True, True)),
    ):
        if len(left) < 4 or len(right) < 4 or (flags != (False, False) and (left, right) == (query_core, name_core)):
            continue
        likeness = Indel.normalized_similarity(left, right, score_cutoff=0.86)
        if (left == query_core) != (right == name_core) and likeness < 0.999:
            continue  # "Micron Technology" is not a misspelt "Microtechnology"
        if likeness > best + 1e-9:
            best, (with_query, with_name) = likeness, flags
    return best, with_query, with_name


def align(query: Query, tokens: tuple[int, ...], index: NameIndex) -> Alignment:
    """Pair the parts greedily, best first; then try the leftovers run together, by sound and by initials."""
    met = _pair(query, tokens)
    if met and len(met) < len(query.parts):
        _pair_loosely(query, tokens, index, met)
    used_query, used_name = {i for i, _, _ in met}, {j for _, j, _ in met}
    query_left = [i for i in range(len(query.parts)) if i not in used_query]
    name_left = [j for j in range(len(tokens)) if j not in used_name]
    left_q = [query.parts[i] for i in query_left]
    left_n = [index.parts[tokens[j]] for j in name_left]
    core_q = any(p.kind == Kind.CORE for p in left_q)
    core_n = any(p.kind == Kind.CORE for p in left_n)
    if not (left_q and left_n and (core_q or core_n)):
        return Alignment(tuple(met), 0.0, tuple(query_left), tuple(name_left), False, False)
    joined, with_query, with_name = _rest_meets(left_q, left_n)
    by_signs = query.reading.channel in (Channel.PINYIN, Channel.RARE) and not query.reading.folded.isascii()
    if joined < 1.0 and query.reading.channel in BY_SYLLABLE and (by_signs or len(query.core) < 9):
        joined = 0.0  # in pinyin a letter more is another syllable
    by_sound = joined == 0.0 and core_q and core_n and query.reading.channel in (Channel.SOUND, Channel.LETTERS)
    if by_sound:
        joined = _sounds_alike(query, tokens, index)
    initials = joined == 0.0 and core_q and _is_initials(left_q, left_n, [index.parts[token] for token in tokens])
    if joined > 0.0:
        query_left = [i for i in query_left if not _taken(query.parts[i], with_query)]
        name_left = [j for j in name_left if not _taken(index.parts[tokens[j]], with_name)]
    elif initials:
        query_left = [i for i in query_left if query.parts[i].kind != Kind.CORE]
        name_left = []
    return Alignment(tuple(met), joined, tuple(query_left), tuple(name_left), by_sound and joined > 0, initials)


def _pair(query: Query, tokens: tuple[int, ...]) -> list[tuple[int, int, float]]:
    """Pairs of parts that are the same or spelled alike, each part once, the likest first."""
    pairs: list[tuple[float, int, int]] = []
    for i, near in enumerate(query.similar):
        if near:
            for j, token in enumerate(tokens):
                likeness = near.get(token)
                if likeness is not None:
                    pairs.append((likeness, i, j))
    if len(pairs) > 1:
        pairs.sort(key=lambda row: (-row[0], row[1], row[2]))
    used_query: set[int] = set()
    used_name: set[int] = set()
    met: list[tuple[int, int, float]] = []
    for likeness, i, j in pairs:
        if i not in used_query and j not in used_name:
            used_query.add(i)
            used_name.add(j)
            met.append((i, j, likeness))
    return met


def _pair_loosely(query: Query, tokens: tuple[int, ...], index: NameIndex, met: list[tuple[int, int, float]]) -> None:
    """Pair the one leftover distinctive part of each side when they are roughly alike and something else agrees.

    Not for pinyin, where a letter more is another name, and not when the place is all that agrees.
    """
    used_query, used_name = {i for i, _, _ in met}, {j for _, j, _ in met}
    left_q = [i for i, part in enumerate(query.parts) if i not in used_query and part.kind == Kind.CORE]
    left_n = [j for j, token in enumerate(tokens) if j not in used_name and index.parts[token].kind == Kind.CORE]
    if not 1 <= len(left_q) <= 2 or not 1 <= len(left_n) <= 2:
        return
    if len(met) < 2 and not any(query.parts[i].kind in (Kind.CORE, Kind.NUMBER) for i, _, _ in met):
        return
    least = 0.6 if any(part.kind not in (Kind.CORE, Kind.FORM) for part in query.parts) else 0.78
    for i in left_q:
        word = query.parts[i].key
        for j in left_n:
            other = index.parts[tokens[j]].key
            if j in used_name or len(word) < 4 or len(other) < 4 or (split_pinyin(word) and split_pinyin(other)):
                continue
            likeness = OSA.normalized_similarity(word, other)
            if likeness >= least:
                used_name.add(j)
                met.append((i, j, likeness))
                break


def _taken(part: Part, with_words: bool) -> bool:
    return part.kind == Kind.CORE or (with_words and part.kind not in LOW)


def _sounds_alike(query: Query, tokens: tuple[int, ...], index: NameIndex) -> float:
    """Likeness by sound of the whole cores; 0 below 0.72."""
    core = "".join(index.parts[token].key for token in tokens if index.parts[token].kind == Kind.CORE)
    if not core.isascii() or len(core) < 4 or len(query.code) < 4:
        return 0.0
    other = sound.code(core)
    if sound.skeleton(query.core) != sound.skeleton(core):
        return 0.0
    likeness = Indel.normalized_similarity(query.code, other)
    bones = sound.skeleton(core)
    if likeness >= 0.6 and len(bones) >= 4 and not bones.startswith("."):
        likeness = max(likeness, min(0.96, 0.66 + 0.06 * len(bones)))  # vowels are often not written
    return likeness if likeness >= 0.72 else 0.0


def _is_initials(left_q: list[Part], left_n: list[Part], name: list[Part]) -> bool:
    """True when the query's one leftover distinctive part is the initials of the whole name."""
    cores = [p.key for p in left_q if p.kind == Kind.CORE]
    if len(cores) != 1 or not 3 <= len(cores[0]) <= 8 or not cores[0].isascii():
        return False
    letters = "".join(p.text[0] for p in name if p.kind not in LOW and p.text.isascii())
    return letters == cores[0] and bool(left_n)
