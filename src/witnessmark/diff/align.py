"""Which member of the old structure is which member of the new one."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from witnessmark.diff.layout import Layouts
from witnessmark.diff.naming import KEYED, canonical, is_placeholder
from witnessmark.model.observation import Member, Observation, Shape

MOST_MEMBERS = 20_000  # more than any record or enum met so far; the alignment is quadratic at worst


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A member with its place: index, and offset and size in bytes where they are known."""

    member: Member
    index: int
    offset: int | None
    size: int | None


@dataclass(frozen=True, kw_only=True)
class Aligned:
    """Two members taken for the same place; one side None where there is no counterpart.

    `before` and `after` say whether the neighbours on that side are unchanged; `absorbed` that a reserved field of the
    new record covers the old field's bytes.
    """

    old: Placed | None
    new: Placed | None
    before: bool = False
    after: bool = False
    absorbed: bool = False
    moved: bool = False


def placed(structure: Observation, layouts: Layouts) -> list[Placed]:
    """All members in order with their places."""
    places = layouts.places(structure)
    return [
        Placed(member=member, index=index, offset=offset, size=size)
        for index, (member, (offset, size)) in enumerate(zip(structure.members, places, strict=True))
    ][:MOST_MEMBERS]


def _same_place(old: Placed, new: Placed, *, shape: Shape) -> bool:
    if shape is Shape.ENUM:
        return old.member.value is not None and old.member.value == new.member.value
    if old.offset is not None and new.offset is not None:
        return old.offset == new.offset and old.size == new.size
    if old.size is not None and new.size is not None:
        return old.size == new.size
    if shape in KEYED:
        return old.member.value is not None and old.member.value == new.member.value
    return canonical(old.member.type or "") == canonical(new.member.type or "")


def _pair_block(old: list[Placed], new: list[Placed], *, shape: Shape) -> list[tuple[Placed | None, Placed | None]]:
    """Pair the members of a replaced block: by place first, then, if both sides are as long, by order."""
    left = list(new)
    rows: list[tuple[Placed | None, Placed | None]] = []
    even = len(old) == len(new)
    for number, one in enumerate(old):
        twin = next((other for other in left if _same_place(one, other, shape=shape)), None)
        if (
            twin is None
            and even
            and new[number] in left
            and (shape in KEYED or one.member.value is None)
            and shape in (Shape.ENUM, *KEYED)
        ):
            twin = new[number]
        if twin is not None:
            left.remove(twin)
        rows.append((one, twin))
    return [*_by_type(rows, left, shape=shape), *((None, other) for other in left)]


def _by_type(
    rows: list[tuple[Placed | None, Placed | None]], left: list[Placed], *, shape: Shape
) -> list[tuple[Placed | None, Placed | None]]:
    """What is left of a block whose offsets moved as a whole (a field was added before it): the same type, in order."""
    out: list[tuple[Placed | None, Placed | None]] = []
    for one, twin in rows:
        if twin is None and one is not None and shape is Shape.RECORD and one.member.type:
            kind = canonical(one.member.type)
            alike = [other for other in left if canonical(other.member.type or "") == kind and other.size == one.size]
            if alike:
                twin = alike[0]
                left.remove(twin)
        out.append((one, twin))
    return out


def align(old: list[Placed], new: list[Placed], *, shape: Shape) -> list[Aligned]:
    """Every member of both sides exactly once, in the old order, then what only the new side has."""
    old_names = [canonical(item.member.name) for item in old]
    new_names = [canonical(item.member.name) for item in new]
    rows: list[tuple[Placed | None, Placed | None]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old_names, new_names, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += zip(old[a:b], new[c:d], strict=True)
        else:
            rows += _pair_block(old[a:b], new[c:d], shape=shape)
    return _with_neighbours(_with_moves(rows), old_names, new_names, new)


def _with_moves(rows: list[tuple[Placed | None, Placed | None]]) -> list[Aligned]:
    """Join a member that went in one place and came in another under the same name."""
    gone = {canonical(old.member.name): old for old, new in rows if old is not None and new is None}
    come = {canonical(new.member.name): new for old, new in rows if new is not None and old is None}
    moved = gone.keys() & come.keys()
    out: list[Aligned] = []
    for old, new in rows:
        name = canonical((old or new).member.name) if (old is None or new is None) and (old or new) else ""  # type: ignore[union-attr]
        if name in moved:
            if old is not None:
                out.append(Aligned(old=old, new=come[name], moved=True))
            continue
        out.append(Aligned(old=old, new=new))
    return out


def _with_neighbours(
    rows: list[Aligned], old_names: list[str], new_names: list[str], new: list[Placed]
) -> list[Aligned]:
    out: list[Aligned] = []
    for row in rows:
        if row.old is None:
            out.append(row)
            continue
        before = old_names[row.old.index - 1] if row.old.index else "^"
        after = old_names[row.old.index + 1] if row.old.index + 1 < len(old_names) else "$"
        twin, absorbed = row.new, False
        if twin is None:
            twin = _covering(row.old, new)
            absorbed = twin is not None
        if twin is None:
            out.append(
                Aligned(old=row.old, new=None, before=before in {*new_names, "^"}, after=after in {*new_names, "$"})
            )
            continue
        new_before = new_names[twin.index - 1] if twin.index else "^"
        new_after = new_names[twin.index + 1] if twin.index + 1 < len(new_names) else "$"
        out.append(
            Aligned(
                old=row.old,
                new=twin,
                before=before == new_before,
                after=after == new_after or (absorbed and is_placeholder(after)),
                absorbed=absorbed,
                moved=row.moved,
            )
        )
    return out


def _covering(old: Placed, new: list[Placed]) -> Placed | None:
    """The reserved field of the new record whose bytes hold the old field's bytes."""
    if old.offset is None or old.size is None:
        return None
    for item in new:
        if item.offset is None or item.size is None or not is_placeholder(item.member.name):
            continue
        if item.offset <= old.offset and old.offset + old.size <= item.offset + item.size:
            return item
    return None
