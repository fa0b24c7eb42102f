"""One query against one indexed name: which parts meet, and what that measures."""

from typing import NamedTuple

from rapidfuzz.distance import OSA, Indel

from witnessmark.screen.index import IndexedName, NameIndex, core_join
from witnessmark.screen.lexicon import CONSUMER, Kind, Lexicon
from witnessmark.screen.parts import Channel, Part, Reading
from witnessmark.screen.romanise import sound
from witnessmark.screen.romanise.syllables import split_pinyin

FEATURES = (
    "exact", "core_query", "core_name", "extra_core", "missing_core", "misspelt", "evidence", "words_agree",
    "words_missing", "words_extra", "foreign_trade", "place_agrees", "place_differs", "place_extra", "organ_agrees",
    "organ_differs", "level_differs", "number_agrees", "number_differs", "no_core", "no_core_exact", "bare_pinyin", "by_pinyin",
    "rare_reading", "by_letters", "by_sound", "initials", "joined", "likeness", "short_core", "known_name", "alias", "related",
    "different_body",
)  # fmt: skip
_LOW = (Kind.FORM, Kind.LEVEL)
_BODY = frozenset({"group", "holding", "branch"})
_BY_SYLLABLE = (Channel.PINYIN, Channel.PALLADIUS, Channel.WADE, Channel.RARE)


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


def prepare(reading: Reading, index: NameIndex, lexicon: Lexicon) -> Query:
    """Weigh the parts of a query and look up what is spelled like each."""
    parts = tuple(dict.fromkeys(reading.parts[:24]))
    weights = tuple(index.weight(part) for part in parts)
    similar: list[dict[int, float]] = []
    for part in parts:
        near: dict[int, float] = {}
        known = index.vocabulary.get(part.token)
        exact_only = reading.channel in _BY_SYLLABLE and len(part.key) < 9  # a letter more is another syllable
        if part.kind == Kind.CORE and (known is None or len(part.key) >= 5) and part.key.isascii() and not exact_only:
            near.update(index.similar(part.key))
        if known is not None:
            near[known] = 1.0
        similar.append(near)
    core = core_join(parts)
    return Query(
        reading, parts, weights, tuple(similar), "".join(p.key for p in parts if p.kind not in _LOW),
        sum(w for p, w in zip(parts, weights, strict=True) if p.kind == Kind.CORE),
        frozenset(p.key for p in parts if p.kind == Kind.ORGAN), frozenset(p.key for p in parts if p.kind == Kind.NUMBER),
        frozenset(p.key for p in parts if p.kind == Kind.PLACE), core, sound.code(core) if core.isascii() else "",
    )  # fmt: skip


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
    query_all = "".join(p.key if p.kind == Kind.CORE else p.text for p in query_left if p.kind not in _LOW)
    name_all = "".join(p.key if p.kind == Kind.CORE else p.text for p in name_left if p.kind not in _LOW)
    best, with_query, with_name = 0.0, False, False
    for left, right, flags in (
        (query_core, name_core, (False, False)), (query_all, name_core, (True, False)),
        (query_core, name_all, (False, True)), (query_all, name_all, (True, True)),
    ):  # fmt: skip
        if len(left) < 4 or len(right) < 4 or (flags != (False, False) and (left, right) == (query_core, name_core)):
            continue
        likeness = Indel.normalized_similarity(left, right, score_cutoff=0.86)
        if likeness > best + 1e-9:
            best, (with_query, with_name) = likeness, flags
    return best, with_query, with_name


def align(query: Query, tokens: tuple[int, ...], index: NameIndex) -> Alignment:
    """Pair the parts greedily, best first; then try the leftovers run together, by initials and by sound."""
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
    if met and len(used_query) < len(query.parts):
        _pair_loosely(query, tokens, index, used_query, used_name, met)
    query_left = [i for i in range(len(query.parts)) if i not in used_query]
    name_left = [j for j in range(len(tokens)) if j not in used_name]
    joined, by_sound, initials = 0.0, False, False
    left_q = [query.parts[i] for i in query_left]
    left_n = [index.parts[tokens[j]] for j in name_left]
    core_q = any(p.kind == Kind.CORE for p in left_q)
    core_n = any(p.kind == Kind.CORE for p in left_n)
    if left_q and left_n and (core_q or core_n):
        joined, with_query, with_name = _rest_meets(left_q, left_n)
        if joined == 0.0 and core_q and core_n and query.reading.channel in (Channel.SOUND, Channel.LETTERS):
            joined, by_sound = _sounds_alike(query, tokens, index), True
        if joined > 0.0:
            query_left = [i for i in query_left if not _taken(query.parts[i], with_query)]
            name_left = [j for j in name_left if not _taken(index.parts[tokens[j]], with_name)]
        elif core_q:
            initials = _is_initials(left_q, left_n, query, [index.parts[token] for token in tokens])
            if initials:
                query_left = [i for i in query_left if query.parts[i].kind != Kind.CORE]
                name_left = []
    return Alignment(tuple(met), joined, tuple(query_left), tuple(name_left), by_sound and joined > 0, initials)


def _pair_loosely(
    query: Query, tokens: tuple[int, ...], index: NameIndex, used_query: set[int], used_name: set[int], met: list[tuple[int, int, float]]
) -> None:  # fmt: skip
    """Pair the one leftover distinctive part of each side when they are roughly alike and something else agrees.

    Not for pinyin, where a letter more is another name, and not when the place is all that agrees.
    """
    left_q = [i for i, part in enumerate(query.parts) if i not in used_query and part.kind == Kind.CORE]
    left_n = [j for j, token in enumerate(tokens) if j not in used_name and index.parts[token].kind == Kind.CORE]
    if not 1 <= len(left_q) <= 2 or not 1 <= len(left_n) <= 2:
        return
    if not any(query.parts[i].kind in (Kind.CORE, Kind.NUMBER) for i, _, _ in met) and len(met) < 2:
        return
    for i in left_q:
        word = query.parts[i].key
        for j in left_n:
            other = index.parts[tokens[j]].key
            if j in used_name or len(word) < 4 or len(other) < 4 or (split_pinyin(word) and split_pinyin(other)):
                continue
            likeness = OSA.normalized_similarity(word, other)
            if likeness >= 0.6:
                used_query.add(i)
                used_name.add(j)
                met.append((i, j, likeness))
                break


def _taken(part: Part, with_words: bool) -> bool:
    return part.kind == Kind.CORE or (with_words and part.kind not in _LOW)


def _sounds_alike(query: Query, tokens: tuple[int, ...], index: NameIndex) -> float:
    """Likeness by sound of the whole cores; 0 below 0.78."""
    core = "".join(index.parts[token].key for token in tokens if index.parts[token].kind == Kind.CORE)
    if not core.isascii() or len(core) < 4 or len(query.code) < 4:
        return 0.0
    other = sound.code(core)
    if sound.skeleton(query.core) != sound.skeleton(core):
        return 0.0
    likeness = Indel.normalized_similarity(query.code, other)
    return likeness if likeness >= 0.72 else 0.0


def _is_initials(left_q: list[Part], left_n: list[Part], query: Query, name: list[Part]) -> bool:
    cores = [p.key for p in left_q if p.kind == Kind.CORE]
    if len(cores) != 1 or not 3 <= len(cores[0]) <= 8 or not cores[0].isascii():
        return False
    letters = "".join(p.text[0] for p in name if p.kind not in _LOW and p.text.isascii())
    return letters == cores[0] and bool(left_n)


def measure(
    query: Query, indexed: IndexedName, index: NameIndex, lexicon: Lexicon
) -> tuple[dict[str, float], frozenset[str]]:
    """The named features of one comparison (absent means 0), and the query's distinctive parts that met something."""
    tokens = indexed.tokens
    found = align(query, tokens, index)
    parts, weights = query.parts, query.weights
    name = [index.parts[token] for token in tokens]
    out: dict[str, float] = {}
    core_met = core_letters = misspelt = evidence = words = 0.0
    place_met = organ_met = number_met = False
    exact = found.joined in (0.0, 1.0) and not found.initials and not found.by_sound
    for i, j, likeness in found.met:
        kind = parts[i].kind
        if likeness < 0.9999:
            exact = False
        if kind == Kind.CORE:
            weight = weights[i]
            core_met += weight * likeness
            evidence += min(weight, index.weights[tokens[j]]) * likeness
            misspelt = max(misspelt, 1.0 - likeness)
            core_letters += len(parts[i].key)
        elif kind == Kind.WORD:
            words += weights[i]
        elif kind == Kind.PLACE:
            place_met = True
        elif kind == Kind.ORGAN:
            organ_met = True
        elif kind == Kind.NUMBER:
            number_met = True
    query_left = [parts[i] for i in found.query_left]
    name_left = [name[j] for j in found.name_left]
    extra = sum(weights[i] for i in found.query_left if parts[i].kind == Kind.CORE)
    missing = sum(index.weights[tokens[j]] for j in found.name_left if name[j].kind == Kind.CORE)
    if found.joined > 0.0:
        core_met = (query.core_weight - extra) * found.joined or 0.8 * found.joined
        core_letters = max(core_letters, float(len(query.core) or 4))
        evidence = max(evidence, 0.62 * found.joined)
        misspelt = max(misspelt, 1.0 - found.joined)
        out["joined"] = 1.0
    if found.initials:
        out["initials"] = 1.0
        core_met, evidence = 0.6, 0.4
    name_core = sum(index.weights[token] for token, part in zip(tokens, name, strict=True) if part.kind == Kind.CORE)
    left_over = any(p.kind not in _LOW for p in query_left) or any(p.kind not in _LOW for p in name_left)
    exact = exact and not left_over and bool(found.met or found.joined)
    if exact:
        out["exact"] = 1.0
    if core_met <= 0.0:
        out["no_core"] = 1.0
        if exact:
            said = sum(1 for p in parts if p.kind == Kind.WORD) + 2 * sum(
                1 for p in parts if p.kind in (Kind.ORGAN, Kind.PLACE, Kind.NUMBER)
            )
            verbatim = indexed.text.lower() == query.reading.folded
            if said >= 3 or verbatim or query.organs or "xpcc" in query.places:
                out["no_core_exact"] = 1.0
            else:
                exact = False  # "Information Technology" names nobody
                out.pop("exact")
    out["core_query"] = min(1.0, core_met / query.core_weight) if query.core_weight else float(exact)
    out["core_name"] = max(0.0, 1.0 - missing / name_core) if name_core and core_met else float(exact)
    out["extra_core"] = min(extra, 2.0)
    out["missing_core"] = min(missing, 2.0)
    out["misspelt"] = misspelt
    out["evidence"] = min(evidence, 1.2)
    out["words_agree"] = min(words, 0.5)
    out["words_extra"] = min(0.6, sum(index.weight(p) for p in query_left if p.kind == Kind.WORD))
    out["words_missing"] = min(0.6, sum(index.weight(p) for p in name_left if p.kind == Kind.WORD))
    _measure_context(out, query, name, query_left, name_left, lexicon, (place_met, organ_met, number_met))
    if core_met and not exact and not words and not place_met and core_letters <= 8 and not found.by_sound:
        syllables = split_pinyin(query.core) if query.core.isascii() else None
        if syllables is not None and len(syllables) == 2:
            out["bare_pinyin"] = 1.0
    if core_met and core_letters <= 4:
        out["short_core"] = 1.0
    channel = query.reading.channel
    if channel == Channel.RARE:
        out["rare_reading"] = 1.0
    if channel in (Channel.PINYIN, Channel.PALLADIUS, Channel.WADE, Channel.RARE):
        out["by_pinyin"] = 1.0
    elif channel == Channel.LETTERS:
        out["by_letters"] = 1.0
    if found.by_sound:
        out["by_sound"] = 1.0
    out["likeness"] = Indel.normalized_similarity(query.rest_all, "".join(p.key for p in name if p.kind not in _LOW))
    left = set(found.query_left)
    return out, frozenset(part.key for i, part in enumerate(parts) if part.kind == Kind.CORE and i not in left)


def _measure_context(
    out: dict[str, float], query: Query, name: list[Part], query_left: list[Part], name_left: list[Part],
    lexicon: Lexicon, met: tuple[bool, bool, bool],
) -> None:  # fmt: skip
    """Place, public body, number and trade: what speaks for and against beside the distinctive parts."""
    place_met, organ_met, number_met = met
    fields = {p.field for p in name if p.kind == Kind.WORD}
    foreign = sum(1 for p in query_left if p.field in CONSUMER and p.field not in fields)
    foreign += sum(1 for p in name_left if p.field in CONSUMER and query.core and not p.field == "")
    out["foreign_trade"] = min(float(foreign), 2.0)
    left_places = [p.key for p in query_left if p.kind == Kind.PLACE]
    name_places = {p.key for p in name if p.kind == Kind.PLACE}
    out["place_agrees"] = float(place_met)
    if left_places and name_places:
        apart = [p for p in left_places if not _within(p, name_places, lexicon)]
        out["place_differs"] = float(
            (bool(apart) and any(p.kind == Kind.PLACE for p in name_left)) or (bool(apart) and not place_met)
        )
    out["place_extra"] = float(bool(left_places) and not name_places)
    organs = {p.key for p in name if p.kind == Kind.ORGAN}
    out["organ_agrees"] = float(organ_met)
    out["organ_differs"] = float(bool(organs ^ query.organs) and not (organ_met and organs <= query.organs))
    numbers = {p.key for p in name if p.kind == Kind.NUMBER}
    out["level_differs"] = float(
        bool({p.key for p in name if p.key in _BODY} ^ {p.key for p in query.parts if p.key in _BODY})
    )
    out["number_agrees"] = float(number_met)
    out["number_differs"] = float(bool(numbers) and bool(query.numbers) and not number_met)


def _within(place: str, others: set[str], lexicon: Lexicon) -> bool:
    """True when one place holds the other, or a country holds both: not a contradiction."""
    return any(
        place == other
        or lexicon.within.get(place) == other
        or lexicon.within.get(other) == place
        or "china" in (place, other)
        for other in others
    )
