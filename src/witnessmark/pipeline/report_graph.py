"""Who and what is tied to whom in a case, from what its journal records; nothing is guessed from names."""

from collections.abc import Iterable, Iterator

from witnessmark.case import Case
from witnessmark.model.deployment import CaseGraph, GraphEdge, GraphNode, NodeKind
from witnessmark.model.evidence import Event, EventKind
from witnessmark.model.fact import Capability, Grade, Kind, Sha256, UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.model.screening import Candidate, Judgement, Sameness, Screening, Screenings
from witnessmark.pipeline.case_graph import graph_of_ties, ties_of
from witnessmark.redact import redact
from witnessmark.screen.graph import node_id

CANDIDATE = "may be"
SAME = "said to be"
MAKER = "said to make"
_COLLECTING = (EventKind.CAPTURED, EventKind.DOWNLOADED, EventKind.IMPORTED, EventKind.ADDED, EventKind.SCANNED)
MOST_CANDIDATES = 12


def report_graph(case: Case, findings: Iterable[Finding]) -> CaseGraph:
    """Source, file, what it contains, vendor, list entries that a person has not ruled out, and what people entered."""
    entered = graph_of_ties(ties_of(case))
    nodes, edges = list(entered.nodes), list(entered.edges)
    for ends, edge in (*_files(case, findings), *_listings(case)):
        nodes += ends
        edges.append(edge)
    return _joined(nodes, edges)


def _joined(nodes: Iterable[GraphNode], edges: Iterable[GraphEdge]) -> CaseGraph:
    """Each node and each tie once, sorted."""
    by_id = {node.id: node for node in nodes}
    return CaseGraph(
        nodes=tuple(by_id[key] for key in sorted(by_id)),
        edges=tuple(
            sorted(set(edges), key=lambda edge: (edge.source, edge.target, edge.kind, edge.evidence, edge.date))
        ),
    )


_Tie = tuple[tuple[GraphNode, GraphNode], GraphEdge]


def _node(kind: NodeKind, label: str) -> GraphNode:
    shown = redact(" ".join(label.split())[:300]).text
    return GraphNode(id=node_id(kind, shown), kind=kind, label=shown)


def _tie(ends: tuple[GraphNode, GraphNode], how: str, evidence: str, day: str, grade: Grade, says: str = "") -> _Tie:
    edge = GraphEdge(
        source=ends[0].id,
        target=ends[1].id,
        kind=how,
        evidence=Sha256(evidence),
        date=day,
        grade=grade,
        says=UntrustedText(says),
        candidate=how == CANDIDATE,
    )
    return ends, edge


def _files(case: Case, findings: Iterable[Finding]) -> Iterator[_Tie]:
    """Where each file with a finding came from, and which capabilities it speaks of, with the strongest grade."""
    came = _came(case.events())
    best: dict[tuple[str, str, Capability], tuple[int, Grade]] = {}
    for finding in findings:
        digest = finding.locator.top_sha256 or finding.locator.sha256
        if finding.kind is not Kind.FINDING or digest is None:
            continue
        key = (finding.locator.path[0].rpartition("/")[2], digest, finding.capability)
        count, grade = best.get(key, (0, finding.grade))
        best[key] = (count + 1, max(grade, finding.grade, key=lambda item: item.rank))
    for (name, file, capability), (count, grade) in sorted(best.items()):
        product = _node(NodeKind.PRODUCT, name)
        what = _node(NodeKind.CAPABILITY, capability.value.replace("-", " ").replace("_", " "))
        yield _tie((product, what), "contains", file, "", grade, f"findings: {count}")
        if case.head.vendor:
            vendor = _node(NodeKind.VENDOR, case.head.vendor)
            yield _tie((vendor, product), MAKER, file, "", Grade.NAMED)
        event = came.get(Sha256(file))
        if event is not None and event.network is not None:
            source = _node(NodeKind.SOURCE, event.network.final_url or event.network.requested_url)
            yield _tie((source, product), "offered", file, event.t_utc[:10], Grade.NAMED)


def _came(events: Iterable[Event]) -> dict[Sha256, Event]:
    found: dict[Sha256, Event] = {}
    for event in events:
        if event.type in _COLLECTING:
            for item in event.outputs:
                found.setdefault(item.digest, event)
    return found


def _listings(case: Case) -> Iterator[_Tie]:
    """Entries of lists, by the judgement of people: one that anybody holds for another is left out."""
    said: dict[tuple[str, str], set[Sameness]] = {}
    for _, judgement in case.payloads(Judgement):
        said.setdefault((judgement.screening, judgement.entry), set()).add(judgement.verdict)
    for event, answer in _answers(case):
        asked = _node(NodeKind.VENDOR, answer.query)
        for one in answer.candidates[:MOST_CANDIDATES]:
            verdicts = said.get((event.id, one.entry), set())
            if Sameness.DIFFERENT in verdicts:
                continue
            how = SAME if Sameness.SAME in verdicts else CANDIDATE
            entry = _node(NodeKind.LISTING, f"{one.name} ({one.list})")
            yield _tie((asked, entry), how, event.payload or "", one.listed_from or "", Grade.NAMED, _says(one))


def _answers(case: Case) -> Iterator[tuple[Event, Screening]]:
    yield from case.payloads(Screening)
    for event, several in case.payloads(Screenings):
        yield from ((event, answer) for answer in several.answers)


def _says(candidate: Candidate) -> str:
    until = f" until {candidate.listed_until}" if candidate.listed_until else ""
    return f"listed from {candidate.listed_from or 'a day not known'}{until}; {candidate.citation}".strip("; ")
