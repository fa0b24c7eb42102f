"""What a report on a case needs from several stages: the journal, the looks at pages, and who is tied to whom."""

from witnessmark.case import Case
from witnessmark.pipeline import watch_timeline
from witnessmark.pipeline.page_changes import page_changes
from witnessmark.pipeline.report_graph import report_graph
from witnessmark.report.casefile.dossier import Dossier, gather


def dossier_of(case: Case) -> Dossier:
    """Read everything. Raises CaseError if the case cannot be read."""
    return gather(
        case,
        timeline=watch_timeline.of_case(case.path, None),
        graph=report_graph(case, case.findings()),
        pages=page_changes(case),
    )
