"""What a report on a case needs from several stages: the journal, the looks at pages, and who is tied to whom."""

from witnessmark.case import Case
from witnessmark.pipeline import watch_timeline
from witnessmark.pipeline.page_changes import page_changes
from witnessmark.pipeline.report_graph import report_graph, tender_graph
from witnessmark.report.casefile.dossier import Dossier, gather
from witnessmark.report.figures.graph import graph_figure


def dossier_of(case: Case) -> Dossier:
    """Read everything. Raises CaseError if the case cannot be read."""
    return gather(
        case,
        timeline=watch_timeline.of_case(case.path, None),
        graph=report_graph(case, case.findings()),
        pages=page_changes(case),
    )


def graph_of(case: Case) -> str:
    """Who is tied to whom by the tender papers that the case has read, as SVG; empty when it has read none."""
    graph = tender_graph(case)
    return graph_figure("graph", graph, str) if graph.edges else ""
