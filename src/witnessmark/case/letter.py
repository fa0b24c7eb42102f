"""The no-surprises letter: what was found, in its own words, with time to answer. A draft; a person sends it."""

from collections.abc import Sequence
from textwrap import wrap

from witnessmark.case.clock import parse_utc
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.redact import redact

MAX_EXCERPT = 600
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def draft(vendor: str, findings: Sequence[Finding], *, sender: str, deadline: str, collected: Sequence[str]) -> str:
    """The letter as plain text. Personal data in excerpts is masked; nothing is claimed beyond what a file contains."""
    parts = [
        f"To: {vendor or '[name of the company, press or compliance office]'}",
        f"From: {sender or '[your name, organisation, and how to reach you]'}",
        "Subject: Request for comment before publication",
        "",
        "We have examined material that appears to come from your company and intend to publish what it holds.",
        "Before we do, we ask for your comment, so that your answer can be part of what we publish.",
        "",
        "What we examined (SHA-256, so that you can tell which version):",
        *(f"  - {line}" for line in collected),
        "",
        "What the material contains:",
    ]
    for number, finding in enumerate(findings, 1):
        parts += ["", *_one(number, finding)]
    parts += [
        "",
        "We ask you:",
        "  1. Is the material genuine, and is it current? If it is not yours, whose is it?",
        "  2. What is each of the items above for? Who asked for it, and which customers can use it?",
        "  3. Is it, or was it ever, in use? Where, and on what data was it developed?",
        "  4. Is there an innocent explanation that we have not considered? We list the one we know with each item.",
        "  5. What do you intend to do about it?",
        "",
        f"Please answer by {_in_words(deadline) or '[date and time with zone]'}. If you need more time, tell us",
        "why and how much.",
        "We will quote your answer in full or summarise it fairly. If none arrives we will say so.",
        "The material has been preserved; removing a page or download will be visible in our record.",
    ]
    return "\n".join(parts) + "\n"


def _in_words(deadline: str) -> str:
    """`5 December 2026, 17:00 UTC`; anything that is no time stays as it was given."""
    try:
        moment = parse_utc(deadline)
    except ValueError:
        return deadline
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} UTC"


def _one(number: int, finding: Finding) -> list[str]:
    excerpt: str = redact(UntrustedText(finding.excerpt[:MAX_EXCERPT])).text
    if len(finding.excerpt) > MAX_EXCERPT:
        excerpt += " [...]\n(shortened; the whole passage stands at the place given above)"
    lines = [
        f"{number}. {finding.title}",
        f"   Where: {place(finding.locator)}",
        "   The file contains:",
        *(f"   | {line}" for line in excerpt.splitlines()),
    ]
    said = (
        ("In English", finding.gloss),
        ("Why we ask", finding.rationale.partition(" What held:")[0]),  # the reasoning stands in the report
        ("Innocent reading", finding.innocent),
        ("What it does not show", finding.not_shown),
    )
    for label, text in said:
        masked = redact(UntrustedText(text)).text
        if masked:
            lines += wrap(f"{label}: {masked}", 96, initial_indent="   ", subsequent_indent="      ")
    return lines


def place(locator: Locator) -> str:
    """The way in, as one line."""
    line = "" if locator.line is None else f", line {locator.line}"
    offset = "" if locator.offset is None else f", byte {locator.offset}"
    return " > ".join(locator.path) + line + offset
