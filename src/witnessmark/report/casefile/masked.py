"""Mask personal data before anything is shown, and keep a log of where.

The log names the file that holds the original by its digest, and the place in it. It gives no digest of what was
masked: a telephone number has so few digits that a digest would give it away to anybody who tries them all.
"""

import re
from collections.abc import Callable

import msgspec

from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, Side
from witnessmark.model.evidence import Event
from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.model.problem import Problem
from witnessmark.model.sighting import Moment, Timeline
from witnessmark.model.structure import Part, Structure
from witnessmark.redact import MASK, Redacted, redact

_RUN = re.compile(f"{MASK}+")


class Masked(Record, frozen=True, kw_only=True):
    """One masked place: in what, which field, characters from where, how many; and the file that holds the original."""

    subject: str
    field: str
    kind: str
    start: int
    length: int
    file: Sha256 | None
    offset: int | None


def masked_finding(finding: Finding, log: list[Masked]) -> Finding:
    """The finding with personal data masked in every text that comes from a file. Marked spans stay right."""
    where = finding.locator

    def clean(field: str, text: str) -> UntrustedText:
        return _clean(finding.id, field, text, where, log)

    return msgspec.structs.replace(
        finding,
        title=clean("title", finding.title),
        excerpt=clean("excerpt", finding.excerpt),
        gloss=clean("gloss", finding.gloss),
        rationale=clean("rationale", finding.rationale),
        context=tuple(clean("context", text) for text in finding.context),
        structure=_masked_structure(finding.structure, lambda text: clean("structure", text)),
        locator=msgspec.structs.replace(where, path=tuple(clean("path", step) for step in where.path)),
    )


def _masked_structure(structure: Structure | None, clean: Callable[[str], UntrustedText]) -> Structure | None:
    if structure is None:
        return None

    def maybe(text: str | None) -> UntrustedText | None:
        return None if text is None else clean(text)

    def part(one: Part) -> Part:
        return msgspec.structs.replace(
            one,
            name=clean(one.name),
            value=maybe(one.value),
            type=maybe(one.type),
            comment=maybe(one.comment),
        )

    return msgspec.structs.replace(
        structure,
        name=clean(structure.name),
        type=maybe(structure.type),
        parents=tuple(map(clean, structure.parents)),
        parts=tuple(map(part, structure.parts)),
        comments=tuple(map(clean, structure.comments)),
        neighbours=tuple(map(clean, structure.neighbours)),
        uses=tuple(map(clean, structure.uses)),
        aliases=tuple(map(clean, structure.aliases)),
        referred_by=tuple(msgspec.structs.replace(one, name=clean(one.name)) for one in structure.referred_by),
    )


def masked_change(change: Change, log: list[Masked]) -> Change:
    """The change with personal data masked on both sides."""

    def clean(side: Side | None) -> Side | None:
        if side is None:
            return None
        return msgspec.structs.replace(side, text=_clean(str(change.record), "text", side.text, side.locator, log))

    return msgspec.structs.replace(change, old=clean(change.old), new=clean(change.new))


def _clean(subject: str, field: str, text: str, where: Locator, log: list[Masked]) -> UntrustedText:
    result = redact(text)
    log_masked(log, subject, field, result, file=where.sha256, offset=where.offset)
    return result.text


def masked_text(log: list[Masked], subject: str, field: str, text: str, file: Sha256 | None = None) -> UntrustedText:
    """The text with personal data masked; `file` holds the original."""
    result = redact(text)
    log_masked(log, subject, field, result, file=file)
    return result.text


def log_masked(
    log: list[Masked], subject: str, field: str, result: Redacted, *, file: Sha256 | None, offset: int | None = None
) -> None:
    """Enter each masked place. What was masked before, when the file was scanned, stands there as a run of masks."""
    places = [(str(item.kind), item.start, item.length) for item in result.removed]
    new = {start for _, start, _ in places}
    places += [
        ("masked when scanned", run.start(), len(run.group()))
        for run in _RUN.finditer(result.text)
        if run.start() not in new
    ]
    for kind, start, length in sorted(places, key=lambda place: place[1]):
        log.append(
            Masked(subject=subject, field=field, kind=kind, start=start, length=length, file=file, offset=offset)
        )


def masked_event(event: Event, log: list[Masked]) -> Event:
    """A journal entry whose reason, text and addresses can be shown."""
    subject = f"journal entry {event.seq}"

    def clean(field: str, text: str) -> UntrustedText:
        return masked_text(log, subject, field, text)

    network = event.network
    if network is not None:
        network = msgspec.structs.replace(
            network,
            requested_url=clean("address", network.requested_url),
            final_url=clean("address", network.final_url),
            redirects=tuple(clean("address", url) for url in network.redirects),
        )
    return msgspec.structs.replace(
        event,
        reason=str(clean("reason", event.reason)),
        text=clean("text", event.text),
        network=network,
        outputs=tuple(msgspec.structs.replace(item, name=clean("name", item.name)) for item in event.outputs),
    )


def masked_timeline(timeline: Timeline, log: list[Masked]) -> Timeline:
    """The timeline with personal data masked in what pages and people said."""

    def clean(moment: Moment) -> Moment:
        subject = f"timeline {moment.at[:19]}"
        return msgspec.structs.replace(
            moment,
            url=masked_text(log, subject, "address", moment.url),
            says=masked_text(log, subject, "says", moment.says),
            passages=tuple(masked_text(log, subject, "passage", text) for text in moment.passages),
            checks=tuple(
                msgspec.structs.replace(check, says=masked_text(log, subject, "check", check.says))
                for check in moment.checks
            ),
        )

    return msgspec.structs.replace(
        timeline,
        moments=tuple(clean(moment) for moment in timeline.moments),
        removals=tuple((masked_text(log, "timeline", "address", url), gone) for url, gone in timeline.removals),
    )


def masked_problem(problem: Problem, log: list[Masked]) -> Problem:
    """The gap with personal data masked in its message."""
    where = problem.locator.sha256 if problem.locator is not None else None
    message = masked_text(log, f"gap {problem.code}", "message", problem.message, where)
    return msgspec.structs.replace(problem, message=message)
