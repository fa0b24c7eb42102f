"""What stands where the page was, when little of its text is left: a wall, a notice, a frame without a picture."""

from urllib.parse import urlsplit

from rapidfuzz import fuzz

from witnessmark.model.sighting import Cause, Verdict
from witnessmark.watch.judgement import Around, Judgement, Seen, elsewhere, say, site, suspect, upwards
from witnessmark.watch.notices import GATE, HOME, SHORT, WAY_BACK, Fresh, Notice, fresh, notice_of, without_locale
from witnessmark.watch.page import Block, Page, share_kept

GONE = 0.25  # of the old text: not that page any more
SAME_TEMPLATE = 0.8  # likeness to the site's own not-found page
EMPTY = 40  # characters of text
REMARK = 250  # characters of new text in the site's frame: a remark in any language, not a page
NONE_LEFT = 0.95  # of its own text must be gone; where some is left the page was cut
CONTENT = 200  # characters of its own that a page must have had to be called emptied
SUBSTANTIAL = 500  # characters of text of its own: an ordinary page, not a gate
_ALIKE = 75  # percent: the same sentence with another address or name in it

_GUARDED = {
    Notice.ROBOT: (Verdict.BLOCKED, Cause.CAPTCHA, "a check for robots or a firewall's refusal stands there"),
    Notice.REGION: (Verdict.BLOCKED, Cause.REGION, "the page speaks of a country or region: perhaps not for this one"),
    Notice.LOGIN: (Verdict.BLOCKED, Cause.LOGIN, "a login or subscription is asked for there"),
    Notice.CONSENT: (Verdict.BLOCKED, Cause.CONSENT, "a question stands there that a visitor must answer first"),
    Notice.PARKED: (Verdict.UNREACHABLE, Cause.PARKED, "a host's or domain seller's page stands there"),
    Notice.MAINTENANCE: (Verdict.UNREACHABLE, Cause.MAINTENANCE, "a notice of maintenance or of a pause stands there"),
}
_FIRM = frozenset({Notice.ROBOT, Notice.REGION, Notice.PARKED})


def guarded(notice: Notice | None, kept: float | None) -> Judgement | None:
    """The verdict on something that stands before a page rather than in its place."""
    if notice is None or notice not in _GUARDED:
        return None
    verdict, cause, why = _GUARDED[notice]
    return Judgement(
        verdict=verdict, cause=cause, likeness=kept if verdict is Verdict.BLOCKED else None, reasons=say(why)
    )


def read_fresh(old: Page | None, new: Page, around: Around) -> Fresh:
    """What the page says that neither the old page nor the site's frame said."""
    frame = [page for page in (old, around.control) if page is not None]
    return fresh(new, frame, [*frame, *around.pages])


def page_for_file(before: Seen, now: Seen, page: Page, around: Around) -> Judgement:
    """A web page stands where a file was: withdrawn, or a gate before it."""
    new = read_fresh(None, page, around)
    notice = notice_of(new)
    random_too = _as_random(None, page, around)
    wall = guarded(notice, 0.0)
    if wall is not None and (notice in _FIRM or new.password or not random_too):
        return wall
    if _gate(now):
        why = "redirected to an address that looks like a login or a check"
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.LOGIN, likeness=0.0, reasons=say(why))
    if upwards(before, now) or (_same_site(before, now) and (notice is Notice.GONE or random_too)):
        return suspect(Cause.WITHDRAWN, "a web page stands where the file was", 0.0)
    return Judgement(
        verdict=Verdict.UNCLEAR, likeness=0.0, reasons=say("a web page stands where the file was: look at it")
    )


def not_that_page(before: Seen, old: Page, now: Seen, new: Page, around: Around, kept: float) -> Judgement | None:
    """What stands there instead, when little of the old text is left; None if that is a page of its own."""
    words = read_fresh(old, new, around)
    notice = notice_of(words)
    random_too = kept < GONE and _as_random(old, new, around)
    wall = guarded(notice, kept)
    # A gate that a random address gets as well, as it did at the first look, is how this site says no; but a password
    # field, a wall or a word about the country may still be meant for whoever asks.
    if wall is not None and (notice in _FIRM or words.password or not random_too):
        return wall
    if elsewhere(before, now):
        return _redirected(before, old, now, new, around, kept, notice)
    if kept >= GONE:
        return None
    if random_too:
        return suspect(Cause.SOFT_404, "the site answers a random address with the same page", kept, old.blocks)
    if notice is Notice.GONE:
        return suspect(Cause.SOFT_404, "the page says that it was not found", kept, old.blocks)
    if len(new.text) < EMPTY:
        return _emptied(old, new, kept)
    if notice is not Notice.UNAVAILABLE and _frame_only(old, new, around):
        return _left_by(old, new, around, kept)
    if not _same_frame(old, new, around):
        # A gate, a notice or a new page: without a frame in common nothing tells them apart.
        return _another(old, new, kept, "quite another page stands there: look at it")
    if notice is Notice.UNAVAILABLE:
        return _another(old, new, kept, "the page says that it is not to be had, not whether for good: look at it")
    return None


def _left_by(old: Page, new: Page, around: Around, kept: float) -> Judgement:
    """The site's frame stands, and hardly any text in it."""
    if not _demands(old, new, around):
        return suspect(Cause.EMPTIED, "only the site's frame and little else is left", kept, old.blocks)
    why = "little text, but scripts, questions, a document, frame or picture that were not there before: look at it"
    return _another(old, new, kept, why)


def _another(old: Page, new: Page, kept: float, why: str) -> Judgement:
    return Judgement(
        verdict=Verdict.UNCLEAR, likeness=kept, removed=old.blocks, added=new.blocks, reasons=say(why)
    )  # fmt: skip


def _same_site(before: Seen, now: Seen) -> bool:
    return site(urlsplit(now.final_url).netloc) == site(urlsplit(before.final_url or before.url).netloc)


def _same_frame(old: Page, new: Page, around: Around) -> bool:
    known = old.keys() | (around.control.keys() if around.control is not None else old.keys())
    return sum(1 for key in known.keys() & new.keys() if len(key) >= 4) >= 3


def _as_random(old: Page | None, new: Page, around: Around) -> bool:
    """Whether the page is what a random address gets, apart from the frame that both share with the old page."""
    sibling = around.sibling
    if sibling is None or sibling.page is None or sibling.status not in (200, 404, 410):
        return False
    frame = {block.key for page in (old, around.control) if page is not None for block in page.whole}
    mine = [block for block in new.whole if block.key not in frame]
    theirs = [block for block in sibling.page.whole if block.key not in frame]
    if not mine or not theirs:
        return not mine and not theirs and share_kept(new.keys(), sibling.page.keys()) >= SAME_TEMPLATE
    return _found_in(mine, theirs) >= SAME_TEMPLATE and _found_in(theirs, mine) >= SAME_TEMPLATE


def _found_in(some: list[Block], others: list[Block]) -> float:
    """The share of some text, by length, that others have, too, but for an address or a name in it."""
    keys = {block.key for block in others}
    whole = sum(len(block.key) for block in some[:300])
    found = sum(len(block.key) for block in some[:300] if block.key in keys or _like_any(block, others))
    return found / whole if whole else 0.0


def _like_any(block: Block, others: list[Block]) -> bool:
    return any(fuzz.ratio(block.key, other.key) >= _ALIKE for other in others[:300])


def _gate(now: Seen) -> bool:
    there = urlsplit(now.final_url)
    return GATE.search(f"{there.netloc}{there.path}") is not None or WAY_BACK.search(there.query) is not None


def _redirected(
    before: Seen, old: Page, now: Seen, new: Page, around: Around, kept: float, notice: Notice | None
) -> Judgement:
    """Sent elsewhere, and most of the text is not there."""
    there, here = urlsplit(now.final_url), urlsplit(before.final_url or before.url)
    if _gate(now):
        why = "redirected to an address that looks like a login, a check or a choice to be made first"
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.LOGIN, likeness=kept, reasons=say(why))
    if not _same_site(before, now):
        return _odd(kept, f"redirected to another host, {there.netloc}, without the old text")
    if upwards(before, now):
        if HOME.match(there.path):
            return suspect(Cause.REDIRECT_HOME, "redirected to a front page of the site", kept, old.blocks)
        return suspect(
            Cause.REDIRECT, f"redirected to a page above it, where {kept:.0%} of its text stands", kept, old.blocks
        )
    if without_locale(there.path.rstrip("/")) == without_locale(here.path.rstrip("/")):
        return _odd(kept, "redirected to the same page in another language or for another country")
    if kept >= GONE:
        return _odd(kept, f"redirected to another page, with {kept:.0%} of the old text")
    if notice is Notice.GONE:
        return suspect(Cause.SOFT_404, "redirected to a page that says it was not found", kept, old.blocks)
    as_any = around.sibling is not None and urlsplit(around.sibling.final_url).path == there.path
    if as_any and _as_random(old, new, around) and not _demands(old, new, around):
        return suspect(Cause.SOFT_404, "redirected to where a random address is sent, too", kept, old.blocks)
    if _ordinary(old, new, around) and not as_any:
        why = f"redirected to another page of the site, where {kept:.0%} of the old text stands"
        return suspect(Cause.REDIRECT, why, kept, old.blocks)
    return _odd(kept, "redirected to another page")


def _odd(kept: float, why: str) -> Judgement:
    return Judgement(verdict=Verdict.UNCLEAR, cause=Cause.REDIRECT, likeness=kept, reasons=say(why))


def _ordinary(old: Page, new: Page, around: Around) -> bool:
    """A page of this site, in the site's frame, with a good deal of text of its own."""
    known = set(old.keys()) | set(around.control.keys() if around.control is not None else ())
    own = sum(len(block.text) for block in new.blocks if block.key not in known)
    return _same_frame(old, new, around) and own >= SUBSTANTIAL and not new.password


def _frame_only(old: Page, new: Page, around: Around) -> bool:
    """The site's own frame around much less text.

    Where the old page's own headings still stand it was cut, not emptied.
    """
    frame = frozenset(block.key for page in around.pages for block in page.blocks)
    own = [block for block in old.blocks if block.key not in frame]
    heads = {block.key for block in own if "/h1" in block.path or "/h2" in block.path}
    there = new.keys()
    whole = sum(len(block.key) for block in own)
    lost = sum(len(block.key) for block in own if block.key not in there)
    if heads & set(there) or lost < CONTENT or lost < NONE_LEFT * whole:
        return False
    more = sum(_amount(key) * count for key, count in (there - old.keys()).items() if key not in frame)
    beside = {block.key for page in (old, *around.pages) for block in page.aside}
    more += sum(_amount(block.key) for block in new.aside if block.key not in beside)
    little = more < min(0.3 * lost, REMARK) and _same_frame(old, new, around)
    return little or more == 0


def _amount(text: str) -> int:
    """How much a text says, in letters of an alphabet: a Chinese, Japanese or Korean sign stands for about three."""
    return len(text) + 2 * sum(1 for char in text if "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3")


def _demands(old: Page, new: Page, around: Around) -> bool:
    """Whether the page runs, shows or asks for something that neither the old one nor the site did: perhaps a wall, or
    the same text in a document, a frame or a picture."""
    pages = (old, *around.pages)
    known = frozenset[str]().union(*(page.sources for page in pages))
    return not new.sources <= known or new.asks > max(page.asks for page in pages)


def _emptied(old: Page, new: Page, kept: float) -> Judgement | None:
    if len(old.text) < 4 * EMPTY:
        return None
    # One sign can say "forbidden" in Chinese, so any letter counts, in the title, too.
    title = new.title if new.title != old.title else ""
    more = any(char.isalnum() for key in (title, *(new.keys() - old.keys())) for char in key)
    if not more and not _demands(old, new, Around()):
        return suspect(Cause.EMPTIED, "hardly any text is left", kept, old.blocks)
    # A challenge, a gate, a notice, or a page that is now built in the browser. Few characters can say much.
    return _another(
        old, new, kept, "hardly any text, but words, scripts or questions that were not there before: look at it"
    )


__all__ = [
    "EMPTY",
    "GONE",
    "SAME_TEMPLATE",
    "SHORT",
    "_as_random",
    "guarded",
    "not_that_page",
    "page_for_file",
    "read_fresh",
]
