"""What a report on a case needs from several stages: the journal, the looks at pages, and who is tied to whom."""

from witnessmark.case import Case
from witnessmark.model.deployment import TenderReading
from witnessmark.pipeline import watch_timeline
from witnessmark.report.casefile.dossier import Dossier, gather
from witnessmark.screen.graph import of_tender, to_svg


def dossier_of(case: Case) -> Dossier:
    """Read everything. Raises CaseError if the case cannot be read."""
    readings = [reading for _, reading in case.payloads(TenderReading)]
    graph = to_svg(of_tender(readings[-1])) if readings else ""
    return gather(case, timeline=watch_timeline.of_case(case.path, None), graph=graph)
