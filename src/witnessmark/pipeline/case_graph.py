"""Who is tied to whom in a case: edges that people entered, and candidates read from tender papers."""

from dataclasses import dataclass

from witnessmark.case import Case
from witnessmark.model.deployment import CaseGraph, GraphEdge, GraphNode, TenderReading
from witnessmark.model.evidence import Event, EventKind
from witnessmark.screen.graph import of_tender

WITHDRAWN = "tie withdrawn: "
"""How the purpose of a note begins that takes back an entered tie; the tie's own name follows."""


@dataclass(frozen=True, kw_only=True)
class Tie:
    """One edge with its two ends. `entered` by a person; else a candidate that a program read in a tender paper."""

    edge: GraphEdge
    source: GraphNode
    target: GraphNode
    event: Event
    number: int
    entered: bool

    @property
    def name(self) -> str:
        """What it is called in the journal."""
        return f"{self.event.id}/{self.number}"


def ties_of(case: Case) -> list[Tie]:
    """All ties that hold, in the order in which they came; what was withdrawn is left out. Raises CaseError."""
    gone = {
        event.purpose.removeprefix(WITHDRAWN)
        for event in case.events()
        if event.type is EventKind.NOTE and event.purpose.startswith(WITHDRAWN)
    }
    found = [(event, graph, True) for event, graph in case.payloads(CaseGraph)]
    found += [(event, of_tender(reading), False) for event, reading in case.payloads(TenderReading)]
    found.sort(key=lambda item: item[0].seq)
    ties = [tie for event, graph, entered in found for tie in _ties(event, graph, entered=entered)]
    return [tie for tie in ties if tie.name not in gone]


def _ties(event: Event, graph: CaseGraph, *, entered: bool) -> list[Tie]:
    nodes = {node.id: node for node in graph.nodes}
    return [
        Tie(
            edge=edge,
            source=nodes[edge.source],
            target=nodes[edge.target],
            event=event,
            number=number,
            entered=entered,
        )
        for number, edge in enumerate(graph.edges)
        if edge.source in nodes and edge.target in nodes
    ]


def graph_of_ties(ties: list[Tie]) -> CaseGraph:
    """The ties as one graph, each node and edge once; an entered candidate is one no more."""
    nodes = {node.id: node for tie in ties for node in (tie.source, tie.target)}
    entered = {_same(tie.edge) for tie in ties if not tie.edge.candidate}
    edges = {tie.edge: None for tie in ties if not (tie.edge.candidate and _same(tie.edge) in entered)}
    return CaseGraph(nodes=tuple(nodes[key] for key in sorted(nodes)), edges=tuple(edges))


def _same(edge: GraphEdge) -> tuple[str, str, str, str]:
    return edge.source, edge.target, edge.kind, edge.evidence
