"""Findings as a table for a spreadsheet."""

import csv
import io

from witnessmark.model.fact import Kind
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.report import escape, wording

COLUMNS = (
    "id",
    "kind",
    "grade",
    "capability",
    "protected",
    "groups",
    "title",
    "path",
    "line",
    "offset",
    "encoding",
    "excerpt",
    "gloss",
    "innocent",
    "not_shown",
    "rule",
    "sha256",
    "top_sha256",
)


def _row(finding: Finding) -> list[str]:
    where = finding.locator
    cells = (
        finding.id,
        finding.kind,
        finding.grade,
        finding.capability,
        "; ".join(finding.protected),
        "; ".join(finding.groups),
        finding.title,
        wording.way_in(where),
        "" if where.line is None else str(where.line),
        "" if where.offset is None else str(where.offset),
        where.encoding or "",
        finding.excerpt,
        finding.gloss,
        finding.innocent,
        finding.not_shown,
        finding.rule,
        where.sha256 or "",
        where.top_sha256 or "",
    )
    return [escape.csv_cell(cell) for cell in cells]


class Csv:
    """One row a finding; UTF-8 with a byte-order mark, which spreadsheets need for other scripts."""

    NAME = "csv"
    MEDIA_TYPE = "text/csv"
    SUFFIX = ".csv"

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """Cells that a spreadsheet would take for a formula are disarmed with a leading apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(_row(item) for item in report.findings if include_adjacent or item.kind is Kind.FINDING)
        return out.getvalue().encode("utf-8-sig")


OUTPUT = Csv()
