"""What a look comes to: the record, what is known from then on, and when to look again."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Sighting, Verdict
from witnessmark.watch.feed import listed
from witnessmark.watch.judgement import Judgement
from witnessmark.watch.looking import Answer
from witnessmark.watch.pace import next_look
from witnessmark.watch.page import Block
from witnessmark.watch.store import Reference, State, Target
from witnessmark.watch.verdict import confirm

PASSAGES = 200
PASSAGE = 4_000


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What one look brought: the record, the new state, pages to keep by digest, pages found, when to look again."""

    sighting: Sighting
    state: State
    bodies: tuple[tuple[Sha256, bytes], ...] = ()
    listed: tuple[str, ...] = ()
    next_at: datetime


def iso(moment: datetime) -> str:
    """UTC with milliseconds and a Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def outcome(target: Target, answer: Answer, found: Judgement, checks: tuple[Check, ...]) -> Looked:
    """Put a judgement and its checks on record; only here a suspicion becomes a removal."""
    before, at = target.state, iso(answer.at)
    suspects = found.suspects
    if suspects is not None and before.removed_at and before.suspects:
        # Once confirmed, fewer checks are made; the cause stays the one that they confirmed.
        suspects = Cause(before.suspects)
        found = replace(found, cause=suspects, suspects=suspects)
    if suspects is not None and any(seen_otherwise(check) for check in checks):
        found, suspects = _still_there(found, checks), None
    count = before.confirmations + 1 if suspects is not None and before.suspects else int(suspects is not None)
    removed = suspects is not None and (
        bool(before.removed_at) or confirm(suspects, checks, count, needed=target.settings.confirmations)
    )
    if removed:
        found = replace(found, verdict=Verdict.REMOVED)
    elif suspects is None and found.verdict is Verdict.SAME and before.removed_at:
        why = UntrustedText("it is there again")
        found = replace(found, cause=Cause.RESTORED, reasons=(*found.reasons, why))
    elif suspects is not None:
        found = replace(found, reasons=(*found.reasons, *_not_yet(checks, count, target.settings.confirmations)))
    state = _state(before, found, at, count, removed=removed)
    bodies: tuple[tuple[Sha256, bytes], ...] = ()
    if found.verdict in (Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED):
        state = msgspec.structs.replace(state, reference=reference_of(answer))
        if answer.seen.page is not None and answer.seen.digest is not None:
            bodies = ((answer.seen.digest, answer.body),)
    sighting = sighting_of(answer, found, checks, None if removed else suspects, count)
    return Looked(
        sighting=sighting,
        state=state,
        bodies=bodies,
        listed=listed_by(target, answer),
        next_at=next_look(target, state, answer.at, answer.retry_after),
    )


def seen_otherwise(check: Check) -> bool:
    """Whether somebody else was shown the page at this very look."""
    return check.kind in (CheckKind.BROWSER, CheckKind.SECOND_NETWORK) and check.supports is False


def _still_there(found: Judgement, checks: tuple[Check, ...]) -> Judgement:
    """The page is there, but not for a plain look: the site answers each client its own way."""
    who = " and ".join(sorted({check.kind for check in checks if seen_otherwise(check)}))
    why = UntrustedText(f"{who}: still shown there, so the page is not gone; watch it with --with-browser")
    return replace(
        found, verdict=Verdict.BLOCKED, cause=Cause.OTHER_CLIENT, suspects=None, reasons=(*found.reasons, why)
    )


def _not_yet(checks: tuple[Check, ...], count: int, needed: int) -> tuple[UntrustedText, ...]:
    """Why this is not called removed."""
    against = [UntrustedText(f"not called removed: {check.says}") for check in checks if check.supports is not True]
    few = () if count >= needed else (UntrustedText(f"look {count} of {needed} that find it gone"),)
    return (*few, *against)


def _state(state: State, found: Judgement, at: str, count: int, *, removed: bool) -> State:
    state = msgspec.structs.replace(state, last_verdict=found.verdict)
    if found.suspects is not None:
        return msgspec.structs.replace(
            state,
            suspects=found.suspects,
            confirmations=count,
            first_absent=state.first_absent or at,
            failures=0,
            other_client=False,
            removed_at=state.removed_at or (at if removed else ""),
        )
    if found.cause is Cause.OTHER_CLIENT:
        # Another client saw the page at this look, which is as good as seeing it.
        return msgspec.structs.replace(
            state, suspects="", confirmations=0, first_absent="", last_present=at, failures=0, other_client=True
        )
    if found.verdict in (Verdict.UNREACHABLE, Verdict.BLOCKED, Verdict.UNCLEAR):
        # Neither supports nor contradicts: a suspicion waits, its count stays.
        return msgspec.structs.replace(state, failures=state.failures + 1)
    return msgspec.structs.replace(
        state,
        suspects="",
        confirmations=0,
        first_absent="",
        last_present=at,
        failures=0,
        removed_at="",
        other_client=False,
    )


def _texts(blocks: tuple[Block, ...]) -> tuple[UntrustedText, ...]:
    return tuple(UntrustedText(block.text[:PASSAGE]) for block in blocks[:PASSAGES])


def sighting_of(
    answer: Answer, found: Judgement, checks: tuple[Check, ...], suspects: Cause | None, confirmations: int
) -> Sighting:
    """The record of one look."""
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


def reference_of(answer: Answer) -> Reference:
    """What later looks are compared with."""
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


def listed_by(target: Target, answer: Answer) -> tuple[str, ...]:
    """The pages that a feed or index lists, if it is followed."""
    follow, seen = target.settings.follow, answer.seen
    if not follow or seen.page is None or seen.status != 200:
        return ()
    return listed(answer.body, seen.final_url or target.url, follow)
