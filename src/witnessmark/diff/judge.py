"""What a change of one member amounts to, in cautious words."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from witnessmark.diff.align import Aligned, Placed
from witnessmark.diff.naming import canonical, is_number_label, is_placeholder, one_binding, words_of
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
    comments_kept: float = 0.0  # share of the surroundings' comments that NEW still has in some form
    comments_same: float = 0.0  # share of them that NEW has word for word
    values_same: float = 0.0  # share of the members whose value NEW has word for word
    prefixes: tuple[str, str] = ("", "")  # what the names of all members of each side begin with
    absorbed_plain: int = 0  # fields without a trait that the same reserved field absorbed


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


_BLANK = re.compile(r"_{1,}|\*{1,}|[xX]{2,}|\.{2,}|…|-{2,}")
_NUMBERED = re.compile(r"(?<![\w.])(-?(?:0x[0-9a-fA-F]+|\d+))(?![\w.]*\.\d)")
_SAYS_NOTHING = re.compile(
    r"\W*(?:保留|预留|备用|reserved?|res|unused|not used|"
    r"(?:保留|预留|备用)(?:字段|字节|位)|"
    r"(?:属性|类型|类别|字段|参数|type|attribute|attr|param|field|value)\s*\w?\d*)\W*",
    re.IGNORECASE,
)


def blanked(old: str, new: str) -> bool:
    """Whether `new` is `old` with words taken out and its numbers or marks kept (`1-亚洲人，2-黑人` to `1-_，2-_`)."""
    if not new.strip() or old == new or not _BLANK.search(new):
        return False
    shape = [re.escape(piece) for piece in _BLANK.split(new[:400])]
    return bool(re.fullmatch(r"[^\n]{1,40}?".join(shape), old[:400]))


def numbers_kept(old: str, new: str) -> bool:
    """Whether a list of numbered labels kept two or more numbers, all of them and in order."""
    before, after = _NUMBERED.findall(old[:400]), _NUMBERED.findall(new[:400])
    return len(before) >= 2 and before == after


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


FAMILY = frozenset({Trait.ETHNICITY, Trait.RACE, Trait.SKIN_COLOUR})
"""Traits whose words stand in for each other."""
_NEUTRAL = re.compile(
    r"\W*(?:un_?known|other|others|none|null|all|any|invalid|undefined|min|max|num|count|begin|end|total|default|no_?disti|"
    r"error|reserved?|\d+)\W*",
    re.IGNORECASE,
)


def named_still(before: Traits, after: Traits) -> bool:
    """Whether the new words still name one of the traits; ethnicity, race and skin colour stand in for each other."""
    return bool(before & after) or bool(before & FAMILY and after & FAMILY)


def _bare(member: Member, prefix: str) -> Member:
    name = member.name
    return msgspec.structs.replace(member, name=UntrustedText(name[len(prefix) :])) if prefix else member


def _lost(old: Member, new: Member | None, scene: Scene, recognise: Recognise) -> Traits:
    """Traits that the old member names and the new one does not, in a structure that was explained.

    What all names of an enum begin with (`EM_NATION_`) says nothing of one value: `EM_NATION_UYGUR` has lost its word
    when it is called `EM_NATION_TYPE2`.
    """
    if not scene.flagged:
        return frozenset()
    own = _bare(old, scene.prefixes[0])
    before, whole = recognise(words_of(own)), recognise(words_of(old))
    bare = None if new is None else _bare(new, scene.prefixes[1])
    if new is not None and (named := _name_freed(old, new, scene, recognise)):
        return (named | before - recognise(words_of(new))) & scene.flagged
    if before:
        lost = frozenset() if bare is not None and named_still(before, recognise(words_of(bare))) else before
    elif whole and not _NEUTRAL.fullmatch(own.name) and (bare is None or canonical(bare.name) != canonical(own.name)):
        kept = new is not None and named_still(whole, recognise(words_of(new)))
        numbered = bare is not None and (is_placeholder(bare.name) or is_number_label(bare.name, own.name))
        lost = whole if not kept or numbered else frozenset()
    elif bare is not None and _unlabelled(own.name, bare.name) and scene.old.shape in _LISTS:
        lost = _container(scene, recognise)
    else:
        return frozenset()
    return lost & scene.flagged


def _name_freed(old: Member, new: Member, scene: Scene, recognise: Recognise) -> Traits:
    """The traits that a name says which became a placeholder or a number, whatever its comment still says."""
    own, bare = _bare(old, scene.prefixes[0]).name, _bare(new, scene.prefixes[1]).name
    if not (is_placeholder(bare) or is_number_label(bare, own)) or _NEUTRAL.fullmatch(own):
        return frozenset()
    if named := recognise(own):
        return frozenset() if named_still(named, recognise(bare)) else named
    named = recognise(old.name)
    listed = scene.old.shape in _LISTS and _unlabelled(own, bare)
    return frozenset() if not listed and named_still(named, recognise(new.name)) else named


_LISTS = frozenset({Shape.ENUM, Shape.LABEL_LIST, Shape.KEY_PATH})


def _unlabelled(old: str, new: str) -> bool:
    """Whether a label that says something (`BLACK`) became a number or a placeholder."""
    says = bool(re.search(r"[^\W\d_]{2}", old)) and not _NEUTRAL.fullmatch(old) and not is_placeholder(old)
    numbered = new.strip("\"'").isdigit() or is_placeholder(new) or is_number_label(new, old)
    return says and numbered and not re.search(r"\d$", old)


def _container(scene: Scene, recognise: Recognise) -> Traits:
    """The traits that the name of a list itself says: its labels are groups of people, whatever the words."""
    return recognise("\n".join([scene.old.name, *scene.old.aliases, *scene.old.parents[-1:]]))


def _renamed(row: Aligned, scene: Scene, recognise: Recognise) -> Change:
    assert row.old is not None and row.new is not None
    old, new = row.old.member, row.new.member
    lost = _lost(old, new, scene, recognise)
    kind = ChangeKind.RENAMED_IN_PLACE if scene.old.shape in _PLACED else ChangeKind.RELABELLED
    unmapped = row.absorbed and scene.new is not None and _unmapped(row, scene)
    what = f"its bytes now belong to {new.name}" if row.absorbed else f"the same place is called {new.name}"
    parts = [f"At {_place(row, scene)} of {scene.old.name}, OLD has {old.name}; in NEW {what}.", _neighbours(row)]
    if lost:
        parts.append(f"The words for {_named(lost)} are gone from this place.")
        if is_placeholder(new.name):
            parts.append("The new name only says that the bytes are kept free.")
        elif is_number_label(new.name, old.name):
            parts.append("The value was kept and its label became a number.")
        if named_still(lost, recognise(new.comment or "")):
            parts.append("Its comment in NEW still says it.")
    if row.absorbed and scene.absorbed_plain:
        parts.append(f"{scene.absorbed_plain} other fields without a trait are in the same reserved bytes.")
    if lost and unmapped:
        parts.append("The two files are bindings for different languages; this one may not map these fields at all.")
    return _build(kind, row, scene, lost, scrub=bool(lost) and not unmapped, why=" ".join(parts))


_PLACED = frozenset({Shape.RECORD, Shape.FUNCTION, Shape.SCHEMA, Shape.KEY_PATH})


def _unmapped(row: Aligned, scene: Scene) -> bool:
    """Whether a binding for another language leaves out a whole block, so that the trait's field is not singled out."""
    assert scene.new is not None
    return not one_binding(scene.old.language, scene.new.language) and scene.absorbed_plain >= 2


def _comment(row: Aligned, scene: Scene, recognise: Recognise) -> Change | None:
    assert row.old is not None and row.new is not None
    before, after = row.old.member.comment or "", row.new.member.comment or ""
    if before == after:
        return None
    lost = recognise(before) - recognise(after) if before else frozenset()
    lost = lost & scene.flagged
    if not lost or _stands_beside(before, row, scene):
        return None
    name = row.old.member.name
    how = _emptied(before, after, row, scene, recognise)
    if how is None:
        why = f"The comment of {scene.old.name}.{name} differs in NEW and does not name {_named(lost)}."
        return _build(ChangeKind.OTHER, row, scene, lost, scrub=False, why=why, grade=Confidence.WEAK)
    why = f"{scene.old.name}.{name} kept its name; its comment {how}. The words for {_named(lost)} are gone from it."
    return _build(ChangeKind.COMMENT_EMPTIED, row, scene, lost, scrub=True, why=why)


def _stands_beside(before: str, row: Aligned, scene: Scene) -> bool:
    """Whether all of an old comment's words stand at this member or those next to it: only its layout changed."""
    assert row.new is not None
    members = () if scene.new is None else scene.new.members[max(0, row.new.index - 2) : row.new.index + 3]
    return set(before.split()) <= {word for member in members for word in (member.comment or "").split()}


_KEPT = 0.5


def _emptied(before: str, after: str, row: Aligned, scene: Scene, recognise: Recognise) -> str | None:
    """How a comment lost its words, or None where it was only rewritten, translated or stripped with all others."""
    assert row.old is not None and row.new is not None
    if blanked(before, after):
        return "kept its numbers and lost its words"
    if scene.new is None or not one_binding(scene.old.language, scene.new.language):
        return None
    if not after.strip():
        return "is gone, while other comments stayed" if scene.comments_kept >= _KEPT else None
    if scene.comments_same < _KEPT:
        return None
    if numbers_kept(before, after):
        return "kept its numbers and lost its words"
    if _SAYS_NOTHING.fullmatch(after):
        return "says nothing now, while other comments stayed as they were"
    own = words_of(_bare(row.new.member, scene.prefixes[1]))
    if not named_still(recognise(before), recognise(own)):
        return "was rewritten without them, while other comments stayed as they were"
    return None


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
    if "value" in changed and (lost := _value_lost(old.member, new.member, scene, recognise)):
        why += f" The words for {_named(lost)} are gone from the value, while most other values stayed as they were."
        return _build(ChangeKind.RELABELLED, row, scene, lost, scrub=True, why=why)
    return _build(ChangeKind.OTHER, row, scene, traits, scrub=False, why=why)


def _value_lost(old: Member, new: Member, scene: Scene, recognise: Recognise) -> Traits:
    """Traits that a key's value named and no longer names, in a file whose other values stayed as they were."""
    if not scene.flagged or scene.values_same < _KEPT or scene.old.shape in (Shape.RECORD, Shape.FUNCTION):
        return frozenset()
    before, after = old.value or "", new.value or ""
    if before[:1] in "{[":
        return frozenset()  # its own members are compared one by one
    lost = recognise(before)
    if not lost and _unlabelled(before, after):
        lost = _container(scene, recognise)
        return lost & scene.flagged
    return frozenset() if named_still(lost, recognise(after)) else lost & scene.flagged


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
    other = scene.new is not None and not one_binding(scene.old.language, scene.new.language)
    if lost and other:
        parts.append("The two files are bindings for different languages; this one may never have mapped it.")
    grade = Confidence.WEAK if scene.new is None else confidence(row)
    return _build(
        ChangeKind.REMOVED, row, scene, lost, scrub=bool(lost) and not other, why=" ".join(parts), grade=grade
    )


def _added(row: Aligned, scene: Scene, recognise: Recognise) -> Change | None:
    if row.new is None or scene.new is None:
        return None
    traits = recognise(words_of(row.new.member))
    why = f"{scene.new.name}.{row.new.member.name} is in NEW and not in OLD."
    return _build(ChangeKind.ADDED, row, scene, traits, scrub=False, why=why)


def note(text: str) -> UntrustedText:
    """Bounded, redacted text for a report."""
    return redact(text[:EXCERPT]).text
