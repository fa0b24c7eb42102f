"""Which indexed names are worth comparing with a query: by parts, joins, sound and signature, within a budget."""

from collections.abc import Iterable, Sequence
from heapq import nlargest

from witnessmark.screen.align import Query
from witnessmark.screen.index import NameIndex
from witnessmark.screen.lexicon import Kind
from witnessmark.screen.parts import Channel
from witnessmark.screen.romanise import sound

SHORTLIST = 30
POSTINGS_BUDGET = 12000
WORTH = 0.25  # names with less than this share of the best one's common weight are not compared


def shortlist(query: Query, index: NameIndex) -> list[int]:
    """The names worth comparing with a query, the likeliest first; at most SHORTLIST."""
    rows: list[tuple[int, float, Sequence[int]]] = []

    def put(names: Sequence[int], weight: float) -> None:
        rows.append((len(names), weight, names))

    for part, weight, near in zip(query.parts, query.weights, query.similar, strict=True):
        if part.kind not in (Kind.FORM, Kind.LEVEL):
            for token, likeness in near.items():
                put(index.by_token(token), weight * likeness)
    for text, weight in _joined(query):
        put(index.by_join(text), weight)
        for token, likeness in _alike(text, index):
            put(index.by_token(token), weight * likeness)
    if query.reading.channel in (Channel.SOUND, Channel.LETTERS) and len(query.core) >= 4:
        put(index.by_sound(sound.skeleton(query.core)), query.core_weight * 0.8)
    put(index.by_signature(query.parts), 3.0)
    gains = _gains(rows)
    total = sum(query.weights)
    sizes = index.name_weights
    if len(gains) <= SHORTLIST:
        return list(gains)
    ranked = [
        (gain / (total + sizes[number] - (gain if gain < total else total)), -number) for number, gain in gains.items()
    ]
    best = nlargest(SHORTLIST, ranked)
    least = best[0][0] * WORTH
    return [-number for share, number in best if share >= least]


def _alike(text: str, index: NameIndex) -> tuple[tuple[int, float], ...]:
    """The part that is this text, else those spelled like it."""
    known = index.vocabulary.get("c:" + text)
    if known is not None:
        return ((known, 1.0),)
    return index.similar(text) if text.isascii() else ()


def _gains(rows: list[tuple[int, float, Sequence[int]]]) -> dict[int, float]:
    """Sum of weights a name, the rarest parts first; common parts only add to names that are already in."""
    gains: dict[int, float] = {}
    budget = POSTINGS_BUDGET
    for count, weight, names in sorted(rows, key=lambda row: row[0]):
        if count > budget and gains:
            if count > 4 * POSTINGS_BUDGET:
                break
            for number in [number for number in gains if _holds(names, number)]:
                gains[number] += weight
            continue
        budget -= count
        for number in names:
            gains[number] = gains.get(number, 0.0) + weight
    return gains


def _joined(query: Query) -> Iterable[tuple[str, float]]:
    """Neighbouring parts run together, the whole core run together, and single parts that may be joins."""
    seen: set[str] = set()
    parts, weights = query.parts, query.weights
    for start in range(len(parts)):
        text, weight, core = "", 0.0, False
        for end in range(start, min(start + 4, len(parts))):
            part = parts[end]
            if part.kind == Kind.FORM:
                break
            text += part.key if part.kind == Kind.CORE else part.text
            weight += weights[end]
            core = core or part.kind == Kind.CORE
            if len(text) >= 4 and core and text not in seen and (end > start or len(text) >= 5):
                seen.add(text)
                yield text, max(weight, 0.6)
    if query.core and query.core not in seen and len(query.core) >= 3:
        yield query.core, max(query.core_weight, 0.6)
    for part in parts:
        if part.kind == Kind.CORE and 3 <= len(part.key) <= 8 and part.key.isascii():
            yield "^" + part.key, 0.7


def _holds(names: Sequence[int], number: int) -> bool:
    """True when a sorted posting list holds a number."""
    low, high = 0, len(names)
    while low < high:
        middle = (low + high) // 2
        if names[middle] < number:
            low = middle + 1
        else:
            high = middle
    return low < len(names) and names[low] == number
