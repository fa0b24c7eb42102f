"""What a report on a case needs from several stages: the journal, the looks at pages, and who is tied to whom."""

from witnessmark.case import Case
from witnessmark.model.deployment import CaseGraph, TenderReading
from witnessmark.pipeline import watch_timeline
from witnessmark.report.casefile.dossier import Dossier, gather
from witnessmark.screen.graph import of_tender, to_svg


def dossier_of(case: Case) -> Dossier:
    """Read everything. Raises CaseError if the case cannot be read."""
    return gather(case, timeline=watch_timeline.of_case(case.path, None), graph=graph_of(case))


def graph_of(case: Case) -> str:
    """Who is tied to whom by the tender papers that the case has read, as SVG; empty when it has read none."""
    papers = [of_tender(reading) for _, reading in case.payloads(TenderReading)]
    if not papers:
        return ""
    nodes = {node.id: node for paper in papers for node in paper.nodes}
    edges = {edge: None for paper in papers for edge in paper.edges}
    return to_svg(CaseGraph(nodes=tuple(nodes.values()), edges=tuple(edges)))
