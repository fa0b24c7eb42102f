"""What happened to a page, or to all pages of a case and around them, in order of time."""

from collections.abc import Iterator
from pathlib import Path

from witnessmark.case import Case, open_case
from witnessmark.model.capture import Capture
from witnessmark.model.case import Contact
from witnessmark.model.evidence import Event, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Judgement, Sameness, Screening, Screenings
from witnessmark.model.sighting import Interval, Moment, Sighting, Timeline
from witnessmark.watch.looking import page_of
from witnessmark.watch.store import WatchStore
from witnessmark.watch.timeline import milestones, moments, removal

_SHOWN = frozenset(
    {
        EventKind.CAPTURED,
        EventKind.DOWNLOADED,
        EventKind.IMPORTED,
        EventKind.CONTACTED,
        EventKind.ANSWERED,
        EventKind.NO_ANSWER,
        EventKind.PUBLISHED,
        EventKind.CORRECTED,
        EventKind.SEALED,
        EventKind.SCREENED,
    }
)


def of_address(store: WatchStore, url: str) -> Timeline | None:
    """The timeline of one watched address; None if it was never looked at."""
    looks = store.history(url)
    if not looks:
        return None
    gone = removal(looks)
    found = () if gone is None else ((UntrustedText(url), gone),)
    said = moments(looks)
    return Timeline(title=UntrustedText(url), moments=said, removals=found, milestones=milestones(said, found))


def before_and_after(store: WatchStore, url: str, at: str) -> tuple[str, str] | None:
    """The whole text of a page before the look made at `at` and after it, one passage a line, for showing side by side.

    None where no such look is recorded, or where the list does not keep both versions (a file, or a removed page).
    """
    before: str | None = None
    for look in store.history(url):
        data = None if look.digest is None else store.body(look.digest)
        page = None if data is None else page_of(data, "text/html")
        if look.at == at:
            return None if before is None or page is None else (before, page.text)
        before = page.text if page is not None else before
    return None


def of_case(path: Path, store: WatchStore | None) -> Timeline:
    """The timeline of a case: its journal, and the looks at its pages.

    Looks come from the watch list, which has all of them, or else from the journal, which has those with news.
    Raises CaseError when the case cannot be read.
    """
    with open_case(path, read_only=True) as case:
        looks = _looks(case, path, store)
        found = [moment for url in sorted(looks) for moment in moments(looks[url])]
        found += [moment for event in case.events() if event.type in _SHOWN for moment in _moments(case, event)]
        title = case.head.title
    gone: list[tuple[UntrustedText, Interval]] = []
    for url in sorted(looks):
        interval = removal(looks[url])
        if interval is not None:
            gone.append((UntrustedText(url), interval))
    found.sort(key=lambda moment: (moment.at[:19], moment.at, moment.kind, moment.url))
    return Timeline(
        title=UntrustedText(title), moments=tuple(found), removals=tuple(gone), milestones=milestones(found, gone)
    )


def _looks(case: Case, path: Path, store: WatchStore | None) -> dict[str, list[Sighting]]:
    looks: dict[str, list[Sighting]] = {}
    for _, sighting in case.payloads(Sighting):
        looks.setdefault(sighting.url, []).append(sighting)
    for target in store.readable() if store is not None else ():
        if target.settings.case and Path(target.settings.case).resolve() == path.resolve():
            history = store.history(target.url) if store is not None else []
            looks[target.url] = history or looks.get(target.url, [])
    return looks


def _moments(case: Case, event: Event) -> Iterator[Moment]:
    """One event in words; a screening as one line for each list entry that it named."""
    says, url = str(event.reason), ""
    if event.payload_type in ("Screening", "Screenings"):
        yield from _listings(case, event)
        return
    if event.payload_type == "Contact":
        contact = case.payload(event, Contact)
        says = f"asked {contact.recipient} by {contact.channel}, answer until {contact.deadline}"
        yield Moment(at=contact.sent_at, kind=event.type, url=UntrustedText(""), says=UntrustedText(says))
        return
    if event.payload_type == "Capture":
        capture = case.payload(event, Capture)
        url, says = capture.url, f"{capture.state}, status {capture.status or 'none'}"
    at = event.t_utc
    yield Moment(at=at, kind=event.type, url=UntrustedText(url), says=UntrustedText(says or event.text[:200]))


def _listings(case: Case, event: Event) -> Iterator[Moment]:
    """The screening, and when the entries that a person holds for the same firm were listed and taken off.

    A candidate that nobody has confirmed is a name alike: it stands in the screening, not in a history.
    """
    if event.payload_type == "Screening":
        answers: tuple[Screening, ...] = (case.payload(event, Screening),)
    else:
        answers = case.payload(event, Screenings).answers
    confirmed = _confirmed(case, event)
    for answer in answers:
        number = len(answer.candidates)
        says = f"{answer.query!r} screened as of {answer.as_of}: {number} candidate{'' if number == 1 else 's'}"
        yield Moment(at=event.t_utc, kind=event.type, url=UntrustedText(""), says=UntrustedText(says))
        for one in answer.candidates:
            if one.entry not in confirmed:
                continue
            for at, what in ((one.listed_from, "listed"), (one.listed_until, "no longer listed")):
                if at:
                    says = f"{one.name}: {what} on {one.list} ({one.citation}); {confirmed[one.entry]}"
                    yield Moment(at=at, kind=what.replace(" ", "-"), url=UntrustedText(""), says=UntrustedText(says))


def _confirmed(case: Case, screening: Event) -> dict[str, str]:
    """Entries that somebody holds for the firm that was screened and nobody for another, with who said so."""
    said: dict[str, list[tuple[str, Sameness]]] = {}
    for event, judgement in case.payloads(Judgement):
        if judgement.screening == screening.id:
            said.setdefault(judgement.entry, []).append((event.actor.name, judgement.verdict))
    confirmed: dict[str, str] = {}
    for entry, views in said.items():
        who = sorted({name for name, verdict in views if verdict is Sameness.SAME})
        if who and not any(verdict is Sameness.DIFFERENT for _, verdict in views):
            confirmed[entry] = f"held for the same firm by {', '.join(who)}"
    return confirmed
