"""One look at one target: fetch, judge, check a suspicion, say when to look again. Pure but for the injected fetch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Interval, Sighting, Verdict
from witnessmark.net.politeness import retry_after
from witnessmark.watch.looking import (
    Answer,
    Fetch,
    control_check,
    home_of,
    second_look,
    sibling_check,
    sibling_of,
)
from witnessmark.watch.page import Block, read_page, volatile_paths
from witnessmark.watch.store import Reference, State, Target
from witnessmark.watch.verdict import ALIKE, Judgement, Seen, confirm, judge

PASSAGES = 200
PASSAGE = 4_000
SUSPICION_INTERVAL = 60.0
LONGEST_BACK_OFF = 6 * 3600.0
_ABSENT = (Verdict.UNCLEAR, Verdict.BLOCKED, Verdict.UNREACHABLE, Verdict.REMOVED)


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a look may use. `browser` and `second` are looks by a real browser and over another network."""

    fetch: Fetch
    token: Callable[[], str]
    body: Callable[[Sha256], bytes | None]
    browser: Fetch | None = None
    second: Fetch | None = None


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What one look brought: the record, the new state, the bytes to keep, and when to look again (UTC)."""

    sighting: Sighting
    state: State
    body: bytes | None
    next_at: datetime


def iso(moment: datetime) -> str:
    """UTC with milliseconds and a Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def look(target: Target, means: Means) -> Looked:
    """Look once. Never raises for what the server or network does; every outcome is a labelled Sighting."""
    answer = means.fetch(target.url)
    state = target.state
    if state.reference is None:
        return _first(target, answer, means)
    before = _reference_seen(state.reference, means)
    volatile = frozenset(state.volatile)
    found = judge(before, answer.seen, volatile=volatile)
    sibling: Answer | None = None
    if found.suspects is not None or (found.likeness is not None and found.likeness < ALIKE):
        sibling = means.fetch(sibling_of(target.url, means.token()))
        found = judge(before, answer.seen, volatile=volatile, sibling=sibling.seen)
    checks: tuple[Check, ...] = ()
    if found.suspects is not None:
        checks = _checks(target, found.suspects, before, answer, sibling, means)
    return _outcome(target, answer, found, checks)


def _reference_seen(reference: Reference, means: Means) -> Seen:
    data = means.body(reference.digest) if reference.is_page else None
    return Seen(
        url=reference.url,
        final_url=reference.final_url,
        status=reference.status,
        media_type=reference.media_type,
        digest=reference.digest,
        size=reference.size,
        page=None if data is None else read_page(data),
    )


def _first(target: Target, answer: Answer, means: Means) -> Looked:
    """The reference look, with a second fetch at once to learn what changes by itself."""
    seen = answer.seen
    if seen.failure is not None or seen.status != 200 or not seen.complete or seen.digest is None:
        found = judge(Seen(url=target.url), seen)
        verdict = found.verdict if found.verdict in _ABSENT else Verdict.UNCLEAR
        return _outcome(target, answer, Judgement(verdict=verdict, cause=found.cause, reasons=found.reasons), ())
    volatile: frozenset[str] = frozenset()
    if seen.page is not None:
        again = means.fetch(target.url).seen
        volatile = volatile_paths(seen.page, again.page) if again.page is not None else volatile
    state = msgspec.structs.replace(
        target.state,
        reference=_reference(answer),
        volatile=tuple(sorted(volatile))[:5_000],
        last_present=iso(answer.at),
        failures=0,
        last_verdict=Verdict.SAME,
    )
    sighting = _sighting(answer, Judgement(verdict=Verdict.SAME, cause=Cause.FIRST_LOOK), (), None, 0)
    return Looked(sighting=sighting, state=state, body=answer.body, next_at=_next(target, state, answer, Verdict.SAME))


def _reference(answer: Answer) -> Reference:
    seen = answer.seen
    assert seen.digest is not None and seen.status is not None
    return Reference(
        url=seen.url,
        final_url=seen.final_url,
        status=seen.status,
        media_type=seen.media_type,
        digest=seen.digest,
        size=seen.size,
        is_page=seen.page is not None,
        at=iso(answer.at),
    )


def _checks(
    target: Target, suspicion: Cause, before: Seen, answer: Answer, sibling: Answer | None, means: Means
) -> tuple[Check, ...]:
    control = control_check(means.fetch(target.settings.control or home_of(target.url)))
    checks = [control]
    probe = sibling.seen if sibling is not None else means.fetch(sibling_of(target.url, means.token())).seen
    checks.append(sibling_check(answer.seen, probe, suspicion))
    volatile = frozenset(target.state.volatile)
    # The browser is slow: it is asked only for the look that could confirm.
    if target.state.confirmations + 1 >= target.settings.confirmations:
        if means.browser is None:
            says = UntrustedText("no browser was found on this machine; look by hand")
            checks.append(Check(kind=CheckKind.BROWSER, supports=None, says=says))
        else:
            again = means.browser(target.url).seen
            checks.append(second_look(CheckKind.BROWSER, before, again, volatile, probe))
        if means.second is not None:
            again = means.second(target.url).seen
            checks.append(second_look(CheckKind.SECOND_NETWORK, before, again, volatile, probe))
    return tuple(checks)


def _outcome(target: Target, answer: Answer, found: Judgement, checks: tuple[Check, ...]) -> Looked:
    state, at = target.state, iso(answer.at)
    suspects = found.suspects
    count = state.confirmations + 1 if suspects is not None and state.suspects else int(suspects is not None)
    verdict = found.verdict
    if suspects is not None and confirm(suspects, checks, count, needed=target.settings.confirmations):
        verdict = Verdict.REMOVED
    if suspects is not None:
        state = msgspec.structs.replace(
            state,
            suspects=suspects,
            confirmations=count,
            first_absent=state.first_absent or at,
            failures=0,
            removed_at=state.removed_at or (at if verdict is Verdict.REMOVED else ""),
        )
    elif verdict in (Verdict.UNREACHABLE, Verdict.BLOCKED, Verdict.UNCLEAR):
        # Neither supports nor contradicts: a suspicion waits, its count stays.
        state = msgspec.structs.replace(state, failures=state.failures + 1)
    else:
        state = msgspec.structs.replace(
            state, suspects="", confirmations=0, first_absent="", last_present=at, failures=0, removed_at=""
        )
    body = None
    if verdict in (Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED):
        state = msgspec.structs.replace(state, reference=_reference(answer))
        body = answer.body
    state = msgspec.structs.replace(state, last_verdict=verdict)
    sighting = _sighting(
        answer, replace(found, verdict=verdict), checks, suspects if verdict is not Verdict.REMOVED else None, count
    )
    return Looked(sighting=sighting, state=state, body=body, next_at=_next(target, state, answer, verdict))


def _texts(blocks: tuple[Block, ...]) -> tuple[UntrustedText, ...]:
    return tuple(UntrustedText(block.text[:PASSAGE]) for block in blocks[:PASSAGES])


def _sighting(
    answer: Answer, found: Judgement, checks: tuple[Check, ...], suspects: Cause | None, confirmations: int
) -> Sighting:
    seen = answer.seen
    return Sighting(
        url=UntrustedText(seen.url),
        at=iso(answer.at),
        verdict=found.verdict,
        cause=found.cause,
        suspects=suspects,
        confirmations=confirmations,
        status=seen.status,
        final_url=UntrustedText(seen.final_url),
        digest=seen.digest,
        size=seen.size,
        clock_offset=answer.clock_offset,
        removed_text=_texts(found.removed),
        added_text=_texts(found.added),
        likeness=found.likeness,
        checks=checks,
        reasons=found.reasons,
    )


def _next(target: Target, state: State, answer: Answer, verdict: Verdict) -> datetime:
    """When to look again: soon while a removal is suspected, later while the host is in trouble or asks for time."""
    seconds = interval_at(target.settings.interval, state.contacted_at, answer.at)
    if state.suspects and verdict is not Verdict.REMOVED:
        seconds = min(seconds, SUSPICION_INTERVAL)
    if state.failures:
        seconds = min(max(seconds, LONGEST_BACK_OFF), seconds * 2 ** min(state.failures - 1, 10))
    asked = retry_after(answer.retry_after, answer.at) if answer.retry_after else None
    if asked is not None:
        seconds = max(seconds, min(asked, 24 * 3600.0))
    return answer.at + timedelta(seconds=seconds)


def interval_at(base: float, contacted_at: str, now: datetime) -> float:
    """Seconds between looks: 30 for two hours after the vendor was asked, 300 for two days, then at least daily."""
    if not contacted_at:
        return base
    since = (now - datetime.fromisoformat(contacted_at)).total_seconds()
    if since < 0 or since <= 2 * 3600:
        return min(base, 30.0)
    if since <= 48 * 3600:
        return min(base, 300.0)
    return min(base, 86_400.0)


def interval_of(state: State) -> Interval | None:
    """When the page went: the span between the last look that showed it and the first that did not."""
    if not state.first_absent or not state.last_present:
        return None
    last, first = datetime.fromisoformat(state.last_present), datetime.fromisoformat(state.first_absent)
    return Interval(
        last_present=state.last_present,
        first_absent=state.first_absent,
        confirmed=state.removed_at or None,
        seconds=round((first - last).total_seconds(), 3),
    )
