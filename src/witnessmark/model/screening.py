"""A name against a list: entries with their dates, comparisons with their reasons, and who is tied to whom."""

from enum import StrEnum

import msgspec

from witnessmark.model.fact import Record, Source, UntrustedText


class Citation(Record, frozen=True, kw_only=True):
    """Where a listing was published: `84 FR 54004`, with the date of effect (ISO) when known."""

    cite: str
    date: str | None = None


class ListEntry(Record, frozen=True, kw_only=True):
    """One row of one list. Dates are ISO days; `listed_until` is the first day on which it no longer stands there."""

    id: str
    list: str
    name: UntrustedText
    aliases: tuple[UntrustedText, ...] = ()
    country: str | None = None
    address: UntrustedText | None = None
    citations: tuple[Citation, ...] = ()
    listed_from: str | None = None
    listed_until: str | None = None
    schema: str = "LegalEntity"
    notes: UntrustedText | None = None
    source: str = ""
    programme: str = ""
    url: str = ""


class EventKind(StrEnum):
    """How an entry changed between two versions of a list."""

    ADD = "add"
    MODIFY = "modify"
    REMOVE = "remove"


class ListEvent(Record, frozen=True, kw_only=True):
    """One change of one entry: when it took effect, when it was published, and when this copy learned of it."""

    kind: EventKind
    entry: str
    list: str
    name: UntrustedText
    effective: str | None
    published: str | None
    learned: str
    citation: str = ""
    changed: tuple[str, ...] = ()  # names of the fields that differ, for MODIFY


class ListHeader(Record, frozen=True, kw_only=True):
    """What a list is: who publishes it, under which licence, in which format, and how many entries to expect."""

    id: str
    title: str
    publisher: str
    authority: str
    url: str
    format: str
    licence: str
    effect: str
    expect_min: int
    expect_max: int
    download: str = ""
    listed_from: str | None = None  # for lists that give no date a row: the day on which the whole took effect
    country: str | None = None


class ListVersion(Record, frozen=True, kw_only=True):
    """One stored copy of a list."""

    list: str
    sha256: str
    entries: int
    as_of: str  # the day the copy speaks for
    learned: str  # when it was stored (ISO time, UTC)
    source: str
    format: str
    etag: str = ""
    last_modified: str = ""


class RelationKind(StrEnum):
    """How a name is tied to a firm."""

    SUBSIDIARY = "subsidiary"
    BRAND = "brand"
    PRODUCT = "product"
    OEM = "oem"  # sells under its own name what the firm makes
    FORMER_NAME = "former_name"
    OWNED = "owned"  # with a share; 50 % or more is derived, never listed
    FORMER_SUBSIDIARY = "former_subsidiary"


class KnownName(Record, frozen=True, kw_only=True):
    """A further name of a firm, with its own source when it differs from the firm's."""

    text: str
    kind: str = "name"  # name · legal · brand · former · transliteration
    language: str = ""
    url: str = ""


class Firm(Record, frozen=True, kw_only=True):
    """One firm under all its public names. `anchors` are the names by which it is found on lists."""

    id: str
    name: str
    anchors: tuple[str, ...]
    names: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    country: str = ""
    source: tuple[Source, ...] = ()


class Relation(Record, frozen=True, kw_only=True):
    """`name` (with other spellings) is tied to the firm `to`, from and until the given days when known."""

    name: str
    to: str
    kind: RelationKind
    spellings: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    share: float | None = None  # percent, for OWNED
    source: tuple[Source, ...] = ()


class LookAlike(Record, frozen=True, kw_only=True):
    """A different body with a similar name, so that it is not taken for the firm `not_firm`."""

    name: str
    not_firm: str
    says: str
    spellings: tuple[str, ...] = ()
    source: tuple[Source, ...] = ()


class MakerCode(Record, frozen=True, kw_only=True):
    """Numbers by which devices name a firm: `oui` (half a MAC address) or `fcc` (an FCC grantee code)."""

    kind: str
    firm: str
    values: tuple[str, ...]
    source: tuple[Source, ...] = ()


class Feature(Record, frozen=True, kw_only=True):
    """One measured property of a comparison, and what it added to the score (in log-odds)."""

    name: str
    value: float
    contribution: float
    says: str = ""


class Hop(Record, frozen=True, kw_only=True):
    """One step from the name that was met to the listed one."""

    kind: str
    says: UntrustedText
    since: str | None = None
    until: str | None = None
    source: tuple[Source, ...] = ()


class Candidate(Record, frozen=True, kw_only=True):
    """A list entry that may be meant, never a verdict. `listed` is for the day asked about; None is unknown."""

    entry: str
    list: str
    name: UntrustedText
    score: float
    listed: bool | None
    listed_from: str | None
    listed_until: str | None
    citation: str
    reasons: tuple[str, ...]
    matched: UntrustedText = UntrustedText("")
    country: str | None = None
    hops: tuple[Hop, ...] = ()
    features: tuple[Feature, ...] = ()
    schema: str = "LegalEntity"


class Screening(Record, frozen=True, kw_only=True):
    """The answer for one name on one day."""

    id: str
    query: UntrustedText
    as_of: str
    candidates: tuple[Candidate, ...]
    remarks: tuple[str, ...] = ()


class Screenings(Record, frozen=True, kw_only=True):
    """The answers of one run, with the lists that were searched, for the case."""

    lists: tuple[str, ...]
    answers: tuple[Screening, ...]


class Sameness(StrEnum):
    """What a person says of a candidate."""

    SAME = "same"
    DIFFERENT = "different"
    OPEN = "open"


class Judgement(Record, frozen=True, kw_only=True):
    """One person's reading of one candidate of a recorded screening (named by its event's id). Never overwritten."""

    screening: str
    entry: str
    verdict: Sameness
    reason: str


class ScoreModel(Record, frozen=True, kw_only=True):
    """Logistic weights, and what they were fitted on."""

    corpus: str
    fitted: str
    intercept: float
    threshold: float
    weights: dict[str, float] = msgspec.field(default_factory=dict)
