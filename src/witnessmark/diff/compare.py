"""Two outlines of one file in two versions: what each structure and each text gained and lost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from witnessmark.diff.align import Aligned, align, placed
from witnessmark.diff.judge import INNOCENT, Recognise, Scene, Traits, judge, side
from witnessmark.diff.layout import Layouts
from witnessmark.diff.naming import bare_members, canonical, common_prefix, names_of, one_binding, words_of
from witnessmark.diff.said import Said
from witnessmark.diff.texts import SAME_PRODUCT, Flagged, compare_texts, is_structured
from witnessmark.model.change import Change, ChangeKind, Confidence, Side
from witnessmark.model.observation import Member, Observation, Shape

MOST_CHANGES = 50_000
LIKE_MEMBERS = 0.6
FEW = 8  # members; with fewer, the names of the types must be alike too
LIKE_NAME = 65.0


def compare(
    old: Sequence[Observation],
    new: Sequence[Observation],
    recognise: Recognise,
    flagged: Flagged,
    said: tuple[Said | None, Said | None] = (None, None),
) -> list[Change]:
    """All changes from `old` to `new`, in the old file's order, then what only the new one has."""
    changes: list[Change] = []
    old_built, new_built = [[item for item in items if is_structured(item)] for items in (old, new)]
    pairs, alone = _pair_structures(old_built, new_built)
    old_layouts, new_layouts = Layouts(old_built, said[0]), Layouts(new_built, said[1])
    kin = len(pairs) / max(1, len(old_built))
    surroundings: dict[int, _Counted] = {}
    for one, other in pairs:
        if not names_of(one) & names_of(other):
            changes.append(_structure_renamed(one, other, recognise, flagged))
        if one.members == other.members and one.language == other.language:
            continue
        rows = align(placed(one, old_layouts), placed(other, new_layouts), shape=one.shape)
        scene = Scene(old=one, new=other, flagged=flagged(one.locator))
        if scene.flagged:  # nothing else can have lost a word, and counting costs a look at every comment
            surroundings = surroundings or {id(left): _counted(left, right, recognise) for left, right in pairs}
            scene = _scene(one, other, scene.flagged, surroundings, rows, recognise)
        changes += [change for row in rows if (change := judge(row, scene, recognise)) is not None]
    languages = {language for item in new_built for language in (item.language, *_kin_languages(item.language))}
    for one in alone:
        changes.append(_structure_gone(one, recognise, flagged, kin=kin, mapped=one.language in languages))
    known = {id(other) for _, other in pairs}
    changes += [_structure_new(item, recognise) for item in new_built if id(item) not in known]
    changes += compare_texts(old, new, recognise, flagged, kin=kin if old_built else None)
    return changes[:MOST_CHANGES]


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


MANY = 60
FEW_OF_MANY = 0.1


def _is_about_something_else(item: Observation, recognise: Recognise) -> bool:
    """Whether a long list names a trait in a few of its members only, as a list of countries does."""
    if len(item.members) < MANY or recognise(f"{item.name}\n{' '.join(item.comments)[:400]}"):
        return False
    named = sum(1 for member in item.members if recognise(words_of(member)))
    return named < FEW_OF_MANY * len(item.members) and item.shape is Shape.ENUM


def _structure_gone(item: Observation, recognise: Recognise, flagged: Flagged, *, kin: float, mapped: bool) -> Change:
    words = "\n".join([item.name, *item.comments, *(f"{m.name} {m.comment or ''}" for m in item.members)])
    marks = flagged(item.locator)
    lost = recognise(words[:20_000]) if marks else frozenset()
    lost &= marks
    if lost and _is_about_something_else(item, recognise):
        lost = frozenset()
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
