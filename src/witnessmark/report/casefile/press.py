"""A page of plain text for an editor: what the files contain, how sure that is, and what may not be said."""

import textwrap

from witnessmark.model.case import Verdict
from witnessmark.model.evidence import EventKind
from witnessmark.model.finding import Finding
from witnessmark.report import wording
from witnessmark.report.casefile.dossier import Dossier
from witnessmark.report.escape import lines, terminal

WIDTH = 96
MOST = 10
MOST_LINES = 5


def render_press(dossier: Dossier) -> bytes:
    """The summary. It repeats no more than the report says."""
    vendor = terminal(dossier.head.vendor) or "vendor not stated"
    out = [
        f"{terminal(dossier.head.title)} ({vendor})",
        f"As of {dossier.at[:19]}Z. Draft for an editor; check it against the report.",
        "",
    ]
    if not dossier.findings:
        out += _wrapped(
            "Nothing was found in what could be read. This does not show that a product has no such capability."
        )
    for number, finding in enumerate(dossier.findings[:MOST], 1):
        out += _wrapped(f"{number}. The file contains: {finding.title}.")
        out += [f"   | {line[:300]}".rstrip() for line in _marked_lines(finding)]
        if finding.gloss:
            out += _wrapped(f"In English: {finding.gloss}", "   ")
        out += _wrapped(f"In: {wording.way_in(finding.locator)} ({wording.place(finding.locator)}).", "   ")
        out += _wrapped(f"Grade: {finding.grade}, that is: {wording.GRADE_MEANS[finding.grade]}.", "   ")
        out += _wrapped(f"It does not show: {finding.not_shown}", "   ")
        out += _wrapped(f"Innocent reading: {finding.innocent}", "   ")
        opinions = dossier.states[finding.id].opinions
        agreed = sum(1 for item in opinions if item.verdict is Verdict.AGREE)
        said = f"{agreed} of {len(opinions)} reviews agree." if opinions else "Nobody else has reviewed it yet."
        out += [*_wrapped(said, "   "), ""]
    if len(dossier.findings) > MOST:
        out += [f"{len(dossier.findings) - MOST} more are in the report.", ""]
    out += [
        *_reply(dossier),
        *_removals(dossier),
        *_listings(dossier),
        "",
        "What may not be said on this ground alone:",
    ]
    for text in (
        "that the product does this, that anybody uses it, or that it works",
        "who wrote or changed a file, or why",
        "that a law is broken; provisions in the report may be relevant, a lawyer has to say",
        "that a product without findings has no such capability",
    ):
        out += _wrapped(f"- {text}", "  ")
    missing = [point.title for point in dossier.points if point.missing]
    if missing:
        out += ["", "Still missing before publication:", *(f"  - {terminal(title)}" for title in missing)]
    return ("\n".join(out) + "\n").encode()


def _reply(dossier: Dossier) -> list[str]:
    asked = [event for event in dossier.replies if event.type is EventKind.CONTACTED]
    answers = [event for event in dossier.replies if event.type in (EventKind.ANSWERED, EventKind.NO_ANSWER)]
    if not asked:
        return ["The vendor was not asked yet."]
    if not answers:
        return [f"The vendor was asked on {asked[-1].t_utc[:10]}; no answer is recorded yet."]
    last = answers[-1]
    if last.type is EventKind.NO_ANSWER:
        return [f"The vendor was asked on {asked[-1].t_utc[:10]} and did not answer in the time given."]
    return [f"The vendor was asked on {asked[-1].t_utc[:10]} and answered:", *_wrapped(last.text[:3000], "   | ")]


def _marked_lines(finding: Finding) -> list[str]:
    """The lines of the original that hold marked words, or its first ones."""
    rows = lines(finding.excerpt)
    ends = [finding.excerpt.count("\n", 0, start) for start, _ in finding.marked]
    held = sorted({row for row in ends if row < len(rows)})[:MOST_LINES]
    return [rows[row] for row in held] or rows[:MOST_LINES]


def _removals(dossier: Dossier) -> list[str]:
    out: list[str] = []
    for url, gone in (dossier.timeline.removals if dossier.timeline else ())[:MOST]:
        said = f"The page {url} was last seen at {gone.last_present} and was first not there at {gone.first_absent}"
        sure = ", which was checked again" if gone.confirmed else ", which was not confirmed"
        out += ["", *_wrapped(f"{said}{sure}. Who took it away, and why, is not known.")]
    return out


def _listings(dossier: Dossier) -> list[str]:
    """Entries that a person holds for the firm; a mere candidate is not for print."""
    out: list[str] = []
    for moment in dossier.timeline.moments if dossier.timeline else ():
        if moment.kind in ("listed", "no-longer-listed"):
            out += ["", *_wrapped(f"{moment.at}: {moment.says}. Check the list itself before printing.")]
    return out[: 4 * MOST]


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(terminal(text), WIDTH, initial_indent=indent, subsequent_indent=indent)
