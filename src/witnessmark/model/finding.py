"""A claim that a stranger can check."""

from enum import StrEnum

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Capability, Grade, Kind, Record, Sha256, Source, Trait, UntrustedText
from witnessmark.model.maker import MakersInside
from witnessmark.model.problem import Problem
from witnessmark.model.structure import Structure


class ReasonKind(StrEnum):
    """What a node of the rationale says."""

    FEATURE = "feature"
    COUNTER = "counter"
    CAUTION = "caution"
    ALL = "all"
    ANY = "any"
    NOT = "not"


class Reason(Record, frozen=True, kw_only=True):
    """One node of the rationale tree: what was looked for, whether it held, and where."""

    kind: ReasonKind
    text: UntrustedText
    held: bool
    locator: Locator | None = None
    parts: tuple["Reason", ...] = ()


class LawPointer(Record, frozen=True, kw_only=True):
    """A provision that may be relevant to a finding. Never a statement that it is breached."""

    id: str
    provision: str
    jurisdiction: str
    applies_from: str
    says: str
    caveats: str
    source: Source


class Finding(Record, frozen=True, kw_only=True):
    """What a file contains, what it would mean, and what innocent thing it could be."""

    id: str
    kind: Kind
    capability: Capability
    protected: tuple[Trait, ...]
    groups: tuple[str, ...]
    grade: Grade
    rule: str
    title: str
    rationale: str
    innocent: str
    not_shown: str
    locator: Locator
    excerpt: UntrustedText
    marked: tuple[tuple[int, int], ...] = ()  # spans of `excerpt` (characters) that the matches cover
    gloss: str = ""
    context: tuple[UntrustedText, ...] = ()  # containing names: file role, parents
    reasons: tuple[Reason, ...] = ()
    also_at: tuple[Locator, ...] = ()  # other places that support the same claim
    law: tuple[LawPointer, ...] = ()
    sources: tuple[Source, ...] = ()
    structure: Structure | None = None  # None: a scan made before structures were kept


class Coverage(Record, frozen=True, kw_only=True):
    """How much was read. A result without it cannot be judged."""

    members_seen: int
    members_opened: int
    members_unread: int
    bytes_read: int
    containers: int
    seconds: float | None = None
    protection: str = ""


class KnowledgeStamp(Record, frozen=True, kw_only=True):
    """Which knowledge said so."""

    digest: Sha256
    terms: int
    signals: int
    provisions: int
    date: str


class ToolStamp(Record, frozen=True, kw_only=True):
    """Which program said so."""

    name: str
    version: str


class ScanReport(Record, frozen=True, kw_only=True):
    """The whole answer of one scan."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    coverage: Coverage
    knowledge: KnowledgeStamp
    tool: ToolStamp
    makers: MakersInside | None = None  # None: makers were not screened
