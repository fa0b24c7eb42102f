"""Who bought what from whom: claims read from tender papers, and the graph of a case."""

from enum import StrEnum

from witnessmark.model.fact import Grade, Record, Sha256, UntrustedText


class ClaimRole(StrEnum):
    """What a passage of a tender paper seems to name."""

    BUYER = "buyer"
    SUPPLIER = "supplier"
    ITEM = "item"
    DATE = "date"
    AMOUNT = "amount"


class Claim(Record, frozen=True, kw_only=True):
    """A candidate with the sentence it came from, for a person to confirm. `line` counts from 1 in the read text."""

    role: ClaimRole
    value: UntrustedText
    label: UntrustedText
    sentence: UntrustedText
    line: int
    language: str


class TenderReading(Record, frozen=True, kw_only=True):
    """What one document seems to say about a purchase. Nothing in it is confirmed."""

    document: UntrustedText
    sha256: Sha256
    claims: tuple[Claim, ...]
    lines: int
    cut: bool = False


class NodeKind(StrEnum):
    """What stands at a node of the case graph."""

    VENDOR = "vendor"
    PRODUCT = "product"
    CAPABILITY = "capability"
    FINDING = "finding"
    BUYER = "buyer"
    TENDER = "tender"
    SOURCE = "source"
    LISTING = "listing"


class GraphNode(Record, frozen=True, kw_only=True):
    """One thing in the case."""

    id: str
    kind: NodeKind
    label: UntrustedText


class GraphEdge(Record, frozen=True, kw_only=True):
    """How two things are tied, with the evidence for it. `candidate`: read by a program, confirmed by nobody."""

    source: str
    target: str
    kind: str  # makes · has · shows · sold · bought · supplies · documented-by …
    evidence: Sha256
    date: str
    grade: Grade
    says: UntrustedText = UntrustedText("")
    candidate: bool = False


class CaseGraph(Record, frozen=True, kw_only=True):
    """Vendor, product, capability, finding, buyer, tender and source, and what ties them."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
