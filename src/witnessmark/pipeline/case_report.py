"""What a report on a case needs from several stages: the journal, the looks at pages, and who is tied to whom."""

from witnessmark.case import Case
from witnessmark.pipeline import watch_timeline
from witnessmark.pipeline.case_graph import graph_of_ties, ties_of
from witnessmark.report.casefile.dossier import Dossier, gather
from witnessmark.screen.graph import to_svg


def dossier_of(case: Case) -> Dossier:
    """Read everything. Raises CaseError if the case cannot be read."""
    return gather(case, timeline=watch_timeline.of_case(case.path, None), graph=graph_of(case))


def graph_of(case: Case) -> str:
    """Who is tied to whom, by what people entered and by the tender papers that the case has read, as SVG.

    Empty when there is neither.
    """
    ties = ties_of(case)
    return to_svg(graph_of_ties(ties)) if ties else ""
