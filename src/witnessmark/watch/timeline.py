"""What became of a watched address, in order, and the interval in which it went."""

from collections.abc import Sequence
from datetime import UTC, datetime

from witnessmark.model.fact import UntrustedText
from witnessmark.model.sighting import Cause, Interval, Moment, Sighting, Verdict


def moments(sightings: Sequence[Sighting]) -> tuple[Moment, ...]:
    """The first look and every look whose verdict or content differs from the one before, oldest first."""
    out: list[Moment] = []
    last: dict[str, tuple[object, ...]] = {}
    for item in sightings:
        there = item.verdict in _PRESENT
        state = (there,) if item.verdict is Verdict.SAME else (there, item.verdict, item.cause, item.suspects)
        news = (*state, item.digest) if item.verdict in _WITH_NEWS else state
        before = last.get(item.url)
        # After a change the next look finds the changed page: the same, and no line of its own.
        quiet = before is not None and (news == before or (item.verdict is Verdict.SAME and before[0] is True))
        last[item.url] = news
        if quiet:
            continue
        says = "; ".join(item.reasons) or str(item.cause or item.verdict)
        out.append(
            Moment(
                at=item.at,
                kind=item.verdict,
                url=item.url,
                says=UntrustedText(says),
                passages=item.removed_text,
                checks=item.checks,
                cause=item.cause,
            )
        )
    return tuple(out)


_WITH_NEWS = frozenset({Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED})
_PRESENT = frozenset({Verdict.SAME, Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED})


def was_there(sighting: Sighting) -> bool:
    """Whether this look saw the page, itself or by other means."""
    return sighting.verdict in _PRESENT or sighting.cause is Cause.OTHER_CLIENT


def removal(sightings: Sequence[Sighting]) -> Interval | None:
    """The interval of the last confirmed removal of one address, from its own looks alone; None if there is none.

    `sightings` are in the order of the looks, which is what counts: a clock may be set in between.
    """
    last = max((n for n, item in enumerate(sightings) if item.verdict is Verdict.REMOVED), default=None)
    if last is None:
        return None
    index = max((n for n in range(last) if was_there(sightings[n])), default=None)
    if index is None:
        return None
    after = sightings[index + 1 : last + 1]
    present = sightings[index]
    absent = next(item for item in after if item.suspects is not None or item.verdict is Verdict.REMOVED)
    first = next(item for item in after if item.verdict is Verdict.REMOVED)
    seconds = (datetime.fromisoformat(absent.at) - datetime.fromisoformat(present.at)).total_seconds()
    return Interval(
        last_present=present.at,
        first_absent=absent.at,
        confirmed=first.at,
        seconds=round(seconds, 3),
        offsets=(present.clock_offset, absent.clock_offset),
        clock_moved=seconds < 0,
    )


def milestones(
    moments: Sequence[Moment], removals: Sequence[tuple[UntrustedText, Interval]]
) -> tuple[UntrustedText, ...]:
    """Contact, first change, replaced download, removal and list entries, each in one sentence, in order of time.

    The time since the vendor was first asked is counted, not explained: that one came after the other is no cause.
    """
    asked = min((item.at for item in moments if item.kind == "contacted"), default="")
    changes = [item for item in moments if item.kind in _WITH_NEWS]
    found: list[tuple[str, str]] = [(asked, f"{asked}: the vendor was first asked")] if asked else []
    for item in changes[:1]:
        found.append((item.at, f"{item.at}: first change seen, {item.kind}, {item.url}{_after(asked, item.at)}"))
    later = [item for item in changes if asked and _moment(item.at) >= _moment(asked)]
    if later and later[0] is not changes[0]:
        at = later[0].at
        found.append((at, f"{at}: first change after the contact, {later[0].kind}, {later[0].url}{_after(asked, at)}"))
    for item in [item for item in changes if item.cause == Cause.REPLACED][:5]:
        found.append((item.at, f"{item.at}: a download was replaced, {item.url}{_after(asked, item.at)}"))
    for url, gone in removals:
        when = f"gone between {gone.last_present} and {gone.first_absent}"
        found.append((gone.first_absent, f"{gone.first_absent}: {url} {when}{_after(asked, gone.first_absent)}"))
    for item in [item for item in moments if item.kind in ("listed", "no-longer-listed")][:20]:
        found.append((item.at, f"{item.at}: {item.says}"))
    return tuple(UntrustedText(text) for _, text in sorted(found))


def _after(asked: str, at: str) -> str:
    if not asked:
        return ""
    seconds = (_moment(at) - _moment(asked)).total_seconds()
    size = abs(seconds)
    text = f"{size:.0f} s" if size < 120 else f"{size / 60:.0f} min" if size < 7200 else f"{size / 3600:.1f} h"
    text = text if size < 172_800 else f"{size / 86_400:.0f} days"
    return f" ({text} {'after' if seconds >= 0 else 'before'} the vendor was first asked)"


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
