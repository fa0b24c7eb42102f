"""One self-contained page: no network, no script, readable in print."""

from witnessmark.model.fact import Kind
from witnessmark.model.finding import ScanReport
from witnessmark.report import makers, wording
from witnessmark.report.page import page
from witnessmark.report.provisions import provisions

MOST_ADJACENT = 200
MOST_PROBLEMS = 500


def _title(report: ScanReport) -> str:
    tops = sorted({item.locator.path[0] for item in report.findings if item.kind is Kind.FINDING})
    if len(tops) == 1:
        return f"What {tops[0].rsplit('/', 1)[-1]} contains"
    return f"What {wording.count(len(tops), 'file')} contain" if tops else "What the files contain"


class Html:
    """Findings with their path, text, reading and law; then adjacent mentions and coverage."""

    NAME = "html"
    MEDIA_TYPE = "text/html; charset=utf-8"
    SUFFIX = ".html"

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """A page whose Content-Security-Policy lets in its own style sheet and nothing else."""
        findings = [item for item in report.findings if item.kind is Kind.FINDING]
        laws = provisions(findings)
        return page(
            "scan.html",
            title=_title(report),
            summary=wording.summary(report),
            nothing=wording.nothing_found(report.coverage),
            findings=findings,
            laws=laws,
            law_numbers={item.law.id: number for number, item in enumerate(laws, 1)},
            adjacent=[item for item in report.findings if item.kind is Kind.ADJACENT],
            include_adjacent=include_adjacent,
            most_adjacent=MOST_ADJACENT,
            most_problems=MOST_PROBLEMS,
            problems=report.problems,
            makers=report.makers,
            maker_words=makers,
            coverage=report.coverage,
            knowledge=report.knowledge,
            tool=report.tool,
        )


OUTPUT = Html()
