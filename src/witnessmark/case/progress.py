"""How far each finding has come: detected, reviewed, contacted, answered or not, published, corrected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from witnessmark.case.clock import parse_utc
from witnessmark.case.folder import Case
from witnessmark.errors import UsageError
from witnessmark.model.case import Answer, Contact, FindingState, Publication, Review, Verdict
from witnessmark.model.evidence import Actor, Event, EventKind
from witnessmark.model.fact import Kind, Record, Sha256, UntrustedText
from witnessmark.model.finding import Finding, ScanReport

_COLLECTING = (EventKind.CAPTURED, EventKind.DOWNLOADED, EventKind.IMPORTED, EventKind.ADDED)


class Opinion(Record, frozen=True, kw_only=True):
    """One review, and by whom."""

    by: str
    at: str
    verdict: Verdict
    reason: str


class Progress(Record, frozen=True, kw_only=True):
    """One finding's way. `detected_by` is who ran the scan; a review counts only from somebody else."""

    finding: str
    title: str
    state: FindingState
    detected_by: tuple[str, ...]
    opinions: tuple[Opinion, ...] = ()
    contacts: tuple[str, ...] = ()  # ids of the contact events

    @property
    def disputed(self) -> bool:
        """Whether any reviewer did not agree."""
        return any(opinion.verdict is not Verdict.AGREE for opinion in self.opinions)

    @property
    def doubted(self) -> bool:
        """Whether it was reviewed and nobody agreed."""
        return bool(self.opinions) and all(opinion.verdict is not Verdict.AGREE for opinion in self.opinions)


class Detected(Record, frozen=True, kw_only=True):
    """A finding in short, and who ran the scans that found it."""

    finding: str
    title: str
    by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Ledger:
    """What people decided and said, by finding."""

    contacts: dict[str, list[str]]
    answers: dict[str, list[EventKind]]
    public: dict[str, list[EventKind]]


def _ledger(case: Case) -> _Ledger:
    contacts: dict[str, list[str]] = {}
    answers: dict[str, list[EventKind]] = {}
    public: dict[str, list[EventKind]] = {}
    asked: dict[str, tuple[str, ...]] = {}
    for event, contact in case.payloads(Contact):
        asked[event.id] = contact.findings
        for finding in contact.findings:
            contacts.setdefault(finding, []).append(event.id)
    for event, answer in case.payloads(Answer):
        for finding in asked.get(answer.contact, ()):
            answers.setdefault(finding, []).append(event.type)
    for event, made in case.payloads(Publication):
        for finding in made.findings:
            public.setdefault(finding, []).append(event.type)
    return _Ledger(contacts=contacts, answers=answers, public=public)


def progress(case: Case, *, include_adjacent: bool = False) -> tuple[Progress, ...]:
    """Every finding of the case with its state, in the findings' order; innocent mentions only when asked for."""
    by: dict[str, set[str]] = {}
    for event, report in case.payloads(ScanReport):
        for finding in report.findings:
            by.setdefault(finding.id, set()).add(event.actor.name)
    opinions: dict[str, list[Opinion]] = {}
    for event, review in case.payloads(Review):
        opinion = Opinion(by=event.actor.name, at=event.t_utc, verdict=review.verdict, reason=review.reason)
        opinions.setdefault(review.finding, []).append(opinion)
    detected = (
        Detected(finding=finding.id, title=finding.title, by=tuple(sorted(by[finding.id])))
        for finding in case.findings()
        if include_adjacent or finding.kind is Kind.FINDING
    )
    return progress_of(case, detected, opinions)


def progress_of(
    case: Case, detected: Iterable[Detected], opinions: Mapping[str, Sequence[Opinion]]
) -> tuple[Progress, ...]:
    """The same for a caller who knows already what was found and what reviewers said, in the order given."""
    ledger = _ledger(case)
    return tuple(_progress_of(ledger, each, tuple(opinions.get(each.finding, ()))) for each in detected)


def _progress_of(ledger: _Ledger, detected: Detected, opinions: tuple[Opinion, ...]) -> Progress:
    contacts = tuple(ledger.contacts.get(detected.finding, ()))
    answers = ledger.answers.get(detected.finding, [])
    public = ledger.public.get(detected.finding, [])
    return Progress(
        finding=detected.finding,
        title=detected.title,
        state=_state(answers, public, reviewed=bool(opinions), contacted=bool(contacts)),
        detected_by=detected.by,
        opinions=opinions,
        contacts=contacts,
    )


def _state(
    answers: Sequence[EventKind], public: Sequence[EventKind], *, reviewed: bool, contacted: bool
) -> FindingState:
    if public:
        return FindingState(str(public[-1]))
    if answers:
        return FindingState.ANSWERED if EventKind.ANSWERED in answers else FindingState.NO_ANSWER
    if contacted:
        return FindingState.CONTACTED
    return FindingState.REVIEWED if reviewed else FindingState.DETECTED


def chosen(case: Case, ids: Sequence[str]) -> tuple[Finding, ...]:
    """The findings with these ids. If none is named: all but innocent mentions and those that every reviewer doubts.

    Raises UsageError for an id that the case does not have.
    """
    findings = {finding.id: finding for finding in case.findings()}
    unknown = sorted(set(ids) - findings.keys())
    if unknown:
        raise UsageError(f"the case has no finding {', '.join(unknown)}", hint="`witnessmark review CASE` lists them.")
    if ids:
        return tuple(findings[one] for one in dict.fromkeys(ids))
    return tuple(findings[entry.finding] for entry in progress(case) if not entry.doubted)


def review(case: Case, finding: str, verdict: Verdict, reason: str) -> Event:
    """Record a second person's reading. Raises UsageError if the person is unnamed or made the finding."""
    (found,) = chosen(case, (finding,))
    detected = next(entry.detected_by for entry in progress(case, include_adjacent=True) if entry.finding == found.id)
    return record_review(case, found.id, detected, verdict, reason, actor=case.actor)


def record_review(
    case: Case, finding: str, detected_by: Sequence[str], verdict: Verdict, reason: str, *, actor: Actor
) -> Event:
    """The same for a caller who knows already that the finding exists, and who made it."""
    if actor.name == "not stated":
        raise UsageError("who does this? The journal needs a name or pseudonym", hint="Give --actor NAME.")
    if actor.name in detected_by:
        raise UsageError(
            f"{actor.name} made this finding; a review needs somebody else",
            hint="Give the reviewer's name or pseudonym with --actor.",
        )
    if not reason.strip():
        raise UsageError("a review needs a reason")
    review = Review(finding=finding, verdict=verdict, reason=reason)
    return case.record(EventKind.REVIEWED, review, reason=reason, actor=actor)


def sealed_capture(case: Case) -> Sha256 | None:
    """The digest of `seal/SEAL` of a finished bundle that holds something collected, or None."""
    collected = next((event.seq for event in case.events() if event.type in _COLLECTING), None)
    begun = {event.id: event.seq for event in case.events() if event.type is EventKind.SEALED}
    for event in reversed(case.events()):
        if collected is not None and any(begun.get(parent, -1) > collected for parent in event.parents):
            for item in event.outputs:
                if item.name == "seal/SEAL":
                    return item.digest
    return None


def record_contact(case: Case, contact: Contact, text: str) -> Event:
    """Record that the vendor was asked, with the exact text. Raises UsageError unless evidence was sealed before, or
    `contact.forced` says why not: vendors have deleted pages within half an hour of a question."""
    _must_be_named(case)
    chosen(case, contact.findings)
    if contact.sealed_capture is None and not contact.forced.strip():
        raise UsageError(
            "nothing is sealed yet: pages have disappeared within half an hour of a vendor being asked",
            hint="Capture and seal first, or give --force with a reason.",
        )
    if not text.strip():
        raise UsageError("a contact needs the exact text that was sent")
    return case.record(EventKind.CONTACTED, contact, reason=contact.forced, text=UntrustedText(text))


def record_answer(case: Case, answer: Answer, text: str) -> Event:
    """Record what came back, verbatim; an empty text means that the deadline passed without an answer.

    Raises UsageError for an unknown contact, and for silence before the deadline or after an answer.
    """
    made = next((contact for event, contact in case.payloads(Contact) if event.id == answer.contact), None)
    if made is None:
        raise UsageError(
            f"the case has no contact {answer.contact}", hint="`witnessmark contact list CASE` lists them."
        )
    if not text:
        _must_be_silence(case, answer.contact, made)
    kind = EventKind.ANSWERED if text else EventKind.NO_ANSWER
    return case.record(kind, answer, text=UntrustedText(text))


def _must_be_silence(case: Case, contact: str, made: Contact) -> None:
    if any(earlier.contact == contact and earlier.received_at for _, earlier in case.payloads(Answer)):
        raise UsageError("an answer to this contact is recorded already", hint="`witnessmark contact list` shows it.")
    if parse_utc(case.clock.read().t_utc) < parse_utc(made.deadline):
        raise UsageError(f"they may still answer until {made.deadline[:16]}Z", hint="Wait for the deadline.")


def record_publication(case: Case, publication: Publication, *, correction: str = "") -> Event:
    """Record that findings were made public, or with `correction` what was put right afterwards."""
    chosen(case, publication.findings)
    kind = EventKind.CORRECTED if correction else EventKind.PUBLISHED
    return case.record(kind, publication, reason=correction)


def _must_be_named(case: Case) -> None:
    if case.actor.name == "not stated":
        raise UsageError("who does this? The journal needs a name or pseudonym", hint="Give --actor NAME.")
