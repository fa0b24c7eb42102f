"""Mask personal data before anything is shown, and keep a log of where.

The log names the file that holds the original by its digest, and the place in it. It gives no digest of what was
masked: a telephone number has so few digits that a digest would give it away to anybody who tries them all.
"""

import re

import msgspec

from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, Side
from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.redact import MASK, redact

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
    places = [(str(item.kind), item.start, item.length) for item in result.removed]
    new = {start for _, start, _ in places}
    # What was masked when the file was scanned stands there as a run of mask characters.
    places += [
        ("masked when scanned", run.start(), len(run.group())) for run in _RUN.finditer(text) if run.start() not in new
    ]
    for kind, start, length in sorted(places, key=lambda place: place[1]):
        log.append(
            Masked(
                subject=subject,
                field=field,
                kind=kind,
                start=start,
                length=length,
                file=where.sha256,
                offset=where.offset,
            )
        )
    return result.text
