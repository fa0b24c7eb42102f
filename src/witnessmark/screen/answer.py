"""A hit as a candidate in words: what ties the name to the entry, which features counted, and what held on that day."""

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Candidate, Feature, Firm, Hop, ListEntry, Relation, RelationKind
from witnessmark.screen.dates import listed_on

TIES = frozenset(RelationKind)


def known_hop(text: str, role: str, firm: Firm) -> Hop:
    """The step from a known or former name to the firm."""
    word = "was formerly a name of" if role == "former" else "is a known name of"
    return Hop(kind=role, says=UntrustedText(f"{text} {word} {firm.name}"), source=firm.source)


def relation_hop(relation: Relation, firm: Firm) -> Hop:
    """The step from a tied name to the firm."""
    says = UntrustedText(f"{relation.name} {relation_words(relation)} {firm.name}")
    return Hop(kind=relation.kind, says=says, since=relation.since, until=relation.until, source=relation.source)


def is_linked(hops: tuple[Hop, ...]) -> bool:
    """True when the name asked about is tied to a listed firm, rather than that firm's own name."""
    return any(hop.kind in TIES for hop in hops)


def candidate(
    entry: ListEntry, score: float, matched: str, hops: tuple[Hop, ...], features: tuple[Feature, ...], as_of: str
) -> Candidate:
    """The candidate with its reasons: the ties first, then the weightiest features."""
    reasons = [f"via {hop.kind.replace('_', ' ')}: {hop.says}{dated(hop)}{lead(hop)}" for hop in hops]
    reasons += [f"{row.says} ({row.contribution:+.2f})" for row in features[:6]]
    if is_linked(hops):
        reasons.insert(0, "linked to a listed firm; the name asked about is not itself on the list")
    return Candidate(
        entry=entry.id,
        list=entry.list,
        name=entry.name,
        score=score,
        listed=listed_on(entry, as_of),
        listed_from=entry.listed_from,
        listed_until=entry.listed_until,
        citation="; ".join(row.cite for row in entry.citations),
        reasons=tuple(reasons),
        matched=UntrustedText(matched),
        country=entry.country,
        hops=hops,
        features=features,
        schema=entry.schema,
    )


def relation_words(relation: Relation) -> str:
    """A relation as words that stand between its two names."""
    if relation.kind == RelationKind.OWNED:
        share = f"{relation.share:g} % " if relation.share is not None else ""
        derived = " (50 % or more: derived, not listed)" if (relation.share or 0) >= 50 else ""
        return f"is {share}owned{derived} by"
    return {
        RelationKind.SUBSIDIARY: "is a subsidiary of",
        RelationKind.BRAND: "is a brand of",
        RelationKind.PRODUCT: "is a product of",
        RelationKind.OEM: "has sold equipment made by",
        RelationKind.FORMER_NAME: "is a former name of",
        RelationKind.FORMER_SUBSIDIARY: "was a subsidiary of",
    }[relation.kind]


def lead(hop: Hop) -> str:
    """A warning behind a step for which a source is named that nobody read for this release."""
    if not hop.source or any(source.date for source in hop.source):
        return ""
    return " (a lead, not established: its source is named but was not read for this release)"


def dated(hop: Hop) -> str:
    """The days of a hop in brackets; nothing when none is known."""
    if hop.since is None and hop.until is None:
        return ""
    return f" [{hop.since or '?'} to {hop.until or 'now'}]"
