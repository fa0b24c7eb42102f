"""What a change of one member amounts to, in cautious words."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from witnessmark.diff.align import Aligned, Placed
from witnessmark.diff.naming import canonical, is_number_label, is_placeholder, words_of
from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, ChangeKind, Confidence, Side
from witnessmark.model.fact import Trait, UntrustedText
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.redact import redact

Traits = frozenset[Trait]
Recognise = Callable[[str], Traits]
"""The protected traits that a piece of text names."""

INNOCENT = (
    "A field that was never used may have been freed, the two files may belong to different product lines, releases or "
    "language bindings, or the text may have been rewritten for other reasons. Who edited, and why, is not shown."
)
EXCERPT = 240


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where a member stands: the aligned structures, and whether the old one was part of an explained finding."""

    old: Observation
    new: Observation | None
    flagged: Traits
    comments_kept: float  # share of the old members' comments that the new structure still has in some form


def side(placed: Placed | None, member: Member, structure: Observation) -> Side:
    """One side of a change, with its own place in the file."""
    where = structure.locator
    locator = Locator(
        path=where.path,
        via=where.via,
        offset=where.offset if member.offset is None else member.offset,
        length=member.length,
        line=where.line if member.line is None else member.line,
        encoding=where.encoding,
        sha256=where.sha256,
        top_sha256=where.top_sha256,
    )
    text = " ".join(part for part in (member.type, member.name, member.value and f"= {member.value}") if part)
    if member.comment:
        text = f"{text}  {member.comment}"
    return Side(
        name=member.name,
        offset=None if placed is None else placed.offset,
        value=member.value,
        text=redact(text[:EXCERPT]).text,
        locator=locator,
    )


def blanked(old: str, new: str) -> bool:
    """Whether `new` is `old` with words taken out and its numbers or marks kept (`1-亚洲人，2-黑人` to `1-_，2-_`)."""
    if not new.strip() or "_" not in new:
        return False
    shape = [re.escape(piece) for piece in re.split(r"_+", new)]
    return bool(re.fullmatch(r"[^\n]{1,40}?".join(shape), old)) and old != new


def confidence(row: Aligned) -> Confidence:
    """Strong only with the same known offset or value, the same type, and both neighbours unchanged."""
    old, new = row.old, row.new
    if old is None or new is None:
        return (
            Confidence.STRONG
            if row.before and row.after
            else Confidence.FAIR
            if row.before or row.after
            else Confidence.WEAK
        )
    anchored = (old.offset is not None and (old.offset == new.offset or row.absorbed)) or (
        old.member.value is not None and old.member.value == new.member.value
    )
    same_size = old.size is not None and old.size == new.size
    typed = canonical(old.member.type or "") == canonical(new.member.type or "") or same_size or row.absorbed
    if anchored and typed and row.before and row.after:
        return Confidence.STRONG
    return Confidence.FAIR if typed and (anchored or row.before or row.after) else Confidence.WEAK


def _named(traits: Traits) -> str:
    return " and ".join(sorted(trait.replace("_", " ") for trait in traits))


def _place(row: Aligned, scene: Scene) -> str:
    old = row.old
    if old is None:
        return ""
    if scene.old.shape is Shape.ENUM:
        return f"value {old.member.value}" if old.member.value else f"position {old.index + 1}"
    return f"offset {old.offset:#x}" if old.offset is not None else f"field {old.index + 1}"


def _neighbours(row: Aligned) -> str:
    if row.before and row.after:
        return "The names before and after it are unchanged."
    if row.before or row.after:
        return "The name on one side of it is unchanged."
    return "The names around it changed as well."


def judge(row: Aligned, scene: Scene, recognise: Recognise) -> Change | None:
    """The change at one aligned place, or None where nothing changed."""
    if row.old is None:
        return _added(row, scene, recognise)
    if row.new is None or scene.new is None:
        return _removed(row, scene, recognise)
    old, new = row.old.member, row.new.member
    if canonical(old.name) == canonical(new.name):
        return _comment(row, scene, recognise) or _moved_or_retyped(row, scene, recognise)
    return _renamed(row, scene, recognise)


def _build(
    kind: ChangeKind,
    row: Aligned,
    scene: Scene,
    lost: Traits,
    *,
    scrub: bool,
    why: str,
    grade: Confidence | None = None,
) -> Change:
    return Change(
        kind=kind,
        scrub=scrub,
        protected=tuple(sorted(lost)),
        record=scene.old.name,
        old=None if row.old is None else side(row.old, row.old.member, scene.old),
        new=None if row.new is None or scene.new is None else side(row.new, row.new.member, scene.new),
        grade=grade or confidence(row),
        rationale=why,
        innocent=INNOCENT,
    )


def _lost(old: Member, new: Member | None, scene: Scene, recognise: Recognise) -> Traits:
    """Traits that the old member names and the new one does not, in a structure that was explained."""
    before = recognise(words_of(old))
    if not before:
        return frozenset()
    after = recognise(words_of(new)) if new is not None else frozenset()
    return frozenset() if after & before else before & scene.flagged or (before if scene.flagged else frozenset())


def _renamed(row: Aligned, scene: Scene, recognise: Recognise) -> Change:
    assert row.old is not None and row.new is not None
    old, new = row.old.member, row.new.member
    lost = _lost(old, new, scene, recognise)
    kind = ChangeKind.RELABELLED if scene.old.shape is Shape.ENUM else ChangeKind.RENAMED_IN_PLACE
    what = f"its bytes now belong to {new.name}" if row.absorbed else f"the same place is called {new.name}"
    parts = [f"At {_place(row, scene)} of {scene.old.name}, OLD has {old.name}; in NEW {what}.", _neighbours(row)]
    if lost:
        parts.append(f"The words for {_named(lost)} are gone from this place.")
        if is_placeholder(new.name):
            parts.append("The new name only says that the bytes are kept free.")
        elif is_number_label(new.name, old.name):
            parts.append("The value was kept and its label became a number.")
    return _build(kind, row, scene, lost, scrub=bool(lost), why=" ".join(parts))


def _comment(row: Aligned, scene: Scene, recognise: Recognise) -> Change | None:
    assert row.old is not None and row.new is not None
    before, after = row.old.member.comment or "", row.new.member.comment or ""
    if before == after:
        return None
    lost = recognise(before) - recognise(after) if before else frozenset()
    lost = lost & scene.flagged or (lost if scene.flagged else frozenset())
    if not lost:
        return None
    one_binding = scene.new is not None and scene.old.language == scene.new.language
    emptied = blanked(before, after) or (one_binding and not after.strip() and scene.comments_kept >= 0.5)
    name = row.old.member.name
    if not emptied:
        why = f"The comment of {scene.old.name}.{name} differs in NEW and does not name {_named(lost)}."
        return _build(ChangeKind.OTHER, row, scene, lost, scrub=False, why=why, grade=Confidence.WEAK)
    how = (
        "kept its numbers and lost its words" if after.strip() else "is gone, while other comments of the record stayed"
    )
    why = f"{scene.old.name}.{name} kept its name; its comment {how}. The words for {_named(lost)} are gone from it."
    return _build(ChangeKind.COMMENT_EMPTIED, row, scene, lost, scrub=True, why=why)


def _moved_or_retyped(row: Aligned, scene: Scene, recognise: Recognise) -> Change | None:
    assert row.old is not None and row.new is not None
    old, new = row.old, row.new
    traits = recognise(words_of(old.member))
    if row.moved:
        why = f"{scene.old.name}.{old.member.name} stands in another position in NEW."
        return _build(ChangeKind.MOVED, row, scene, traits, scrub=False, why=why)
    changed = [
        label
        for label, one, other in (
            ("value", old.member.value, new.member.value),
            ("type", canonical(old.member.type or ""), canonical(new.member.type or "")),
        )
        if one != other and one and other
    ]
    if not changed:
        return None
    why = f"{scene.old.name}.{old.member.name} kept its name; its {' and '.join(changed)} changed."
    return _build(ChangeKind.OTHER, row, scene, traits, scrub=False, why=why)


def _removed(row: Aligned, scene: Scene, recognise: Recognise) -> Change:
    assert row.old is not None
    old = row.old.member
    lost = _lost(old, None, scene, recognise)
    where = "the record itself is not in NEW" if scene.new is None else f"{scene.old.name} is still there"
    parts = [f"{scene.old.name}.{old.name} is in OLD and not in NEW; {where}."]
    if scene.new is not None:
        parts.append(_neighbours(row))
    if lost:
        parts.append(f"With it the words for {_named(lost)} are gone from this place.")
    grade = Confidence.WEAK if scene.new is None else confidence(row)
    return _build(ChangeKind.REMOVED, row, scene, lost, scrub=bool(lost), why=" ".join(parts), grade=grade)


def _added(row: Aligned, scene: Scene, recognise: Recognise) -> Change | None:
    if row.new is None or scene.new is None:
        return None
    traits = recognise(words_of(row.new.member))
    why = f"{scene.new.name}.{row.new.member.name} is in NEW and not in OLD."
    return _build(ChangeKind.ADDED, row, scene, traits, scrub=False, why=why)


def note(text: str) -> UntrustedText:
    """Bounded, redacted text for a report."""
    return redact(text[:EXCERPT]).text
