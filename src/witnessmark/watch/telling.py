"""What is told of news, in words: one alarm, and the day's digest."""

from collections.abc import Sequence

import msgspec

from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.sighting import Interval, Sighting, Verdict

_PASSAGES = 20
_PASSAGE = 400
_SAYS = {
    Verdict.CHANGED: "has changed",
    Verdict.SECTION_REMOVED: "has lost a passage",
    Verdict.MOVED: "has moved",
    Verdict.REMOVED: "is gone",
    Verdict.SAME: "is there again",
    Verdict.BLOCKED: "is walled off for us",
    Verdict.UNREACHABLE: "does not answer",
    Verdict.UNCLEAR: "cannot be judged",
}


class Message(Record, frozen=True, kw_only=True):
    """One thing to tell. `mark` is the same whenever this is told again, so that a receiver can drop a repeat."""

    mark: str
    subject: UntrustedText
    text: UntrustedText
    sighting: Sighting | None = None
    interval: Interval | None = None


def alarm(sighting: Sighting, interval: Interval | None, mark: str) -> Message:
    """Say what one look showed."""
    lines = [
        sighting.url,
        "",
        f"Seen at {sighting.at} (UTC): {sighting.verdict}, {sighting.cause or 'no cause given'}.",
    ]
    lines += [f"  {reason}" for reason in sighting.reasons]
    if interval is not None:
        lines.append(f"Last seen present {interval.last_present}, first seen absent {interval.first_absent} (UTC).")
    lines += [f"  check {check.kind}: {_held(check.supports)}; {check.says}" for check in sighting.checks]
    if sighting.removed_text:
        lines += ["", "Text that is gone:", *_passages(sighting.removed_text, "-")]
    if sighting.added_text:
        lines += ["", "Text that is new:", *_passages(sighting.added_text, "+")]
    lines += ["", "Who changed it, and why, is not shown by this."]
    says = "seems to be gone, not confirmed" if sighting.suspects is not None else _SAYS[sighting.verdict]
    subject = f"A watched page {says}: {sighting.url}"
    return Message(
        mark=mark,
        subject=UntrustedText(subject[:300]),
        text=UntrustedText("\n".join(lines)),
        sighting=sighting,
        interval=interval,
    )


def digest(sightings: Sequence[Sighting], day: str, watched: int, mark: str) -> Message:
    """Say what the looks of one day showed, news first; quiet pages are only counted."""
    news = [item for item in sightings if item.verdict in (Verdict.CHANGED, Verdict.SECTION_REMOVED, Verdict.MOVED)]
    gone: dict[str, Sighting] = {}
    for item in sightings:
        if item.verdict is Verdict.REMOVED:
            gone.setdefault(item.url, item)
    trouble: dict[str, Sighting] = {}
    for item in sightings:
        if item.verdict in (Verdict.BLOCKED, Verdict.UNREACHABLE, Verdict.UNCLEAR):
            trouble[item.url] = item
        else:
            trouble.pop(item.url, None)
    lines = [f"{day} (UTC): {len(sightings)} looks, {watched} addresses watched.", ""]
    lines += _listing("Gone", [*gone.values()])
    lines += _listing("Changed", news)
    lines += _listing("Not seen at the last look of the day", [*trouble.values()])
    if not (news or gone or trouble):
        lines.append("Nothing changed at any look.")
    subject = f"Watched pages, {day}: {len(gone)} gone, {len(news)} changes, {len(trouble)} not seen"
    return Message(mark=mark, subject=UntrustedText(subject), text=UntrustedText("\n".join(lines)))


def as_json(message: Message) -> bytes:
    """For a webhook or a program."""
    return msgspec.json.encode(message)


def _listing(title: str, items: Sequence[Sighting]) -> list[str]:
    if not items:
        return []
    shown = [f"  {item.at}  {item.verdict} {item.suspects or item.cause}  {item.url}" for item in items[:200]]
    return [f"{title}:", *shown, *([f"  … and {len(items) - 200} more"] if len(items) > 200 else []), ""]


def _passages(texts: Sequence[str], sign: str) -> list[str]:
    shown = [f"  {sign} {text[:_PASSAGE]}" for text in texts[:_PASSAGES]]
    return [*shown, f"  … and {len(texts) - _PASSAGES} more"] if len(texts) > _PASSAGES else shown


def _held(supports: bool | None) -> str:
    return {True: "agrees", False: "contradicts", None: "could not tell"}[supports]
