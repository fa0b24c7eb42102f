"""One query against one indexed name: which parts meet, and what that measures."""

from dataclasses import dataclass

from rapidfuzz.distance import Indel

from witnessmark.screen.align import BY_SYLLABLE, LOW, Alignment, Query, align, said
from witnessmark.screen.index import NameIndex
from witnessmark.screen.lexicon import CONSUMER, Kind, Lexicon
from witnessmark.screen.parts import Channel, Part
from witnessmark.screen.romanise.syllables import split_pinyin

FEATURES = (
    "exact",
    "core_query",
    "core_name",
    "extra_core",
    "missing_core",
    "misspelt",
    "evidence",
    "words_agree",
    "words_missing",
    "words_extra",
    "foreign_trade",
    "place_agrees",
    "place_differs",
    "place_extra",
    "organ_agrees",
    "organ_differs",
    "organ_missing",
    "level_differs",
    "number_agrees",
    "number_differs",
    "no_core",
    "no_core_exact",
    "bare_pinyin",
    "by_pinyin",
    "rare_reading",
    "by_letters",
    "by_sound",
    "initials",
    "joined",
    "likeness",
    "short_core",
    "known_name",
    "alias",
    "related",
    "other_signs",
    "different_body",
)
_BODY = frozenset({"group", "holding", "branch"})


@dataclass
class _Tally:
    """What the parts that met add up to."""

    core: float = 0.0
    letters: float = 0.0
    misspelt: float = 0.0
    evidence: float = 0.0
    words: float = 0.0
    whole: bool = True  # every part that met is the same, letter by letter
    kinds: frozenset[str] = frozenset()


def _tally(query: Query, tokens: tuple[int, ...], index: NameIndex, found: Alignment) -> _Tally:
    sums = _Tally(whole=found.joined in (0.0, 1.0) and not found.initials and not found.by_sound)
    kinds = set()
    for i, j, likeness in found.met:
        part = query.parts[i]
        kinds.add(part.kind)
        sums.whole = sums.whole and likeness >= 0.9999
        if part.kind == Kind.CORE:
            weight = query.weights[i]
            sums.core += weight * likeness
            sums.evidence += min(weight, index.weights[tokens[j]]) * likeness
            sums.misspelt = max(sums.misspelt, 1.0 - likeness)
            sums.letters += len(part.key)
        elif part.kind == Kind.WORD:
            sums.words += query.weights[i]
    sums.kinds = frozenset(kinds)
    if found.joined > 0.0:
        extra = sum(query.weights[i] for i in found.query_left if query.parts[i].kind == Kind.CORE)
        sums.core = (query.core_weight - extra) * found.joined or 0.8 * found.joined
        sums.letters = max(sums.letters, float(len(query.core) or 4))
        most = 0.75 if found.by_sound and found.joined > 0.9 and len(query.code) >= 5 else 0.62
        sums.evidence = max(sums.evidence, min(most, 0.9 * query.core_weight or most) * found.joined)
        sums.misspelt = max(sums.misspelt, 1.0 - found.joined)
    if found.initials:
        sums.core, sums.evidence = 0.6, 0.4
    return sums


def measure(query: Query, number: int, index: NameIndex, lexicon: Lexicon) -> tuple[dict[str, float], frozenset[str]]:
    """The named features of one comparison (absent means 0), and the query's distinctive parts that met something."""
    tokens = index.names[number].tokens
    found = align(query, tokens, index)
    name = [index.parts[token] for token in tokens]
    sums = _tally(query, tokens, index, found)
    query_left = [query.parts[i] for i in found.query_left]
    name_left = [name[j] for j in found.name_left]
    out: dict[str, float] = {}
    exact = (
        sums.whole and not any(p.kind not in LOW for p in (*query_left, *name_left)) and bool(found.met or found.joined)
    )
    if sums.core <= 0.0:
        out["no_core"] = 1.0
        exact = exact and _names_somebody(query, index.names[number].text)
        out["no_core_exact"] = float(exact)
    out["exact"] = float(exact)
    out["joined"] = float(found.joined > 0.0 and not exact)
    out["initials"] = float(found.initials)
    extra = sum(query.weights[i] for i in found.query_left if query.parts[i].kind == Kind.CORE)
    missing = sum(index.weights[tokens[j]] for j in found.name_left if name[j].kind == Kind.CORE)
    name_core = index.core_weights[number]
    out["core_query"] = min(1.0, sums.core / query.core_weight) if query.core_weight else float(exact)
    out["core_name"] = max(0.0, 1.0 - missing / name_core) if name_core and sums.core else float(exact)
    out["extra_core"] = min(extra, 2.0)
    out["missing_core"] = min(missing, 2.0)
    out["misspelt"] = sums.misspelt
    out["evidence"] = min(sums.evidence, 1.2)
    out["words_agree"] = min(sums.words, 0.5)
    out["words_extra"] = min(0.6, _words_extra(query_left, name, index))
    out["words_missing"] = min(0.6, sum(index.weight(p) for p in name_left if p.kind == Kind.WORD))
    _measure_way(out, query, found, sums, index.names[number].channel, exact=exact)
    _measure_context(out, query, name, query_left, name_left, lexicon, sums.kinds)
    out["likeness"] = Indel.normalized_similarity(query.rest_all, said(name))
    left = set(found.query_left)
    return out, frozenset(p.key for i, p in enumerate(query.parts) if p.kind == Kind.CORE and i not in left)


def _words_extra(query_left: list[Part], name: list[Part], index: NameIndex) -> float:
    """Weight of the query's further words; of a trade that the name is in too, or may be in, they say little."""
    fields = {part.field for part in name if part.kind == Kind.WORD}
    may_be = not fields or bool(fields & {"tech", "security", "research"})
    return sum(
        index.weight(part) * (0.4 if may_be and part.field in ("tech", "security") else 1.0)
        for part in query_left
        if part.kind == Kind.WORD
    )


def _names_somebody(query: Query, text: str) -> bool:
    """Whether a name of generic words only says enough: "Information Technology" names nobody."""
    said = sum(2 if p.field == "research" else 1 for p in query.parts if p.kind == Kind.WORD)
    said += 2 * sum(1 for p in query.parts if p.kind in (Kind.ORGAN, Kind.PLACE, Kind.NUMBER))
    verbatim = text.lower() == query.reading.folded
    odd = said >= 2 and any(p.field in CONSUMER for p in query.parts)  # "Jade Machinery": a word out of its field
    return said >= 3 or verbatim or odd or bool(query.organs) or "xpcc" in query.places


def _measure_way(
    out: dict[str, float], query: Query, found: Alignment, sums: _Tally, channel_of_name: str, *, exact: bool
) -> None:
    """By which way the parts met, and how little it may be: two syllables, a few letters, only the sound."""
    alone = not exact and not sums.words and Kind.PLACE not in sums.kinds and not found.by_sound
    if sums.core and alone and sums.letters <= 10 and query.core.isascii():
        out["bare_pinyin"] = float(len(split_pinyin(query.core) or ()) == 2)
        says_more = any(query.parts[i].kind in (Kind.PLACE, Kind.WORD) for i in found.query_left)
        if out["bare_pinyin"] and says_more and channel_of_name != Channel.SAME:
            out["bare_pinyin"] = 3.0  # the sound of a Han name, in a query that says where or what and is not borne out
    out["short_core"] = float(bool(sums.core) and sums.letters <= 4)
    channel = query.reading.channel
    out["rare_reading"] = float(channel == Channel.RARE)
    out["by_pinyin"] = float(channel in BY_SYLLABLE)
    out["by_letters"] = float(channel == Channel.LETTERS)
    out["by_sound"] = float(found.by_sound)


def _measure_context(
    out: dict[str, float],
    query: Query,
    name: list[Part],
    query_left: list[Part],
    name_left: list[Part],
    lexicon: Lexicon,
    met: frozenset[str],
) -> None:
    """Place, public body, number and trade: what speaks for and against beside the distinctive parts."""
    place_met, organ_met, number_met = Kind.PLACE in met, Kind.ORGAN in met, Kind.NUMBER in met
    fields = {p.field for p in name if p.kind == Kind.WORD}
    foreign = sum(1.0 for p in query_left if p.field in CONSUMER and p.field not in fields)
    foreign += sum(0.5 for p in query_left if p.field == "industry" and p.field not in fields)
    foreign += sum(1 for p in name_left if p.field in CONSUMER and query.core and p.field != "")
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
    out["organ_missing"] = float(bool(organs) and not query.organs)
    out["organ_differs"] = float(bool(query.organs - organs) or (bool(query.organs) and not organs <= query.organs))
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
