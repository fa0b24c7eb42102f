"""What a watched page said before and after, side by side, from the bytes that the case keeps."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from witnessmark.case import Case
from witnessmark.model.capture import Capture
from witnessmark.model.evidence import Event, EventKind, Item
from witnessmark.model.fact import UntrustedText
from witnessmark.model.sighting import Sighting, Verdict
from witnessmark.report.casefile.pages import PageChange, PageRow
from witnessmark.watch.page import MOST_BYTES, Page, read_page

_CHANGES = (Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.REMOVED, Verdict.MOVED)
MOST_CHANGES = 20
MOST_BLOCKS = 1_500
AROUND = 2
"""Unchanged blocks that are shown on each side of a change."""


def page_changes(case: Case) -> tuple[PageChange, ...]:
    """One for each recorded look that found a change, where the case holds the page as it was before."""
    found: list[PageChange] = []
    last: dict[str, tuple[str, Item]] = {}
    reported: dict[str, Verdict] = {}
    for event in case.events():
        if event.type is EventKind.CAPTURED:
            _remember(case, event, last)
        if event.type is not EventKind.SIGHTED or event.payload_type != "Sighting":
            continue
        look = case.payload(event, Sighting)
        now = next((item for item in event.outputs if item.role == "page"), None)
        before = last.get(look.url)
        again = reported.get(look.url) is Verdict.REMOVED and look.verdict is Verdict.REMOVED
        if look.verdict in _CHANGES and before is not None and not again and len(found) < MOST_CHANGES:
            change = _compare(case, look, before, now)
            if change is not None:
                found.append(change)
        reported[look.url] = look.verdict
        if now is not None and look.verdict in (Verdict.SAME, Verdict.CHANGED, Verdict.SECTION_REMOVED):
            last[look.url] = (look.at, now)
    return tuple(found)


def _remember(case: Case, event: Event, last: dict[str, tuple[str, Item]]) -> None:
    """A capture counts as what stood there before only where no look kept the page itself."""
    if event.payload_type != "Capture":
        return
    capture = case.payload(event, Capture)
    document = next((item for item in event.outputs if item.role == "dom"), None)
    if document is not None and (capture.status or 0) < 400:
        last.setdefault(capture.url, (capture.ended_at, document))


def _compare(case: Case, look: Sighting, before: tuple[str, Item], now: Item | None) -> PageChange | None:
    old = _page(case, before[1])
    new = _page(case, now) if now is not None else None
    texts = [block.text for block in old.blocks[:MOST_BLOCKS]]
    after = [block.text for block in new.blocks[:MOST_BLOCKS]] if new is not None else []
    rows = tuple(_rows(texts, after))
    if all(row.unchanged for row in rows):
        return None
    return PageChange(
        url=look.url,
        verdict=look.verdict,
        before_at=before[0],
        after_at=look.at,
        status=look.status,
        before=before[1].digest,
        after=now.digest if now is not None else None,
        rows=rows,
        cut=len(old.blocks) > MOST_BLOCKS or (new is not None and len(new.blocks) > MOST_BLOCKS),
    )


def _page(case: Case, item: Item) -> Page:
    return read_page(case.blob(item.digest).read(0, MOST_BYTES))


def _rows(old: list[str], new: list[str]) -> Iterator[PageRow]:
    """Aligned blocks; of a long unchanged run only its edges, and how many stand between."""
    for how, begin, end, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how != "equal":
            left, right = old[begin:end], new[start:stop]
            for at in range(max(len(left), len(right))):
                yield PageRow(
                    old=UntrustedText(left[at]) if at < len(left) else None,
                    new=UntrustedText(right[at]) if at < len(right) else None,
                )
            continue
        run = old[begin:end]
        head = run[:AROUND] if begin else []
        tail = run[max(len(head), len(run) - AROUND) :]
        yield from (PageRow(old=UntrustedText(text), new=UntrustedText(text)) for text in head)
        if len(run) > len(head) + len(tail):
            yield PageRow(left_out=len(run) - len(head) - len(tail))
        yield from (PageRow(old=UntrustedText(text), new=UntrustedText(text)) for text in tail)
