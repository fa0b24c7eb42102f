"""What a case still lacks before it should be shown to others.

The list follows the Berkeley Protocol on Digital Open Source Investigations (HR/PUB/20/2) as newsrooms and archives
apply it: source, place, strength, innocent reading, second pair of eyes, right of reply, privacy, harm, law, seal.
"""

import unicodedata
from collections.abc import Sequence

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


TITLES = (
    "Source: where from, by whom, when",
    "Place: file, byte or line, and a translation",
    "Strength: how far the evidence reaches, and not further",
    "Innocent reading, written out",
    "A second person's review",
    "The vendor was asked, and the answer or silence recorded",
    "Privacy: whether names of persons are in the excerpts",
    "Harm: does it teach a classifier, name victims, expose a source?",
    "Law: provisions that may be relevant, dated",
    "Seal, with independent timestamps",
)
"""The points, in order."""


class GateItem(Record, frozen=True, kw_only=True):
    """One point of the list. `missing` empty: nothing is missing as far as a program can tell."""

    number: int
    title: str
    missing: tuple[str, ...]


class Lacking(Record, frozen=True, kw_only=True):
    """What one finding lacks by itself, whatever people do afterwards."""

    place: tuple[str, ...] = ()
    strength: tuple[str, ...] = ()
    innocent: tuple[str, ...] = ()
    law: tuple[str, ...] = ()


def lacking(finding: Finding) -> Lacking:
    """Go through the points that a finding meets, or does not, by itself."""
    return Lacking(
        place=_place(finding),
        strength=_each(finding, "grade", "not_shown"),
        innocent=_each(finding, "innocent"),
        law=_each(finding, "law"),
    )


def gate(case: Case) -> tuple[GateItem, ...]:
    """Go through the list. Raises CaseError if the case cannot be read."""
    states = progress(case)
    shown = {entry.finding for entry in states}
    return gate_of(case, states, [lacking(finding) for finding in case.findings() if finding.id in shown])


def gate_of(case: Case, states: Sequence[Progress], lacks: Sequence[Lacking]) -> tuple[GateItem, ...]:
    """The same for a caller who knows how far the findings are and what they lack by themselves."""
    none = () if states else ("the case has no finding",)
    points = (
        _sources(case),
        (*none, *(text for each in lacks for text in each.place)),
        (*none, *(text for each in lacks for text in each.strength)),
        (*none, *(text for each in lacks for text in each.innocent)),
        (*none, *_reviews(states)),
        (*none, *_replies(states)),
        _noted(case, "privacy check"),
        _noted(case, HARM_CHECK),
        (*none, *(text for each in lacks for text in each.law)),
        _seal(case),
    )
    listed = enumerate(zip(TITLES, points, strict=True), 1)
    return tuple(GateItem(number=n, title=title, missing=tuple(missing)) for n, (title, missing) in listed)


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


def _place(finding: Finding) -> tuple[str, ...]:
    missing = []
    locator = finding.locator
    if locator.offset is None and locator.line is None:
        missing.append(f"{finding.id}: byte or line")
    if locator.top_sha256 is None and locator.sha256 is None:
        missing.append(f"{finding.id}: digest of the file")
    if not finding.gloss and _foreign(finding.excerpt):
        missing.append(f"{finding.id}: translation, and who translated")
    return tuple(missing)


def _foreign(text: str) -> bool:
    return any(ch.isalpha() and not unicodedata.name(ch, "").startswith("LATIN") for ch in text)


def _each(finding: Finding, *fields: str) -> tuple[str, ...]:
    return tuple(f"{finding.id}: {field.replace('_', ' ')}" for field in fields if not getattr(finding, field))


def _reviews(states: Sequence[Progress]) -> list[str]:
    return [f"{entry.finding}: nobody else has reviewed it" for entry in states if not entry.opinions]


def _replies(states: Sequence[Progress]) -> list[str]:
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
