"""What is different between two versions, and how sure that is."""

from enum import StrEnum

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record, Trait, UntrustedText
from witnessmark.model.finding import ToolStamp
from witnessmark.model.problem import Problem


class ChangeKind(StrEnum):
    """What happened to one named thing."""

    RENAMED_IN_PLACE = "renamed-in-place"  # same place in its record, same type, other name
    REMOVED = "removed"
    COMMENT_EMPTIED = "comment-emptied"  # the name stayed, its comment lost words
    RELABELLED = "relabelled"  # an enumerator or label kept its value and lost its name
    ADDED = "added"
    MOVED = "moved"
    OTHER = "other"


class Confidence(StrEnum):
    """How sure the alignment of old and new is."""

    STRONG = "strong"  # same place, same type, both neighbours unchanged
    FAIR = "fair"  # same record, one neighbour unchanged or the type differs
    WEAK = "weak"  # the surroundings changed too, or much else went as well


class Side(Record, frozen=True, kw_only=True):
    """One side of a change. `offset` is the place in its record in bytes, under the ABI that the report states."""

    name: UntrustedText
    offset: int | None = None
    value: UntrustedText | None = None
    text: UntrustedText = UntrustedText("")
    locator: Locator


class Change(Record, frozen=True, kw_only=True):
    """One difference. `scrub` is true only where a protected trait lost its words; who edited is never shown."""

    kind: ChangeKind
    scrub: bool
    protected: tuple[Trait, ...]
    record: UntrustedText
    old: Side | None
    new: Side | None
    grade: Confidence
    rationale: str
    innocent: str


class Pairing(StrEnum):
    """How a member of one version was found in the other."""

    SAME = "same"  # same path, same bytes
    MOVED = "moved"  # other path, same bytes
    CHANGED = "changed"  # same path, other bytes
    RENAMED = "renamed"  # other path, similar bytes
    GONE = "gone"
    NEW = "new"


class Pair(Record, frozen=True, kw_only=True):
    """One member in both versions, or in one only. `likeness` runs from 0 to 1 and is 1 for equal bytes."""

    pairing: Pairing
    old: Locator | None
    new: Locator | None
    likeness: float
    compared: bool = True


class FindingBrief(Record, frozen=True, kw_only=True):
    """A finding that only one version has."""

    id: str
    kind: str
    grade: str
    title: str
    locator: Locator


class DiffReport(Record, frozen=True, kw_only=True):
    """What changed from OLD to NEW."""

    changes: tuple[Change, ...]
    pairs: tuple[Pair, ...]
    lost: tuple[FindingBrief, ...]
    gained: tuple[FindingBrief, ...]
    problems: tuple[Problem, ...]
    abi: str
    tool: ToolStamp
