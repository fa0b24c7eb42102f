"""From what was seen before and what is seen now to a verdict; pure, so that it can be judged on labelled pairs.

One look alone never says `removed`: it names a suspicion, which `confirm` turns into the word only when every check
that was asked for supports it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Verdict
from witnessmark.watch.notices import GATE, HOMES, LOGIN, MAINTENANCE, NOT_FOUND, REGION, WALL, WALL_NAMES
from witnessmark.watch.page import Block, Page, Slots, compare, share_kept

ALIKE = 0.6  # of the old text: still that page
MOVED_UP = 0.9  # of the old text, on the front page or a page above: only then has it moved there
GONE = 0.25  # of the old text: not that page any more
SAME_TEMPLATE = 0.8  # likeness to the site's own not-found page
EMPTY = 40  # characters of text
LEFTOVER = 4  # characters of new text on a page that was emptied
CONFIRMATIONS = 3


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look brought: an answer, or the way it failed."""

    url: str
    final_url: str = ""
    status: int | None = None
    failure: Cause | None = None
    media_type: str = ""
    digest: Sha256 | None = None
    size: int = 0
    complete: bool = True
    page: Page | None = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What one look amounts to. `suspects` names a removal that is not confirmed yet."""

    verdict: Verdict
    cause: Cause = Cause.NONE
    suspects: Cause | None = None
    likeness: float | None = None
    removed: tuple[Block, ...] = ()
    added: tuple[Block, ...] = ()
    reasons: tuple[UntrustedText, ...] = field(default=())


def _say(text: str) -> tuple[UntrustedText, ...]:
    return (UntrustedText(text),)


_STATUS = {
    401: (Verdict.BLOCKED, Cause.LOGIN),
    403: (Verdict.BLOCKED, Cause.FORBIDDEN),
    429: (Verdict.BLOCKED, Cause.RATE_LIMIT),
    451: (Verdict.BLOCKED, Cause.LEGAL),
}


_NONE: Slots = MappingProxyType({})


def judge(before: Seen, now: Seen, *, volatile: Slots = _NONE, sibling: Seen | None = None) -> Judgement:
    """Compare a look with the reference look.

    `sibling` is the answer to a random address beside it, if that is still what it was at the first look: then it is
    how this site says that there is no such page, in whatever language.
    """
    if now.failure is not None:
        return Judgement(verdict=Verdict.UNREACHABLE, cause=now.failure, reasons=_say(f"no answer: {now.failure}"))
    if not 200 <= (now.status or 0) < 300:
        return _judge_status(now.status or 0, now.page)
    if not now.complete:
        return Judgement(verdict=Verdict.UNREACHABLE, cause=Cause.CUT, reasons=_say("the answer was cut short"))
    if now.digest == before.digest and now.digest is not None and not _elsewhere(before, now):
        return Judgement(verdict=Verdict.SAME, likeness=1.0)
    if before.page is None:
        return _judge_file(before, now, sibling)
    if now.page is None:
        if now.size == 0:
            return _suspect(Cause.EMPTIED, "the answer has no content", 0.0, before.page.blocks)
        return Judgement(
            verdict=Verdict.CHANGED,
            cause=Cause.BYTES,
            reasons=_say(f"the page answers with {now.media_type or 'another kind of file'}"),
        )
    return _judge_page(before, before.page, now, now.page, volatile, sibling)


def _judge_status(status: int, page: Page | None) -> Judgement:
    says = _say(f"the server answers {status}")
    if status in (404, 410):
        if page is not None and _robot_wall(page):
            return Judgement(verdict=Verdict.BLOCKED, cause=Cause.CAPTCHA, reasons=says)
        return _suspect(Cause.NOT_FOUND if status == 404 else Cause.GONE, f"the server answers {status}")
    if status in _STATUS:
        verdict, cause = _STATUS[status]
        return Judgement(verdict=verdict, cause=cause, reasons=says)
    if status >= 500:
        cause = Cause.MAINTENANCE if status == 503 else Cause.SERVER_ERROR
        return Judgement(verdict=Verdict.UNREACHABLE, cause=cause, reasons=says)
    return Judgement(verdict=Verdict.UNCLEAR, cause=Cause.OTHER_STATUS, reasons=says)


def _suspect(cause: Cause, why: str, likeness: float | None = None, removed: Sequence[Block] = ()) -> Judgement:
    return Judgement(
        verdict=Verdict.UNCLEAR,
        cause=cause,
        suspects=cause,
        likeness=likeness,
        removed=tuple(removed),
        reasons=_say(why),
    )


def _judge_file(before: Seen, now: Seen, sibling: Seen | None) -> Judgement:
    if now.page is not None:
        return _page_for_file(before, now, now.page, sibling)
    if now.size == 0:
        return _suspect(Cause.EMPTIED, "the file is empty now")
    if _elsewhere(before, now):
        if now.digest == before.digest:
            return Judgement(
                verdict=Verdict.MOVED, cause=Cause.REDIRECT, reasons=_say("the same bytes at another address")
            )
        return Judgement(verdict=Verdict.CHANGED, cause=Cause.REPLACED, reasons=_say("another file at another address"))
    return Judgement(verdict=Verdict.CHANGED, cause=Cause.REPLACED, reasons=_say("other bytes under the same address"))


def _page_for_file(before: Seen, now: Seen, page: Page, sibling: Seen | None) -> Judgement:
    """A web page stands where a file was: withdrawn, or a gate before it."""
    wall = _wall(page)
    if wall is not None:
        return wall
    there, here = urlsplit(now.final_url), urlsplit(before.final_url or before.url)
    if page.password or GATE.search(f"{there.netloc}{there.path}"):
        why = "a password is asked for, or the address looks like a login or a check"
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.LOGIN, likeness=0.0, reasons=_say(why))
    same_site = _site(there.netloc) == _site(here.netloc)
    says_so = NOT_FOUND.search(f"{page.title}\n{page.text[:600]}") is not None
    if _upwards(before, now) or (same_site and (says_so or _as_random(page, sibling))):
        return _suspect(Cause.WITHDRAWN, "a web page stands where the file was", 0.0)
    return Judgement(
        verdict=Verdict.UNCLEAR, likeness=0.0, reasons=_say("a web page stands where the file was: look at it")
    )


def _judge_page(before: Seen, old: Page, now: Seen, new: Page, volatile: Slots, sibling: Seen | None) -> Judgement:
    found = compare(old, new, volatile)
    if found.kept < (MOVED_UP if _upwards(before, now) else ALIKE):
        other = _not_that_page(before, old, now, new, sibling, found.kept)
        if other is not None:
            return other
    if _elsewhere(before, now):
        return Judgement(
            verdict=Verdict.MOVED,
            cause=Cause.REDIRECT,
            likeness=found.kept,
            removed=found.gone,
            added=found.come,
            reasons=_say(f"redirected; {found.kept:.0%} of the old text is at the new address"),
        )
    return _judge_text(found.gone, found.come, found.kept, feed=new.feed)


def _judge_text(gone: Sequence[Block], come: Sequence[Block], kept: float, *, feed: bool) -> Judgement:
    """Same address, still that page: nothing, something reworded, or something taken out.

    Old entries leave a feed by themselves, so there nothing counts as taken out.
    """
    if not gone and not come:
        return Judgement(verdict=Verdict.SAME, likeness=1.0)
    taken = [] if feed else [block for block in gone if not _has_like(block, come)]
    weight = sum(len(block.text) for block in taken)
    if taken and (weight >= 12 or len(taken) >= 2):
        return Judgement(
            verdict=Verdict.SECTION_REMOVED,
            cause=Cause.TEXT,
            likeness=kept,
            removed=tuple(taken),
            added=tuple(come),
            reasons=_say(f"{len(taken)} passages are gone and nothing like them took their place"),
        )
    return Judgement(
        verdict=Verdict.CHANGED,
        cause=Cause.TEXT,
        likeness=kept,
        removed=tuple(gone),
        added=tuple(come),
        reasons=_say(f"{len(gone)} passages reworded or gone, {len(come)} new"),
    )


def _has_like(block: Block, others: Sequence[Block]) -> bool:
    return any(fuzz.ratio(block.key, other.key) >= 75 for other in others[:2_000])


def _robot_wall(page: Page) -> bool:
    if len(page.text) >= 3_000:
        return False
    head = f"{page.title}\n{page.text[:2_000]}"
    return bool(WALL_NAMES.search(page.names) or WALL.search(head))


def _wall(page: Page) -> Judgement | None:
    head = f"{page.title}\n{page.text[:2_000]}"
    if _robot_wall(page):
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.CAPTCHA, reasons=_say("a check for robots stands there"))
    if len(page.text) < 3_000 and REGION.search(head):
        why = "the page says that it is not for this country or region"
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.REGION, reasons=_say(why))
    if page.password and LOGIN.search(head):
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.LOGIN, reasons=_say("a login form stands there"))
    if len(page.text) < 3_000 and MAINTENANCE.search(head) and not NOT_FOUND.search(head):
        return Judgement(verdict=Verdict.UNREACHABLE, cause=Cause.MAINTENANCE, reasons=_say("a maintenance notice"))
    return None


def _not_that_page(
    before: Seen, old: Page, now: Seen, new: Page, sibling: Seen | None, kept: float
) -> Judgement | None:
    """What stands there instead, when little of the old text is left."""
    wall = _wall(new)
    if wall is not None:
        return wall
    if new.password and not old.password:
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.LOGIN, reasons=_say("a password is asked for there"))
    says_so = NOT_FOUND.search(f"{new.title}\n{new.text[:600]}") is not None
    if _elsewhere(before, now):
        return _redirected(before, old, now, new, sibling, kept, says_so=says_so)
    if kept >= GONE:
        return None
    if _as_random(new, sibling):
        return _suspect(Cause.SOFT_404, "the site answers a random address with the same page", kept, old.blocks)
    if len(new.text) < EMPTY and not says_so:
        return _emptied(old, new, kept)
    if says_so:
        return _suspect(Cause.SOFT_404, "the page says that it was not found", kept, old.blocks)
    if _frame_only(old, new):
        return _suspect(Cause.EMPTIED, "only the site's frame and little else is left", kept, old.blocks)
    if not _same_frame(old, new):
        # A gate, a notice or a new page: without a frame in common nothing tells them apart.
        return Judgement(
            verdict=Verdict.UNCLEAR, likeness=kept, removed=old.blocks, added=new.blocks,
            reasons=_say("quite another page stands there: look at it"),
        )  # fmt: skip
    return None


def _same_frame(old: Page, new: Page) -> bool:
    return sum(1 for key in old.keys() & new.keys() if len(key) >= 4) >= 3


def _as_random(new: Page, sibling: Seen | None) -> bool:
    if sibling is None or sibling.page is None or sibling.status != 200:
        return False
    return share_kept(new.keys(), sibling.page.keys()) >= SAME_TEMPLATE


def _redirected(
    before: Seen, old: Page, now: Seen, new: Page, sibling: Seen | None, kept: float, *, says_so: bool
) -> Judgement:
    """Sent elsewhere, and most of the text is not there."""
    there, here = urlsplit(now.final_url), urlsplit(before.final_url or before.url)
    if GATE.search(f"{there.netloc}{there.path}"):
        why = "redirected to an address that looks like a login or a check"
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.LOGIN, likeness=kept, reasons=_say(why))
    if _upwards(before, now):
        if there.path.rstrip("/").lower() in HOMES:
            return _suspect(Cause.REDIRECT_HOME, "redirected to the site's front page", kept, old.blocks)
        return _suspect(Cause.REDIRECT, "redirected to a page above it, without its text", kept, old.blocks)
    if _site(there.netloc) == _site(here.netloc):
        if says_so and kept < GONE:
            return _suspect(Cause.SOFT_404, "redirected to a page that says it was not found", kept, old.blocks)
        as_any = sibling is not None and urlsplit(sibling.final_url).path == there.path and _as_random(new, sibling)
        if as_any and kept < GONE and not _demands(old, new):
            return _suspect(Cause.SOFT_404, "redirected to where a random address is sent, too", kept, old.blocks)
    return Judgement(
        verdict=Verdict.UNCLEAR, cause=Cause.REDIRECT, likeness=kept, reasons=_say("redirected to another page")
    )


def _frame_only(old: Page, new: Page) -> bool:
    """The site's own frame around much less text. A wall brings its own frame, or scripts that were not there."""
    common = old.keys() & new.keys()
    fresh = sum(len(key) * count for key, count in (new.keys() - common).items())
    whole = sum(len(key) * count for key, count in (old.keys() - common).items())
    return _same_frame(old, new) and fresh < 0.3 * whole and not _demands(old, new)


def _demands(old: Page, new: Page) -> bool:
    """Whether the page runs scripts or asks for something that the old one did not: it may be a wall."""
    return not new.sources <= old.sources or new.asks > old.asks


def _emptied(old: Page, new: Page, kept: float) -> Judgement | None:
    if len(old.text) < 4 * EMPTY:
        return None
    fresh = sum(len(key) for key in (new.keys() - old.keys()).elements())
    if fresh <= LEFTOVER and not _demands(old, new):
        return _suspect(Cause.EMPTIED, "hardly any text is left", kept, old.blocks)
    # A challenge, a gate, a notice, or a page that is now built in the browser. Few characters can say much.
    return Judgement(
        verdict=Verdict.UNCLEAR,
        likeness=kept,
        removed=old.blocks,
        added=new.blocks,
        reasons=_say("hardly any text, but words, scripts or questions that were not there before: look at it"),
    )


def _elsewhere(before: Seen, now: Seen) -> bool:
    one, other = urlsplit(before.final_url or before.url), urlsplit(now.final_url or now.url)
    return (one.netloc.lower().removeprefix("www."), one.path.rstrip("/"), one.query) != (
        other.netloc.lower().removeprefix("www."),
        other.path.rstrip("/"),
        other.query,
    )


def _upwards(before: Seen, now: Seen) -> bool:
    """Whether we were sent to the front page or to a page above this one."""
    there, here = urlsplit(now.final_url), urlsplit(before.final_url or before.url)
    path = there.path.rstrip("/").lower()
    above = path in HOMES or here.path.lower().startswith(f"{path}/")
    return _elsewhere(before, now) and _site(there.netloc) == _site(here.netloc) and above


def _site(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")


def confirm(suspicion: Cause, checks: Sequence[Check], confirmations: int, *, needed: int = CONFIRMATIONS) -> bool:
    """Whether a suspicion may be called a removal: enough repeats, and no check missing or against it."""
    if confirmations < needed or not suspicion:
        return False
    asked = {check.kind: check.supports for check in checks}
    required = {CheckKind.CONTROL, CheckKind.SIBLING, CheckKind.BROWSER} | (asked.keys() & {CheckKind.SECOND_NETWORK})
    return all(asked.get(kind) is True for kind in required)
