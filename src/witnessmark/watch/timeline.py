"""What became of a watched address, in order, and the interval in which it went."""

from collections.abc import Sequence
from datetime import datetime

from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.sighting import Interval, Sighting, Verdict


class Moment(Record, frozen=True, kw_only=True):
    """One line of a timeline; `kind` is the verdict, or the kind of another event of the case."""

    at: str
    kind: str
    url: UntrustedText
    says: UntrustedText
    passages: tuple[UntrustedText, ...] = ()


def moments(sightings: Sequence[Sighting]) -> tuple[Moment, ...]:
    """The first look and every look whose verdict or content differs from the one before, oldest first."""
    out: list[Moment] = []
    last: dict[str, tuple[object, ...]] = {}
    for item in sightings:
        state = (item.verdict, item.cause, item.digest if item.verdict in _WITH_NEWS else None, item.suspects)
        if last.get(item.url) == state:
            continue
        last[item.url] = state
        says = "; ".join(item.reasons) or str(item.cause or item.verdict)
        out.append(
            Moment(at=item.at, kind=item.verdict, url=item.url, says=UntrustedText(says), passages=item.removed_text)
        )
    return tuple(out)


_WITH_NEWS = frozenset({Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED})
_PRESENT = frozenset({Verdict.SAME, Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED})


def removal(sightings: Sequence[Sighting]) -> Interval | None:
    """The interval of the last confirmed removal of one address, from its own looks alone; None if there is none."""
    confirmed = next((item for item in reversed(sightings) if item.verdict is Verdict.REMOVED), None)
    if confirmed is None:
        return None
    before = [item for item in sightings if item.at <= confirmed.at]
    index = max((n for n, item in enumerate(before) if item.verdict in _PRESENT), default=None)
    if index is None:
        return None
    absent = next(item for item in before[index + 1 :] if item.suspects is not None or item.verdict is Verdict.REMOVED)
    first = next(item for item in before if item.verdict is Verdict.REMOVED and item.at > before[index].at)
    return Interval(
        last_present=before[index].at,
        first_absent=absent.at,
        confirmed=first.at,
        seconds=round(_seconds(before[index].at, absent.at), 3),
    )


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
