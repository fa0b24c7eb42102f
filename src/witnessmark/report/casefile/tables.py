"""The case's findings as CSV, Markdown, SARIF and JSON."""

import msgspec

from witnessmark.model.fact import Sha256
from witnessmark.model.finding import Coverage, KnowledgeStamp, ScanReport
from witnessmark.report.casefile.dossier import Dossier
from witnessmark.report.output import render


def as_scan(dossier: Dossier) -> ScanReport:
    """All scans of the case as one answer."""
    have = dossier.coverage
    nothing = KnowledgeStamp(digest=Sha256(""), terms=0, signals=0, provisions=0, date="")
    return ScanReport(
        findings=(*dossier.findings, *dossier.adjacent),
        problems=dossier.problems,
        coverage=Coverage(
            members_seen=have.seen,
            members_opened=have.seen - have.unread,
            members_unread=have.unread,
            bytes_read=have.bytes_read,
            containers=have.containers,
        ),
        knowledge=dossier.knowledge or nothing,
        tool=dossier.tool,
    )


def render_table(dossier: Dossier, form: str) -> bytes:
    """`csv`, `markdown` or `sarif`."""
    return render(as_scan(dossier), form)


def render_json(dossier: Dossier) -> bytes:
    """Everything that the page says, as one object."""
    value = {
        "case": dossier.head,
        "as_of": dossier.at,
        "findings": dossier.findings,
        "adjacent": dossier.adjacent,
        "doubted": dossier.doubted,
        "states": [dossier.states[finding.id] for finding in (*dossier.findings, *dossier.adjacent)],
        "law": [{"provision": item.law, "findings": item.findings} for item in dossier.laws],
        "screenings": [{"event": event.id, "screening": row} for event, row in dossier.screenings],
        "judgements": [
            {"by": by, "judgement": judgement} for rows in dossier.judgements.values() for by, judgement in rows
        ],
        "timeline": dossier.timeline,
        "pages": dossier.pages,
        "graph": dossier.graph,
        "versions": [{"event": event.id, "comparison": report} for event, report in dossier.diffs],
        "coverage": dossier.coverage,
        "problems": dossier.problems,
        "gate": dossier.points,
        "masked": dossier.masked,
        "journal": {"entries": dossier.entries, "root": dossier.root},
        "knowledge": dossier.knowledge,
        "tool": dossier.tool,
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
