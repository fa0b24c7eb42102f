"""What a case still lacks before it should be shown to others.

The list follows the Berkeley Protocol on Digital Open Source Investigations (HR/PUB/20/2) as newsrooms and archives
apply it: source, place, strength, innocent reading, second pair of eyes, right of reply, privacy, harm, law, seal.
"""

import unicodedata

from witnessmark.case.folder import Case
from witnessmark.case.progress import Progress, progress, sealed_capture
from witnessmark.model.case import FindingState
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Record
from witnessmark.model.finding import Finding

HARM_CHECK = "harm check"
"""The purpose of a note that records the harm check."""

_COLLECTING = (EventKind.CAPTURED, EventKind.DOWNLOADED, EventKind.IMPORTED, EventKind.ADDED)
_AFTER_REPLY = (FindingState.ANSWERED, FindingState.NO_ANSWER, FindingState.PUBLISHED, FindingState.CORRECTED)


class GateItem(Record, frozen=True, kw_only=True):
    """One point of the list. `missing` empty: nothing is missing as far as a program can tell."""

    number: int
    title: str
    missing: tuple[str, ...]


def gate(case: Case) -> tuple[GateItem, ...]:
    """Go through the list. Raises CaseError if the case cannot be read."""
    states = progress(case)
    shown = {entry.finding for entry in states}
    findings = tuple(finding for finding in case.findings() if finding.id in shown)
    none = () if findings else ("the case has no finding",)
    points = (
        ("Source: where from, by whom, when", _sources(case)),
        ("Place: file, byte or line, and a translation", (*none, *_places(findings))),
        ("Strength: how far the evidence reaches, and not further", (*none, *_each(findings, "grade", "not_shown"))),
        ("Innocent reading, written out", (*none, *_each(findings, "innocent"))),
        ("A second person's review", (*none, *_reviews(states))),
        ("The vendor was asked, and the answer or silence recorded", (*none, *_replies(states))),
        ("Privacy: whether names of persons are in the excerpts", _noted(case, "privacy check")),
        ("Harm: does it teach a classifier, name victims, expose a source?", _noted(case, HARM_CHECK)),
        ("Law: provisions that may be relevant, dated", (*none, *_each(findings, "law"))),
        ("Seal, with independent timestamps", _seal(case)),
    )
    return tuple(
        GateItem(number=n, title=title, missing=tuple(missing)) for n, (title, missing) in enumerate(points, 1)
    )


def _sources(case: Case) -> list[str]:
    missing = []
    for event in case.events():
        if event.type not in _COLLECTING:
            continue
        what = f"entry {event.seq} ({event.type})"
        if event.actor.name == "not stated":
            missing.append(f"{what}: who collected it")
        if event.network is None and not event.reason and not event.transfers:
            missing.append(f"{what}: where it came from")
    if not any(event.type in _COLLECTING for event in case.events()):
        missing.append("nothing was collected")
    return missing


def _places(findings: tuple[Finding, ...]) -> list[str]:
    missing = []
    for finding in findings:
        locator = finding.locator
        if locator.offset is None and locator.line is None:
            missing.append(f"{finding.id}: byte or line")
        if locator.top_sha256 is None and locator.sha256 is None:
            missing.append(f"{finding.id}: digest of the file")
        if not finding.gloss and _foreign(finding.excerpt):
            missing.append(f"{finding.id}: translation, and who translated")
    return missing


def _foreign(text: str) -> bool:
    return any(ch.isalpha() and not unicodedata.name(ch, "").startswith("LATIN") for ch in text)


def _each(findings: tuple[Finding, ...], *fields: str) -> list[str]:
    return [f"{f.id}: {field.replace('_', ' ')}" for f in findings for field in fields if not getattr(f, field)]


def _reviews(states: tuple[Progress, ...]) -> list[str]:
    return [f"{entry.finding}: nobody else has reviewed it" for entry in states if not entry.opinions]


def _replies(states: tuple[Progress, ...]) -> list[str]:
    return [f"{entry.finding}: {_asked(entry.state)}" for entry in states if entry.state not in _AFTER_REPLY]


def _asked(state: FindingState) -> str:
    return "asked; neither an answer nor silence is recorded" if state is FindingState.CONTACTED else "nobody was asked"


def _noted(case: Case, purpose: str) -> list[str]:
    done = any(event.type is EventKind.NOTE and event.purpose == purpose for event in case.events())
    return [] if done else [f'no note with the purpose "{purpose}"']


def _seal(case: Case) -> list[str]:
    if sealed_capture(case) is None:
        return ["no finished seal over what was collected"]
    stamps = max((sum(str(item.name).endswith(".tsr") for item in event.outputs) for event in case.events()), default=0)
    return [] if stamps >= 2 else [f"timestamps from {stamps} authorities; two unrelated ones are better"]
