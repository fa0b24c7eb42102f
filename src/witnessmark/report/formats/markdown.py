"""Findings as Markdown, for an issue tracker or a wiki."""

from witnessmark.model.fact import Kind
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.report import wording
from witnessmark.report.escape import lines, markdown


def _fence(text: str) -> list[str]:
    longest = max((len(run) for run in text.replace("\n", " ").split() if set(run) == {"`"}), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + "text", *(line[:400].replace("```", "` ` `") for line in lines(text)[:8]), fence]


def _finding(number: int, finding: Finding) -> list[str]:
    where = finding.locator
    law = "; ".join(f"{item.provision} ({item.jurisdiction}, from {item.applies_from})" for item in finding.law)
    rows = [
        ("Grade", f"{finding.grade}: {wording.GRADE_MEANS[finding.grade]}"),
        ("Where", f"{wording.way_in(where)} ({wording.place(where)})"),
        ("Gloss", finding.gloss),
        ("Means", wording.CAPABILITY_MEANS[finding.capability]),
        ("Groups", ", ".join(finding.groups)),
        ("Why", finding.rationale),
        ("Innocent reading", finding.innocent),
        ("Not shown", f"{finding.not_shown} {wording.not_reached(finding.grade)}".strip()),
        ("Law that may be relevant", law),
        ("Rule", finding.rule),
        ("SHA-256 of the file", where.sha256 or ""),
        ("SHA-256 of the top file", where.top_sha256 or ""),
        ("Finding", finding.id),
    ]
    out = [f"## {number}. {markdown(finding.title)}", "", *_fence(finding.excerpt), ""]
    return out + [f"* **{label}**: {markdown(text)}" for label, text in rows if text] + [""]


class Markdown:
    """CommonMark; text from the specimen stands only in fenced blocks or escaped."""

    NAME = "markdown"
    MEDIA_TYPE = "text/markdown; charset=utf-8"
    SUFFIX = ".md"

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """Summary, findings, coverage."""
        shown = [item for item in report.findings if include_adjacent or item.kind is Kind.FINDING]
        out = ["# What the files contain", "", markdown(wording.summary(report)), ""]
        if not any(item.kind is Kind.FINDING for item in shown):
            out += [markdown(wording.nothing_found(report.coverage)), ""]
        for number, finding in enumerate(shown, 1):
            out += _finding(number, finding)
        out += ["## Coverage", "", f"{markdown(wording.extent(report.coverage))}.", ""]
        for problem in report.problems:
            where = wording.way_in(problem.locator) if problem.locator else ""
            out.append(f"* **{problem.code}** {markdown(where)}: {markdown(problem.message)}")
        return ("\n".join(out).rstrip() + "\n").encode()


OUTPUT = Markdown()
