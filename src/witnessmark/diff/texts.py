"""Sentences, labels, translations, strings and symbols that only one of two versions has."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence

import msgspec
from rapidfuzz import fuzz, process

from witnessmark.diff.judge import INNOCENT, Recognise, Traits, note, side
from witnessmark.diff.naming import is_keyed
from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, ChangeKind, Confidence, Side
from witnessmark.model.observation import Member, Observation, Shape

STRUCTURED = frozenset({Shape.ENUM, Shape.RECORD, Shape.FUNCTION, Shape.SWITCH, Shape.LABEL_LIST, Shape.SCHEMA})
SAME_PRODUCT = 0.5
SAME_TEXT = 0.3
LIKE_TEXT = 70.0
MOST_TEXTS = 5_000

Flagged = Callable[[Locator], Traits]
"""The traits of the findings (of either kind) that stand inside a place of the old version."""


def is_structured(item: Observation) -> bool:
    """Whether it is compared member by member rather than as a text."""
    return item.shape in STRUCTURED or is_keyed(item)


def _key(item: Observation) -> tuple[str, str, str]:
    return item.shape, item.name, " ".join(item.text.split())


def compare_texts(
    old: Sequence[Observation], new: Sequence[Observation], recognise: Recognise, flagged: Flagged, *, kin: float | None
) -> list[Change]:
    """Sentences, keys, labels, translations, strings and symbols that only one side has."""
    gone = _only(old, new)
    come = _only(new, old)
    texts = [item for item in old if not is_structured(item)]
    shared = 1 - len(gone) / max(1, len(texts)) if kin is None else kin
    changes = []
    answered: set[int] = set()
    slots = _slots(old, new, gone, come)
    translated = _is_translated(gone, come) and any(recognise(_words(item)) for item in come[:MOST_TEXTS])
    for item in gone:
        marks = flagged(item.locator)
        traits = recognise(_words(item)) & marks if marks else frozenset()
        if traits and item.shape is Shape.STATEMENT:
            continue  # a language without a reader: its lines are compared one by one
        index = _reworded(item, come) if traits else None
        if index is None and traits:
            index = slots.get(id(item))
        if index is not None:
            answered.add(index)
        changes.append(
            _text_gone(
                item, traits, None if index is None else come[index], recognise, shared=0.0 if translated else shared
            )
        )
    changes += [_text_new(item, recognise) for index, item in enumerate(come) if index not in answered]
    return changes


def _slots(
    old: Sequence[Observation], new: Sequence[Observation], gone: Sequence[Observation], come: Sequence[Observation]
) -> dict[int, int]:
    """For a text that is gone, the new text (its index in `come`) that stands in its place: between the same texts of
    the same shape, where as many went as came."""
    is_gone, is_come = {id(item) for item in gone}, {id(item): index for index, item in enumerate(come)}
    out: dict[int, int] = {}
    for shape in sorted({item.shape for item in gone}):
        before, after = _runs(old, shape, is_gone), _runs(new, shape, is_come)
        for frame, items in before.items():
            others = after.get(frame, [])
            if len(items) == len(others):
                even = zip(items, others, strict=True)
                out |= {id(one): is_come[id(other)] for one, other in even if shape in _SHORT or _alike(one, other)}
    return out


_SHORT = frozenset({Shape.UI_TEXT, Shape.STRINGS, Shape.SYMBOL, Shape.CELL, Shape.TRANSLATION})
LIKE_SENTENCE = 45.0


def _alike(one: Observation, other: Observation) -> bool:
    return fuzz.ratio(one.text or one.name, other.text or other.name) >= LIKE_SENTENCE


def _runs(
    items: Sequence[Observation], shape: Shape, changed: Collection[int]
) -> dict[tuple[object, object], list[Observation]]:
    """Runs of changed texts by the unchanged texts before and after them; a frame that occurs twice gives none."""
    out: dict[tuple[object, object], list[Observation]] = {}
    twice: set[tuple[object, object]] = set()
    last: object = "^"
    run: list[Observation] = []
    for item in [*(item for item in items if item.shape is shape), None]:
        if item is not None and id(item) in changed:
            run.append(item)
            continue
        key: object = "$" if item is None else _key(item)
        if run:
            frame = (last, key)
            twice |= {frame} if frame in out else set()
            out[frame] = run
            run = []
        last = key
    return {frame: items for frame, items in out.items() if frame not in twice}


def _is_translated(gone: Sequence[Observation], come: Sequence[Observation]) -> bool:
    """Whether the texts that went are mostly in one script and those that came in another."""
    return abs(_wide_share(gone) - _wide_share(come)) > 0.3 if gone and come else False


def _wide_share(items: Sequence[Observation]) -> float:
    letters = [char for item in items[:MOST_TEXTS] for char in (item.text or item.name)[:200] if char.isalpha()]
    return sum(1 for char in letters if char > "\u2e7f") / max(1, len(letters))


def _cut_out(old: str, new: str) -> bool:
    """Whether `new` is `old` with one longer piece taken out."""
    head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    left = len(new) - head
    return len(old) - len(new) >= 12 and (left == 0 or old.endswith(new[head:]))


def _value_gone(old: str, new: str, recognise: Recognise) -> Traits:
    """The traits that the value of `key = value` lost while the key stayed."""
    before, after = _KEY_VALUE.match(old), _KEY_VALUE.match(new)
    if before is None or after is None or before[1] != after[1] or re.search(r"[^\W\d_]{2}", after[2]):
        return frozenset()
    return recognise(before[2])


_KEY_VALUE = re.compile(r"([\w.\-\"']+)\s*[=:]\s*(.*)", re.S)


def _only(items: Sequence[Observation], others: Sequence[Observation]) -> list[Observation]:
    """The texts of `items` that `others` does not have, each as often as it is missing."""
    left = Counter(_key(item) for item in others if not is_structured(item))
    out = []
    for item in items:
        if is_structured(item):
            continue
        if left[_key(item)] > 0:
            left[_key(item)] -= 1
        else:
            out.append(item)
    return out


def _words(item: Observation) -> str:
    return "\n".join(part for part in (item.name, item.text, *(m.name for m in item.members[:50])) if part)[:4_000]


def _reworded(item: Observation, come: Sequence[Observation]) -> int | None:
    """The new text that is most like this one, if any is like it at all."""
    found = process.extractOne(
        item.text or item.name,
        [other.text or other.name for other in come[:MOST_TEXTS]],
        scorer=fuzz.ratio,
        score_cutoff=LIKE_TEXT,
    )
    return None if found is None else found[2]


_NOUNS = {Shape.STRINGS: "string", Shape.UI_TEXT: "label", Shape.KEY_PATH: "key", Shape.CELL: "table cell"}


def _noun(item: Observation) -> str:
    return _NOUNS.get(item.shape, item.shape.replace("_", " "))


def focus(text: str, other: str, *, around: int = 60) -> str:
    """The part of a text that another lacks, with some words to either side; the whole text where it is short."""
    if len(text) <= 2 * around:
        return text
    shortest = min(len(text), len(other))
    start = next((n for n in range(shortest) if text[n] != other[n]), shortest)
    end = next((n for n in range(shortest - start) if text[-1 - n] != other[-1 - n]), shortest - start)
    low, high = max(0, start - around), min(len(text), len(text) - end + around)
    return ("… " if low else "") + text[low:high] + (" …" if high < len(text) else "")


def _text_side(item: Observation, other: Observation | None = None) -> Side:
    words = item.text or item.name
    shown = note(focus(words, other.text or other.name) if other is not None else words)
    where = item.locator
    placed_side = side(None, Member(name=shown, line=where.line, offset=where.offset, length=where.length), item)
    return msgspec.structs.replace(placed_side, name=note((item.name or shown)[:80]))


def _text_gone(
    item: Observation, traits: Traits, answer: Observation | None, recognise: Recognise, *, shared: float
) -> Change:
    kept = recognise(_words(answer)) if answer is not None else frozenset()
    lost = traits - kept
    what = _noun(item)
    if answer is not None and not lost:
        lost = _value_gone(item.text or item.name, answer.text or answer.name, recognise) & traits
    if answer is None:
        kind, why = (
            ChangeKind.REMOVED,
            f"This {what} is in OLD and not in NEW; {shared:.0%} of OLD's text is still in NEW.",
        )
    elif lost and _cut_out(item.text or item.name, answer.text or answer.name):
        kind, why = ChangeKind.REMOVED, f"A part of this {what} is not in NEW; the rest is the same."
    else:
        kind = ChangeKind.RELABELLED if lost else ChangeKind.OTHER
        why = f"This {what} was reworded in NEW; the words for the trait {'are gone' if lost else 'are still there'}."
    return Change(
        kind=kind,
        scrub=bool(lost) and (answer is not None or shared >= SAME_TEXT),
        protected=tuple(sorted(lost or traits)),
        record=item.parents[-1] if item.parents else note(item.name[:80]),
        old=_text_side(item, answer),
        new=None if answer is None else _text_side(answer, item),
        grade=Confidence.FAIR if shared >= SAME_PRODUCT else Confidence.WEAK,
        rationale=why,
        innocent=INNOCENT,
    )


def _text_new(item: Observation, recognise: Recognise) -> Change:
    return Change(
        kind=ChangeKind.ADDED,
        scrub=False,
        protected=tuple(sorted(recognise(_words(item)))),
        record=item.parents[-1] if item.parents else note(item.name[:80]),
        old=None,
        new=_text_side(item),
        grade=Confidence.FAIR,
        rationale=f"This {_noun(item)} is in NEW and not in OLD.",
        innocent=INNOCENT,
    )
