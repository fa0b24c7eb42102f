"""A timeline as text, as a page and as JSON."""

import msgspec

from witnessmark.model.sighting import Interval, Moment, Timeline
from witnessmark.report.escape import terminal
from witnessmark.report.page import page
from witnessmark.report.wording import Say

_NOTE = "Times are UTC. Who changed a page, and why, is not shown by this."
_MOST = 50
HELD = {True: "agrees", False: "contradicts", None: "could not tell"}


def interval_in_words(interval: Interval, say: Say = str) -> str:
    """When something went, in one sentence; `say` turns our words into the reader's language."""
    said = say("gone between {present} and {absent}").format(
        present=interval.last_present, absent=interval.first_absent
    )
    if interval.clock_moved:
        length = say("our clock was set back in between, so the length is not known")
    else:
        length = f"{interval.seconds:g} s"
    confirmed = say("confirmed {at}").format(at=interval.confirmed) if interval.confirmed else say("not confirmed")
    offsets = [f"{offset:+.1f} s" if offset is not None else say("not sent") for offset in interval.offsets]
    clock = say("our clock less the server's: {first}, then {second}").format(first=offsets[0], second=offsets[1])
    return f"{said} ({length}), {confirmed}; {clock}"


def to_seconds(at: str) -> str:
    """A moment without its fraction; the JSON has it whole."""
    return at[:19].replace("T", " ")


def as_text(timeline: Timeline) -> str:
    """For a terminal."""
    lines = [terminal(timeline.title), "", *(terminal(text) for text in timeline.milestones)]
    lines += [""] if timeline.milestones else []
    for moment in timeline.moments:
        lines.append(f"{terminal(to_seconds(moment.at)):<22}{terminal(moment.kind):<18}{terminal(moment.url)}")
        lines.append(f"    {terminal(moment.says)}")
        lines += [f"    check {check.kind}: {HELD[check.supports]}; {terminal(check.says)}" for check in moment.checks]
        lines += [f"    − {terminal(passage)}" for passage in moment.passages[:_MOST]]
        lines += _more(moment)
    lines += [""] + [f"{terminal(url)}: {terminal(interval_in_words(gone))}" for url, gone in timeline.removals]
    return "\n".join([*lines, _NOTE]) + "\n"


def _more(moment: Moment) -> list[str]:
    over = len(moment.passages) - _MOST
    return [f"    … and {over} more passages"] if over > 0 else []


def as_html(timeline: Timeline) -> bytes:
    """A page that loads and runs nothing."""
    return page(
        "timeline.html", timeline=timeline, note=_NOTE, in_words=interval_in_words, held=HELD, to_seconds=to_seconds
    )


def as_json(timeline: Timeline) -> str:
    """The record."""
    return msgspec.json.format(msgspec.json.encode(timeline), indent=2).decode() + "\n"
