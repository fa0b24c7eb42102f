"""One look at one target: fetch, judge, check a suspicion, say when to look again. Pure but for the injected fetch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from witnessmark.errors import CaseError
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Verdict
from witnessmark.watch.instead import EMPTY, SAME_TEMPLATE
from witnessmark.watch.judgement import Around, Judgement, Seen
from witnessmark.watch.looking import (
    Answer,
    Fetch,
    control_check,
    home_of,
    page_of,
    second_look,
    sibling_check,
    sibling_of,
    with_page,
)
from witnessmark.watch.outcome import Looked, iso, listed_by, outcome, reference_of, sighting_of
from witnessmark.watch.pace import next_look
from witnessmark.watch.page import Slots, share_kept, volatile_slots
from witnessmark.watch.store import Reference, State, Target
from witnessmark.watch.verdict import ALIKE, judge

MOST_SLOTS = 500
LARGE = 1 << 20
WHOLE_EVERY = 6 * 3600.0
AGAIN = 3  # further fetches, to learn what changes by itself
ALTERNATIONS = 5  # so often both versions within one look: the server gives two in turn
_ABSENT = (Verdict.UNCLEAR, Verdict.BLOCKED, Verdict.UNREACHABLE, Verdict.REMOVED)


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a look may use. `browser` and `second` are looks by a real browser and over another network.

    `head` asks for a file's size and date only. `control` is a fetch that may answer from memory: it serves only to
    learn what a control page was like at first.
    """

    fetch: Fetch
    token: Callable[[], str]
    body: Callable[[Sha256], bytes | None]
    browser: Fetch | None = None
    second: Fetch | None = None
    control: Fetch | None = None
    head: Fetch | None = None

    def fetch_for(self, target: Target) -> Fetch:
        """How this target is looked at: plainly, or with a browser where that was asked for and there is one."""
        wanted = target.settings.with_browser or target.state.scripted
        return self.browser if wanted and self.browser is not None else self.fetch


def look(target: Target, means: Means) -> Looked:
    """Look once. Never raises for what the server or network does; every outcome is a labelled Sighting."""
    reference = target.state.reference
    glance = _glance(target, reference, means)
    if glance is not None:
        why = UntrustedText("the server names the same size, date and tag; the file was not downloaded again")
        return outcome(target, glance, Judgement(verdict=Verdict.SAME, likeness=1.0, reasons=(why,)), ())
    answer = means.fetch_for(target)(target.url)
    if reference is None:
        return _first(target, with_page(answer), means)
    if answer.seen.failure is None and not reference.is_page:
        state = msgspec.structs.replace(target.state, validator=answer.validator, whole_at=iso(answer.at))
        target = msgspec.structs.replace(target, state=state)
    if _known_bytes(reference, answer.seen):
        return outcome(target, answer, Judgement(verdict=Verdict.SAME, likeness=1.0), ())
    answer = with_page(answer)
    before = _seen(reference, means)
    if reference.is_page and before.page is None and answer.seen.page is not None and answer.seen.status == 200:
        why = UntrustedText("the page that was kept to compare with is missing from the list; this one takes its place")
        return outcome(target, answer, Judgement(verdict=Verdict.CHANGED, cause=Cause.BYTES, reasons=(why,)), ())
    volatile = dict(target.state.volatile)
    around = _around(target.state, means)
    found = judge(before, answer.seen, volatile=volatile, around=around)
    sibling: Answer | None = None
    doubtful = found.likeness is not None and found.likeness < ALIKE
    if doubtful if found.suspects is None else not target.state.removed_at:
        sibling = with_page(means.fetch_for(target)(sibling_of(target.url, means.token())))
        around = replace(around, sibling=_usual(target, sibling, around))
        found = judge(before, answer.seen, volatile=volatile, around=around)
    if found.verdict in (Verdict.CHANGED, Verdict.SECTION_REMOVED) and answer.seen.page is not None:
        found, target = _twice(target, before, answer, found, means, around)
    checks: tuple[Check, ...] = ()
    if found.suspects is not None and not target.state.removed_at:
        checks = _checks(target, found.suspects, before, answer, sibling, means)
    return outcome(target, answer, found, checks)


def _glance(target: Target, reference: Reference | None, means: Means) -> Answer | None:
    """A look at a large file by its size and date alone; None if it must be downloaded.

    A vendor's archive of half a gigabyte is not fetched every thirty seconds: whole at most every six hours, and at
    once when anything about it differs.
    """
    state = target.state
    if reference is None or reference.is_page or reference.size < LARGE or means.head is None:
        return None
    if not state.validator or not state.whole_at or state.suspects:
        return None
    answer = means.head(target.url)
    since = (answer.at - datetime.fromisoformat(state.whole_at)).total_seconds()
    seen = answer.seen
    same = (seen.status, seen.size, seen.final_url) == (reference.status, reference.size, reference.final_url)
    return answer if same and answer.validator == state.validator and 0 <= since < WHOLE_EVERY else None


def _around(state: State, means: Means) -> Around:
    """The site as it was at the first look."""
    control, unknown = (None if known is None else _seen(known, means).page for known in (state.control, state.unknown))
    return Around(control=control, unknown=unknown)


def _known_bytes(reference: Reference, seen: Seen) -> bool:
    same = seen.digest == reference.digest and seen.final_url == reference.final_url
    return same and seen.complete and seen.status == reference.status


def _seen(reference: Reference, means: Means) -> Seen:
    try:
        data = means.body(reference.digest) if reference.is_page else None
    except CaseError:
        data = None  # damaged: as good as missing
    return Seen(
        url=reference.url,
        final_url=reference.final_url,
        status=reference.status,
        media_type=reference.media_type,
        digest=reference.digest,
        size=reference.size,
        page=None if data is None else page_of(data, reference.media_type),
    )


def _first(target: Target, answer: Answer, means: Means) -> Looked:
    """The reference look. Learns what changes by itself, what the control page is like, and how the site answers for a
    page that never was."""
    seen = answer.seen
    if seen.failure is not None or seen.status != 200 or not seen.complete or seen.digest is None:
        found = judge(Seen(url=target.url), seen)
        verdict = found.verdict if found.verdict in _ABSENT else Verdict.UNCLEAR
        return outcome(target, answer, Judgement(verdict=verdict, cause=found.cause, reasons=found.reasons), ())
    if _is_shell(target, seen, means) and means.browser is not None:
        built = with_page(means.browser(target.url))
        if built.seen.status == 200 and built.seen.page is not None and len(built.seen.page.text) >= 4 * EMPTY:
            state = msgspec.structs.replace(target.state, scripted=True)
            return _first(msgspec.structs.replace(target, state=state), built, means)
    volatile: dict[str, int] = {}
    bodies = [(seen.digest, answer.body)] if seen.page is not None else []
    for _ in range(AGAIN if seen.page is not None else 0):
        again = means.fetch_for(target)(target.url)
        page = with_page(again).seen.page if again.seen.digest != seen.digest and again.seen.status == 200 else None
        if page is not None and seen.page is not None:
            volatile |= _more(volatile, volatile_slots(seen.page, page))
    control = _control(target, means)
    unknown: Answer | None = with_page(means.fetch_for(target)(sibling_of(target.url, means.token())))
    if unknown is not None and not _tells(unknown.seen):
        unknown = None
    for other in (control, unknown):
        if other is not None and other.seen.page is not None and other.seen.digest is not None:
            bodies.append((other.seen.digest, other.body))
    state = msgspec.structs.replace(
        target.state,
        reference=reference_of(answer),
        volatile=tuple(sorted(volatile.items()))[:MOST_SLOTS],
        control=None if control is None else reference_of(control),
        unknown=None if unknown is None else reference_of(unknown),
        last_present=iso(answer.at),
        failures=0,
        last_verdict=Verdict.SAME,
        validator=answer.validator,
        whole_at=iso(answer.at),
    )
    began = UntrustedText("first look: later ones are compared with this one")
    reasons = (began, *_thin(target, seen, unknown))
    found = Judgement(verdict=Verdict.SAME, cause=Cause.FIRST_LOOK, reasons=reasons)
    sighting = sighting_of(answer, found, (), None, 0)
    return Looked(
        sighting=sighting,
        state=state,
        bodies=tuple(bodies),
        listed=listed_by(target, answer),
        next_at=next_look(target, state, answer.at, answer.retry_after),
    )


def _tells(unknown: Seen) -> bool:
    """Whether this answer to a random address shows how the site answers for a page that never was."""
    return unknown.status in (200, 404, 410) and unknown.complete and unknown.digest is not None


def _is_shell(target: Target, seen: Seen, means: Means) -> bool:
    """Whether a plain look finds hardly any text: scripts build the page, if anything does."""
    if seen.page is None or target.settings.with_browser or target.state.scripted:
        return False
    return len(seen.page.text) < 4 * EMPTY and bool(seen.page.sources)


def _thin(target: Target, seen: Seen, unknown: Answer | None) -> tuple[UntrustedText, ...]:
    """Say so when a plain look can tell next to nothing."""
    if seen.page is None:
        return ()
    if target.state.scripted:
        return (UntrustedText("scripts build this page: it is looked at with a browser each time"),)
    if len(seen.page.text) < 4 * EMPTY and not target.settings.with_browser:
        return (UntrustedText("hardly any text without running scripts: watch it with --with-browser"),)
    other = None if unknown is None else unknown.seen.page
    if other is not None and seen.page.keys() == other.keys() and unknown is not None and unknown.seen.status == 200:
        return (UntrustedText("a random address is answered the same: a look can hardly tell when the page goes"),)
    return ()


def _control(target: Target, means: Means) -> Answer | None:
    """What the control page is like while all is well; None if it tells nothing."""
    url = target.settings.control or home_of(target.url)
    if means.control is None or url == target.url:
        return None
    answer = with_page(means.control(url))
    seen = answer.seen
    good = seen.failure is None and seen.status == 200 and seen.complete and seen.digest is not None
    return answer if good and seen.page is not None else None


def _twice(
    target: Target, before: Seen, answer: Answer, found: Judgement, means: Means, around: Around
) -> tuple[Judgement, Target]:
    """Fetch a changed page again at once: what differs between the fetches changes by itself and is no news.

    Learnt is only what was *replaced* by something else, never what is simply missing from one of them.
    """
    volatile, state = dict(target.state.volatile), target.state
    for _ in range(AGAIN):
        again = with_page(means.fetch_for(target)(target.url)).seen
        if again.page is None or answer.seen.page is None or again.status != 200:
            continue
        noise = volatile_slots(answer.seen.page, again.page, replaced_only=True)
        if judge(before, again, volatile=volatile, around=around).verdict is Verdict.SAME:
            count = state.alternations + 1
            learnt = volatile | _more(volatile, noise) if count >= ALTERNATIONS else volatile
            why = UntrustedText("fetched twice, it was once as before: the server gives two versions in turn")
            found = Judgement(verdict=Verdict.SAME, likeness=found.likeness, reasons=(why,))
            state = msgspec.structs.replace(state, alternations=count % ALTERNATIONS, volatile=_slots(learnt))
            return found, msgspec.structs.replace(target, state=state)
        volatile |= _more(volatile, noise)
    found = judge(before, answer.seen, volatile=volatile, around=around)
    state = msgspec.structs.replace(state, volatile=_slots(volatile), alternations=0)
    return found, msgspec.structs.replace(target, state=state)


def _more(known: Slots, found: Slots) -> dict[str, int]:
    return {slot: max(count, known.get(slot, 0)) for slot, count in found.items()}


def _usual(target: Target, sibling: Answer, around: Around) -> Seen | None:
    """The answer to a random address, if the site answers it as it did at the first look; else it may be a wall."""
    known, now, then = target.state.unknown, sibling.seen, around.unknown
    if known is None or known.status != now.status or now.page is None or then is None:
        return None
    return now if share_kept(then.keys(), now.page.keys()) >= SAME_TEMPLATE else None


def _slots(volatile: Slots) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(volatile.items()))[:MOST_SLOTS]


def _checks(
    target: Target, suspicion: Cause, before: Seen, answer: Answer, sibling: Answer | None, means: Means
) -> tuple[Check, ...]:
    state = target.state
    around = _around(state, means)
    control = with_page(means.fetch(target.settings.control or home_of(target.url)))
    known = None if state.control is None else _seen(state.control, means)
    checks = [control_check(known, control, answer.seen)]
    probe = sibling or with_page(means.fetch_for(target)(sibling_of(target.url, means.token())))
    first_status = None if state.unknown is None else state.unknown.status
    checks.append(sibling_check(answer.seen, probe.seen, suspicion, first_status))
    around = replace(around, sibling=_usual(target, probe, around))
    volatile = dict(state.volatile)
    # The browser is slow: it is asked only for the look that could confirm, or where it has seen the page after all.
    if state.other_client or state.confirmations + 1 >= target.settings.confirmations:
        if means.browser is None:
            says = UntrustedText("no browser was found on this machine; look by hand")
            checks.append(Check(kind=CheckKind.BROWSER, supports=None, says=says))
        else:
            again = with_page(means.browser(target.url)).seen
            checks.append(second_look(CheckKind.BROWSER, before, again, volatile, around))
        if means.second is not None:
            again = with_page(means.second(target.url)).seen
            checks.append(second_look(CheckKind.SECOND_NETWORK, before, again, volatile, around))
    return tuple(checks)
