"""Two outlines of one file in two versions: what each structure and each text gained and lost."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import msgspec
from rapidfuzz import fuzz, process

from witnessmark.diff.align import Aligned, align, placed
from witnessmark.diff.judge import INNOCENT, Recognise, Scene, Traits, judge, note, side
from witnessmark.diff.layout import Layouts, Packs
from witnessmark.diff.naming import bare_members, canonical, common_prefix, is_keyed, names_of, one_binding, words_of
from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, ChangeKind, Confidence, Side
from witnessmark.model.observation import Member, Observation, Shape

STRUCTURED = frozenset({Shape.ENUM, Shape.RECORD, Shape.FUNCTION, Shape.SWITCH, Shape.LABEL_LIST, Shape.SCHEMA})
MOST_CHANGES = 50_000
LIKE_MEMBERS = 0.6
FEW = 8  # members; with fewer, the names of the types must be alike too
LIKE_NAME = 65.0
SAME_PRODUCT = 0.5
SAME_TEXT = 0.3
LIKE_TEXT = 70.0
MOST_TEXTS = 5_000

Flagged = Callable[[Locator], Traits]
"""The traits of the findings (of either kind) that stand inside a place of the old version."""


def compare(
    old: Sequence[Observation],
    new: Sequence[Observation],
    recognise: Recognise,
    flagged: Flagged,
    packs: tuple[Packs, Packs] = ((), ()),
) -> list[Change]:
    """All changes from `old` to `new`, in the old file's order, then what only the new one has."""
    changes: list[Change] = []
    old_built, new_built = [[item for item in items if _is_structured(item)] for items in (old, new)]
    pairs, alone = _pair_structures(old_built, new_built)
    old_layouts, new_layouts = _layouts(old_built, packs[0]), _layouts(new_built, packs[1])
    kin = len(pairs) / max(1, len(old_built))
    surroundings = {id(one): _counted(one, other, recognise) for one, other in pairs}
    for one, other in pairs:
        if not names_of(one) & names_of(other):
            changes.append(_structure_renamed(one, other, recognise, flagged))
        if one.members == other.members and one.language == other.language:
            continue
        rows = align(placed(one, old_layouts), placed(other, new_layouts), shape=one.shape)
        scene = _scene(one, other, flagged(one.locator), surroundings, rows, recognise)
        changes += [change for row in rows if (change := judge(row, scene, recognise)) is not None]
    languages = {language for item in new_built for language in (item.language, *_kin_languages(item.language))}
    for one in alone:
        changes.append(_structure_gone(one, recognise, flagged, kin=kin, mapped=one.language in languages))
    known = {id(other) for _, other in pairs}
    changes += [_structure_new(item, recognise) for item in new_built if id(item) not in known]
    changes += _texts(old, new, recognise, flagged, kin=kin if old_built else None)
    return changes[:MOST_CHANGES]


def _layouts(structures: Sequence[Observation], packs: Packs) -> Layouts:
    return Layouts({name: item for item in structures for name in (item.name, *item.aliases)}, packs)


def _is_structured(item: Observation) -> bool:
    return item.shape in STRUCTURED or is_keyed(item)


@dataclass(frozen=True)
class _Counted:
    """Of the members of one pair that name no trait: how many had a comment (a value), and what became of these."""

    comments: int = 0
    kept: int = 0
    same: int = 0
    values: int = 0
    values_same: int = 0

    def plus(self, other: "_Counted", sign: int = 1) -> "_Counted":
        return _Counted(
            self.comments + sign * other.comments,
            self.kept + sign * other.kept,
            self.same + sign * other.same,
            self.values + sign * other.values,
            self.values_same + sign * other.values_same,
        )


def _counted(old: Observation, new: Observation, recognise: Recognise) -> _Counted:
    there = {canonical(member.name): member for member in new.members}
    comments = kept = same = values = values_same = 0
    for member in old.members:
        twin = there.get(canonical(member.name))
        if member.comment and not recognise(member.comment):
            comments += 1
            kept += bool(twin is not None and twin.comment)
            same += bool(twin is not None and twin.comment and _plain(twin.comment) == _plain(member.comment))
        if member.value and not recognise(member.value):
            values += 1
            values_same += bool(twin is not None and twin.value == member.value)
    return _Counted(comments, kept, same, values, values_same)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _scene(
    one: Observation,
    other: Observation,
    flagged: Traits,
    surroundings: dict[int, _Counted],
    rows: Sequence[Aligned],
    recognise: Recognise,
) -> Scene:
    """What is around a member: the rest of its structure where that says enough, else the whole file."""
    near = surroundings[id(one)]
    everywhere = _Counted()
    if near.comments < FEW or near.values < FEW:
        for counted in surroundings.values():
            everywhere = everywhere.plus(counted)
    comments = near if near.comments >= FEW else everywhere
    values = near if near.values >= FEW else everywhere
    some_left = any(member.comment for member in other.members)
    plain = sum(1 for row in rows if row.absorbed and row.old is not None and not recognise(words_of(row.old.member)))
    return Scene(
        old=one,
        new=other,
        flagged=flagged,
        comments_kept=comments.kept / comments.comments if comments.comments else float(some_left),
        comments_same=comments.same / comments.comments if comments.comments else float(some_left),
        values_same=values.values_same / values.values if values.values else 1.0,
        prefixes=(common_prefix(one), common_prefix(other)),
        absorbed_plain=plain,
    )


def _pair_structures(
    old: Sequence[Observation], new: Sequence[Observation]
) -> tuple[list[tuple[Observation, Observation]], list[Observation]]:
    """Pair by name and shape; a structure without its name pairs with the one that shares most of its members."""
    by_name: dict[tuple[Shape, str], list[Observation]] = defaultdict(list)
    for item in new:
        for name in sorted(names_of(item)):
            by_name[item.shape, name].append(item)
    taken: set[int] = set()
    pairs: list[tuple[Observation, Observation]] = []
    left: list[Observation] = []
    equal = _equal_ones(old, by_name, taken)
    for item in old:
        twin = equal.get(id(item)) or next(
            (other for name in sorted(names_of(item)) for other in by_name[item.shape, name] if id(other) not in taken),
            None,
        )
        if twin is None:
            left.append(item)
        else:
            taken.add(id(twin))
            pairs.append((item, twin))
    free = [item for item in new if id(item) not in taken and item.members]
    alone: list[Observation] = []
    for item in left:
        twin = _most_alike(item, free)
        if twin is None:
            alone.append(item)
        else:
            free.remove(twin)
            pairs.append((item, twin))
    return pairs, alone


def _equal_ones(
    old: Sequence[Observation], by_name: dict[tuple[Shape, str], list[Observation]], taken: set[int]
) -> dict[int, Observation]:
    """Where several things bear one name (the objects of a list), those that say the same belong together."""
    out: dict[int, Observation] = {}
    by_words: dict[tuple[Shape, str, tuple[tuple[str, str | None], ...]], list[Observation]] = defaultdict(list)
    for (shape, name), items in by_name.items():
        if len(items) > 1:
            for item in items:
                by_words[shape, name, _said(item)].append(item)
    for item in old:
        for name in sorted(names_of(item)):
            free = [other for other in by_words.get((item.shape, name, _said(item)), ()) if id(other) not in taken]
            if free:
                out[id(item)] = free[0]
                taken.add(id(free[0]))
                by_words[item.shape, name, _said(item)].remove(free[0])
                break
    return out


def _said(item: Observation) -> tuple[tuple[str, str | None], ...]:
    return tuple((member.name, member.value) for member in item.members)


def _most_alike(item: Observation, others: Sequence[Observation]) -> Observation | None:
    mine = bare_members(item)
    if len(mine) < 3 or len(others) > 5_000:
        return None
    best, best_share = None, LIKE_MEMBERS
    for other in others:
        if other.shape is not item.shape:
            continue
        theirs = bare_members(other)
        share = len(mine & theirs) / len(mine | theirs)
        if len(mine) < FEW and fuzz.ratio(canonical(item.name), canonical(other.name)) < LIKE_NAME:
            continue  # colours, states and sizes recur in enums that have nothing to do with each other
        if share >= best_share:
            best, best_share = other, share
    return best


def _whole(structure: Observation) -> Side:
    where = structure.locator
    return side(None, Member(name=structure.name, line=where.line, offset=where.offset, length=where.length), structure)


def _structure_renamed(one: Observation, other: Observation, recognise: Recognise, flagged: Flagged) -> Change:
    marks = flagged(one.locator)
    lost = (recognise(one.name) - recognise(other.name)) & marks
    why = f"{one.shape} {one.name} is called {other.name} in NEW; most of its members are the same."
    if lost:
        why += " The word for the trait is gone from its name; its members are compared one by one."
    return Change(
        kind=ChangeKind.RENAMED_IN_PLACE,
        scrub=bool(lost),
        protected=tuple(sorted(lost)),
        record=one.name,
        old=_whole(one),
        new=_whole(other),
        grade=Confidence.FAIR,
        rationale=why,
        innocent=INNOCENT,
    )


def _kin_languages(language: str) -> list[str]:
    return [other for other in ("c", "cpp", "objc", "javascript", "typescript") if one_binding(language, other)]


def _structure_gone(item: Observation, recognise: Recognise, flagged: Flagged, *, kin: float, mapped: bool) -> Change:
    words = "\n".join([item.name, *item.comments, *(f"{m.name} {m.comment or ''}" for m in item.members)])
    marks = flagged(item.locator)
    lost = recognise(words[:20_000]) if marks else frozenset()
    lost &= marks
    why = f"{item.shape} {item.name} with its {len(item.members)} members is in OLD and not in NEW."
    if lost:
        share = f"{kin:.0%} of OLD's declarations are still in NEW"
        why += f" {share}; " + (
            "so the two are versions of one interface."
            if kin >= SAME_PRODUCT
            else "so the two may not be versions of one thing."
        )
        if not mapped:
            why += " They are bindings for different languages; NEW may never have mapped it."
    return Change(
        kind=ChangeKind.REMOVED,
        scrub=bool(lost) and kin >= SAME_PRODUCT and mapped,
        protected=tuple(sorted(lost)),
        record=item.name,
        old=_whole(item),
        new=None,
        grade=Confidence.FAIR if kin >= SAME_PRODUCT else Confidence.WEAK,
        rationale=why,
        innocent=INNOCENT,
    )


def _structure_new(item: Observation, recognise: Recognise) -> Change:
    return Change(
        kind=ChangeKind.ADDED,
        scrub=False,
        protected=tuple(sorted(recognise(item.name))),
        record=item.name,
        old=None,
        new=_whole(item),
        grade=Confidence.FAIR,
        rationale=f"{item.shape} {item.name} is in NEW and not in OLD.",
        innocent=INNOCENT,
    )


def _key(item: Observation) -> tuple[str, str, str]:
    return item.shape, item.name, " ".join(item.text.split())


def _texts(
    old: Sequence[Observation], new: Sequence[Observation], recognise: Recognise, flagged: Flagged, *, kin: float | None
) -> list[Change]:
    """Sentences, keys, labels, translations, strings and symbols that only one side has."""
    gone = _only(old, new)
    come = _only(new, old)
    texts = [item for item in old if not _is_structured(item)]
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
    left = Counter(_key(item) for item in others if not _is_structured(item))
    out = []
    for item in items:
        if _is_structured(item):
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
