"""Everything that a report on a case says, read once from the journal, with personal data masked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from witnessmark.case import Case
from witnessmark.case.gate import GateItem, gate
from witnessmark.case.progress import Progress, progress
from witnessmark.model.case import CaseHead
from witnessmark.model.change import DiffReport
from witnessmark.model.deployment import CaseGraph
from witnessmark.model.evidence import Event, EventKind, Item
from witnessmark.model.fact import Kind, Sha256
from witnessmark.model.finding import Finding, KnowledgeStamp, ScanReport, ToolStamp
from witnessmark.model.problem import Problem
from witnessmark.model.screening import Judgement, Screening, Screenings
from witnessmark.model.sighting import Timeline
from witnessmark.report.casefile.masked import (
    Masked,
    masked_change,
    masked_event,
    masked_finding,
    masked_problem,
    masked_text,
    masked_timeline,
)
from witnessmark.report.casefile.pages import PageChange, masked_pages
from witnessmark.report.provisions import Provision, provisions

COLLECTING = (EventKind.CAPTURED, EventKind.DOWNLOADED, EventKind.IMPORTED, EventKind.ADDED)
REPLIES = (EventKind.CONTACTED, EventKind.ANSWERED, EventKind.NO_ANSWER, EventKind.PUBLISHED, EventKind.CORRECTED)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """How a file came into the case."""

    item: Item
    event: Event

    @property
    def url(self) -> str:
        """The address it was fetched from, or nothing."""
        network = self.event.network
        return "" if network is None else network.final_url or network.requested_url


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """All scans together."""

    scans: int
    seen: int
    unread: int
    bytes_read: int
    containers: int


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """What the report says. `at` is the time of the journal's last entry, so that the same case gives the same report.

    `findings` leaves out those that every reviewer doubts (`doubted` counts them); `adjacent` are innocent mentions.
    """

    head: CaseHead
    at: str
    findings: tuple[Finding, ...]
    adjacent: tuple[Finding, ...]
    doubted: int
    states: dict[str, Progress]
    origins: dict[Sha256, Origin]
    laws: tuple[Provision, ...]
    diffs: tuple[tuple[Event, DiffReport], ...]
    screenings: tuple[tuple[Event, Screening], ...]
    judgements: dict[tuple[str, str], list[tuple[str, Judgement]]]
    timeline: Timeline | None
    replies: tuple[Event, ...]
    coverage: Coverage
    gaps: tuple[tuple[str, str, int], ...]
    problems: tuple[Problem, ...]
    points: tuple[GateItem, ...]
    masked: tuple[Masked, ...]
    entries: int
    root: str
    collected: tuple[Origin, ...]
    knowledge: KnowledgeStamp | None
    tool: ToolStamp
    pages: tuple[PageChange, ...] = ()
    graph: CaseGraph | None = None

    def origin(self, finding: Finding) -> Origin | None:
        """Where the outermost file of a finding came from."""
        digest = finding.locator.top_sha256 or finding.locator.sha256
        return self.origins.get(digest) if digest else None


def gather(
    case: Case, *, timeline: Timeline | None = None, graph: CaseGraph | None = None, pages: Sequence[PageChange] = ()
) -> Dossier:
    """Read the case. Raises CaseError if it cannot be read."""
    log: list[Masked] = []
    events = case.events()
    collecting = tuple(masked_event(event, log) for event in events if event.type in COLLECTING)
    states = {entry.finding: _masked_progress(entry, log) for entry in progress(case, include_adjacent=True)}
    reports = list(case.payloads(ScanReport))
    everything = sorted(case.findings(), key=lambda item: (-item.grade.rank, item.locator.order, item.id))
    shown = [item for item in everything if not states[item.id].doubted]
    findings = tuple(masked_finding(item, log) for item in shown if item.kind is Kind.FINDING)
    problems = tuple(masked_problem(problem, log) for _, report in reports for problem in report.problems)
    return Dossier(
        head=case.head,
        at=events[-1].t_utc,
        findings=findings,
        adjacent=tuple(masked_finding(item, log) for item in shown if item.kind is Kind.ADJACENT),
        doubted=len(everything) - len(shown),
        states=states,
        origins=_origins(collecting),
        laws=provisions(findings),
        diffs=tuple((event, _masked_diff(report, log)) for event, report in case.payloads(DiffReport)),
        screenings=tuple(_screenings(case)),
        judgements=_judgements(case, log),
        timeline=masked_timeline(timeline, log) if timeline is not None else None,
        replies=tuple(masked_event(event, log) for event in events if event.type in REPLIES),
        coverage=_coverage(reports),
        gaps=_gaps(problems),
        problems=problems,
        points=gate(case),
        pages=masked_pages(pages, log),
        masked=tuple(log),
        entries=len(events),
        root=case.journal.head.tree.root().hex(),
        collected=tuple(Origin(item=item, event=event) for event in collecting for item in event.outputs),
        knowledge=reports[-1][1].knowledge if reports else None,
        tool=events[-1].tool,
        graph=graph,
    )


def _masked_progress(entry: Progress, log: list[Masked]) -> Progress:
    opinions = tuple(
        msgspec.structs.replace(item, reason=str(masked_text(log, entry.finding, "review", item.reason)))
        for item in entry.opinions
    )
    return msgspec.structs.replace(entry, opinions=opinions) if opinions else entry


def _judgements(case: Case, log: list[Masked]) -> dict[tuple[str, str], list[tuple[str, Judgement]]]:
    found: dict[tuple[str, str], list[tuple[str, Judgement]]] = {}
    for event, judgement in case.payloads(Judgement):
        reason = str(masked_text(log, f"judgement of {judgement.entry}", "reason", judgement.reason))
        said = msgspec.structs.replace(judgement, reason=reason)
        found.setdefault((judgement.screening, judgement.entry), []).append((event.actor.name, said))
    return found


def _origins(events: Sequence[Event]) -> dict[Sha256, Origin]:
    found: dict[Sha256, Origin] = {}
    for event in events:
        for item in event.outputs:
            found.setdefault(item.digest, Origin(item=item, event=event))
    return found


def _screenings(case: Case) -> list[tuple[Event, Screening]]:
    found = list(case.payloads(Screening))
    found += [(event, answer) for event, row in case.payloads(Screenings) for answer in row.answers]
    return sorted(found, key=lambda pair: pair[0].seq)


def _masked_diff(report: DiffReport, log: list[Masked]) -> DiffReport:
    return msgspec.structs.replace(report, changes=tuple(masked_change(change, log) for change in report.changes))


def _coverage(reports: Sequence[tuple[Event, ScanReport]]) -> Coverage:
    figures = [report.coverage for _, report in reports]
    return Coverage(
        scans=len(figures),
        seen=sum(item.members_seen for item in figures),
        unread=sum(item.members_unread for item in figures),
        bytes_read=sum(item.bytes_read for item in figures),
        containers=sum(item.containers for item in figures),
    )


def _gaps(problems: Sequence[Problem]) -> tuple[tuple[str, str, int], ...]:
    """Kind, what follows, how many; most frequent first."""
    counts = Counter((str(problem.code), problem.consequence) for problem in problems)
    return tuple((code, says, number) for (code, says), number in sorted(counts.items(), key=lambda i: (-i[1], i[0])))
