"""From what was seen before and what is seen now to a verdict; pure, so that it can be judged on labelled pairs.

One look alone never says `removed`: it names a suspicion, which `confirm` turns into the word only when every check
that was asked for supports it.
"""

from collections.abc import Sequence
from types import MappingProxyType

from rapidfuzz import fuzz

from witnessmark.model.sighting import Cause, Check, CheckKind, Verdict
from witnessmark.watch.instead import GONE, guarded, not_that_page, page_for_file, read_fresh
from witnessmark.watch.judgement import Around, Judgement, Seen, elsewhere, say, suspect, upwards
from witnessmark.watch.notices import Notice, fresh, notice_of
from witnessmark.watch.page import Block, Page, Slots, compare

ALIKE = 0.6  # of the old text: still that page
MOVED_UP = 0.9  # of the old text, on the front page or a page above: only then has it moved there
CONFIRMATIONS = 3

_STATUS = {
    401: (Verdict.BLOCKED, Cause.LOGIN),
    403: (Verdict.BLOCKED, Cause.FORBIDDEN),
    429: (Verdict.BLOCKED, Cause.RATE_LIMIT),
    451: (Verdict.BLOCKED, Cause.LEGAL),
}
_NONE: Slots = MappingProxyType({})
_ALONE = Around()


def judge(before: Seen, now: Seen, *, volatile: Slots = _NONE, around: Around = _ALONE) -> Judgement:
    """Compare a look with the reference look, knowing the site around it."""
    if now.failure is not None:
        return Judgement(verdict=Verdict.UNREACHABLE, cause=now.failure, reasons=say(f"no answer: {now.failure}"))
    if not 200 <= (now.status or 0) < 300:
        return _judge_status(before, now, around)
    if not now.complete:
        return Judgement(verdict=Verdict.UNREACHABLE, cause=Cause.CUT, reasons=say("the answer was cut short"))
    if now.digest == before.digest and now.digest is not None and not elsewhere(before, now):
        return Judgement(verdict=Verdict.SAME, likeness=1.0)
    if before.page is None:
        return _judge_file(before, now, around)
    if now.page is None:
        if now.size == 0:
            return suspect(Cause.EMPTIED, "the answer has no content", 0.0, before.page.blocks)
        return Judgement(
            verdict=Verdict.CHANGED,
            cause=Cause.BYTES,
            reasons=say(f"the page answers with {now.media_type or 'another kind of file'}"),
        )
    return _judge_page(before, before.page, now, now.page, volatile, around)


def _judge_status(before: Seen, now: Seen, around: Around) -> Judgement:
    status = now.status or 0
    says = say(f"the server answers {status}")
    if status in (404, 410):
        notice = None if now.page is None else notice_of(read_fresh(before.page, now.page, around))
        wall = guarded(notice, None) if notice is Notice.ROBOT else None
        if notice is Notice.REGION and now.page is not None:
            # Unless this site says so of every address that it does not have.
            frame = [page for page in (before.page, *around.pages) if page is not None]
            wall = guarded(notice_of(fresh(now.page, frame, frame)), None)
        if wall is not None:
            return Judgement(verdict=wall.verdict, cause=wall.cause, reasons=(*says, *wall.reasons))
        return suspect(Cause.NOT_FOUND if status == 404 else Cause.GONE, f"the server answers {status}")
    if status in _STATUS:
        verdict, cause = _STATUS[status]
        return Judgement(verdict=verdict, cause=cause, reasons=says)
    if status >= 500:
        cause = Cause.MAINTENANCE if status == 503 else Cause.SERVER_ERROR
        return Judgement(verdict=Verdict.UNREACHABLE, cause=cause, reasons=says)
    return Judgement(verdict=Verdict.UNCLEAR, cause=Cause.OTHER_STATUS, reasons=says)


def _judge_file(before: Seen, now: Seen, around: Around) -> Judgement:
    if now.page is not None:
        return page_for_file(before, now, now.page, around)
    if now.size == 0:
        return suspect(Cause.EMPTIED, "the file is empty now")
    if elsewhere(before, now):
        if now.digest == before.digest:
            return Judgement(
                verdict=Verdict.MOVED, cause=Cause.REDIRECT, reasons=say("the same bytes at another address")
            )
        return Judgement(verdict=Verdict.CHANGED, cause=Cause.REPLACED, reasons=say("another file at another address"))
    size = f", {now.size:,} bytes where there were {before.size:,}" if now.size != before.size else ""
    return Judgement(
        verdict=Verdict.CHANGED, cause=Cause.REPLACED, reasons=say(f"other bytes under the same address{size}")
    )


def _judge_page(before: Seen, old: Page, now: Seen, new: Page, volatile: Slots, around: Around) -> Judgement:
    found = compare(old, new, volatile, around.pages)
    kept = found.kept if found.own is None else min(found.own, found.kept)
    if kept < (MOVED_UP if upwards(before, now) else ALIKE):
        other = not_that_page(before, old, now, new, around, kept)
        if other is not None:
            return other
    if elsewhere(before, now):
        return Judgement(
            verdict=Verdict.MOVED,
            cause=Cause.REDIRECT,
            likeness=kept,
            removed=found.gone,
            added=found.come,
            reasons=say(f"redirected; {kept:.0%} of the old text is at the new address"),
        )
    return _judge_text(found.gone, found.come, kept, feed=new.feed)


def _judge_text(gone: Sequence[Block], come: Sequence[Block], kept: float, *, feed: bool) -> Judgement:
    """Same address, still that page: nothing, something reworded, or something taken out.

    Old entries leave a feed by themselves, so there nothing counts as taken out.
    """
    if not gone and not come:
        return Judgement(verdict=Verdict.SAME, likeness=1.0)
    taken = [] if feed else [block for block in gone if not _has_like(block, come)]
    weight = sum(len(block.text) for block in taken)
    if taken and (weight >= 12 or len(taken) >= 2):
        why = f"{len(taken)} passages are gone and nothing like them took their place"
        if kept < GONE:
            why = f"another text stands at this address: {kept:.0%} of the old one is left; {why}"
        return Judgement(
            verdict=Verdict.SECTION_REMOVED,
            cause=Cause.TEXT,
            likeness=kept,
            removed=tuple(taken),
            added=tuple(come),
            reasons=say(why),
        )
    return Judgement(
        verdict=Verdict.CHANGED,
        cause=Cause.TEXT,
        likeness=kept,
        removed=tuple(gone),
        added=tuple(come),
        reasons=say(f"{len(gone)} passages reworded or gone, {len(come)} new"),
    )


def _has_like(block: Block, others: Sequence[Block]) -> bool:
    return any(fuzz.ratio(block.key, other.key) >= 75 for other in others[:2_000])


def confirm(suspicion: Cause, checks: Sequence[Check], confirmations: int, *, needed: int = CONFIRMATIONS) -> bool:
    """Whether a suspicion may be called a removal: enough repeats, and no check missing or against it."""
    if confirmations < needed or not suspicion:
        return False
    asked = {check.kind: check.supports for check in checks}
    required = {CheckKind.CONTROL, CheckKind.SIBLING, CheckKind.BROWSER} | (asked.keys() & {CheckKind.SECOND_NETWORK})
    return all(asked.get(kind) is True for kind in required)
