"""Findings ranked, adjacent mentions collapsed, then coverage: for a terminal."""

import textwrap

from witnessmark.model.fact import Kind
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.model.problem import Problem
from witnessmark.report import makers, wording
from witnessmark.report.escape import terminal

WIDTH = 100
MOST_PROBLEMS = 40
MOST_ADJACENT = 12
MOST_LAW = 3
MOST_MAKERS = 20


def _field(label: str, text: str) -> list[str]:
    if not text:
        return []
    body = textwrap.wrap(terminal(text), WIDTH - 15, break_on_hyphens=False) or [""]
    return [f"   {label:<11} {body[0]}", *(f"{'':15}{line}" for line in body[1:])]


def _excerpt(finding: Finding) -> list[str]:
    """Up to six lines, the first match among them, each cut around its own match."""
    rows: list[tuple[str, int | None]] = []
    at = 0
    for line in finding.excerpt.split("\n"):
        marks = [start - at for start, end in finding.marked if at <= start < at + len(line)]
        if line.strip():
            rows.append((line, marks[0] if marks else None))
        at += len(line) + 1
    first = next((number for number, (_, mark) in enumerate(rows) if mark is not None), 0)
    kept = rows[max(0, first - 3) : max(0, first - 3) + 6]
    shown = [_around(line, mark or 0) for line, mark in kept]
    return [f"   {'text' if number == 0 else '':<11} │ {line}" for number, line in enumerate(shown)]


def _around(line: str, mark: int) -> str:
    start = max(0, mark - WIDTH // 2) if len(line) > WIDTH else 0
    cut = line[start : start + WIDTH].replace("\t", "    ").rstrip("\r")
    return ("… " if start else "") + terminal(cut) + (" …" if start + WIDTH < len(line) else "")


def _finding(number: int, finding: Finding) -> list[str]:
    where = finding.locator
    out = [
        f"{number}. {terminal(finding.title)}  [{finding.grade}: {wording.GRADE_MEANS[finding.grade]}]",
        *_field("where", wording.way_in(where)),
        *_field("", wording.place(where)),
        *_excerpt(finding),
        *_field("in English", finding.gloss),
        *_field("means", wording.CAPABILITY_MEANS[finding.capability]),
        *_field("groups", ", ".join(finding.groups)),
        *_field("why", finding.rationale),
        *_field("innocent", finding.innocent),
        *_field("not shown", f"{finding.not_shown} {wording.not_reached(finding.grade)}".strip()),
        *_field("law", _law(finding)),
        *_field("rule", finding.rule),
        *_field("rule source", "; ".join(source.title for source in finding.sources[:3])),
        *_field("file sha256", where.sha256 or ""),
    ]
    if where.top_sha256 and where.top_sha256 != where.sha256:
        out += _field("top sha256", where.top_sha256)
    if finding.also_at:
        places = "; ".join(wording.place(item) for item in finding.also_at[:4])
        out += _field("also at", f"{wording.count(len(finding.also_at), 'more place')}: {places}")
    return [
        *out,
        *_field("id", f"{finding.id}  (witnessmark explain {finding.id} --report FILE.json, or --case CASE)"),
        "",
    ]


def _law(finding: Finding) -> str:
    if not finding.law:
        return ""
    rows = [f"{item.provision} ({item.jurisdiction})" for item in finding.law[:MOST_LAW]]
    more = len(finding.law) - len(rows)
    rest = f"; and {more} more in the HTML and JSON reports" if more > 0 else ""
    return f"may be relevant to: {'; '.join(rows)}{rest}"


def _adjacent(findings: list[Finding], *, all_of_them: bool) -> list[str]:
    if not findings:
        return []
    out = [
        f"{wording.count(len(findings), 'adjacent mention')}: the same words, but typed in, read from a document "
        "or inferred from names; not findings"
    ]
    shown = findings if all_of_them else findings[:MOST_ADJACENT]
    for item in shown:
        out += [f"   · {terminal(wording.way_in(item.locator))}  {wording.place(item.locator)}"]
        out += [f"     {terminal(item.title)}"]
    if len(shown) < len(findings):
        out.append(f"   … {len(findings) - len(shown)} more; --include-adjacent lists all")
    return [*out, ""]


def _problem(problem: Problem) -> list[str]:
    where = terminal(wording.way_in(problem.locator)) if problem.locator else ""
    out = [f"   · [{problem.code}] {where}".rstrip(), f"     {terminal(problem.message)}"]
    if problem.consequence:
        out.append(f"     {problem.consequence}")
    return [*out, f"     {problem.hint}"] if problem.hint else out


def _coverage(report: ScanReport) -> list[str]:
    cover = report.coverage
    seconds = "" if cover.seconds is None else f", {cover.seconds:.1f} s"
    out = [
        f"coverage: {wording.extent(cover)} ({wording.count(cover.containers, 'container')} opened, "
        f"{cover.members_unread:,} not read), {cover.bytes_read:,} bytes{seconds}",
    ]
    for problem in report.problems[:MOST_PROBLEMS]:
        out += _problem(problem)
    if len(report.problems) > MOST_PROBLEMS:
        out.append(f"   … {len(report.problems) - MOST_PROBLEMS} more in the JSON report")
    if cover.protection:
        out.append(f"protection of the parsing workers: {cover.protection}")
    stamp = report.knowledge
    out.append(
        f"knowledge {stamp.digest[:16]} of {stamp.date}: {stamp.terms:,} terms, {stamp.signals:,} rules, "
        f"{stamp.provisions:,} provisions · {report.tool.name} {report.tool.version}"
    )
    return out


def _makers(report: ScanReport) -> list[str]:
    """Makers named inside that resemble list entries; for the others only their number."""
    if report.makers is None or not report.makers.named:
        return []
    out = [f"{makers.HEADING.lower()}: {makers.extent(report.makers)}"]
    for row in report.makers.resembling[:MOST_MAKERS]:
        out += textwrap.wrap(
            f"· {terminal(wording.way_in(row.locator))} {terminal(makers.says(row))}",
            WIDTH, initial_indent="   ", subsequent_indent="     ", break_on_hyphens=False,
        )  # fmt: skip
        for candidate in row.candidates[:MOST_LAW]:
            text = terminal(makers.resembles(candidate, report.makers.as_of))
            out += textwrap.wrap(text, WIDTH, initial_indent="     ", subsequent_indent="     ", break_on_hyphens=False)
    if len(report.makers.resembling) > MOST_MAKERS:
        out.append(f"   … {len(report.makers.resembling) - MOST_MAKERS} more in the JSON report")
    if report.makers.resembling:
        out += textwrap.wrap(makers.CAUTION, WIDTH, initial_indent="   ", subsequent_indent="   ")
    return [*out, ""]


class Text:
    """Plain text for a terminal; nothing in it can move a cursor."""

    NAME = "text"
    MEDIA_TYPE = "text/plain; charset=utf-8"
    SUFFIX = ".txt"

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """The summary first, then each finding, adjacent mentions, coverage."""
        findings = [item for item in report.findings if item.kind is Kind.FINDING]
        adjacent = [item for item in report.findings if item.kind is Kind.ADJACENT]
        out = [wording.summary(report), ""]
        for number, finding in enumerate(findings, 1):
            out += _finding(number, finding)
        if not findings:
            out += [*textwrap.wrap(wording.nothing_found(report.coverage), WIDTH), ""]
        out += _adjacent(adjacent, all_of_them=include_adjacent)
        out += _makers(report)
        out += _coverage(report)
        return ("\n".join(line.rstrip() for line in out) + "\n").encode()


OUTPUT = Text()
