"""A comparison of two versions as text, JSON, a side-by-side page, or SARIF."""

import textwrap
from collections import Counter
from typing import Any

import msgspec

from witnessmark.model.change import Change, DiffReport, FindingBrief, Pairing, Side
from witnessmark.report import wording
from witnessmark.report.escape import terminal
from witnessmark.report.formats.sarif import SCHEMA, Artifacts, notification, sarif_location
from witnessmark.report.page import page

WIDTH = 100
MOST_SCRUBS = 200
MOST_OTHERS = 400
CAUTION = (
    "A change of words does not show who made it or why. Two files that look like versions of one thing may be "
    "different product lines, language bindings or builds."
)


def summary(report: DiffReport) -> str:
    """One line: scrubbed places, other changes, how the members pair."""
    scrubs = sum(1 for change in report.changes if change.scrub)
    how = Counter(pair.pairing for pair in report.pairs)
    pairs = ", ".join(f"{how[kind]:,} {kind}" for kind in Pairing if how[kind])
    lost, others = wording.count(scrubs, "place"), len(report.changes) - scrubs
    return f"{lost} lost words of a protected trait · {others:,} other changes · members: {pairs or 'none'}"


def render_json(report: DiffReport) -> bytes:
    """The whole comparison as one object."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def _side(label: str, side: Side | None) -> list[str]:
    if side is None:
        return [f"   {label:<4} (nothing)"]
    at = "" if side.offset is None else f"record offset {side.offset:#x}, "
    where = f"{wording.way_in(side.locator)}, {at}{wording.place(side.locator)}"
    return [f"   {label:<4} │ {terminal(side.text)[:WIDTH]}", f"        {terminal(where)}"]


def _change(number: int, change: Change) -> list[str]:
    traits = ", ".join(change.protected).replace("_", " ") or "no trait"
    head = f"{number}. {change.kind} in {terminal(change.record)}  [{change.grade}; {traits}]"
    body = textwrap.wrap(terminal(change.rationale), WIDTH - 3)
    return [head, *_side("old", change.old), *_side("new", change.new), *(f"   {line}" for line in body), ""]


def _brief(title: str, findings: tuple[FindingBrief, ...]) -> list[str]:
    if not findings:
        return []
    rows = [
        f"   · {terminal(item.title)} [{item.grade}] {terminal(wording.way_in(item.locator))}" for item in findings[:20]
    ]
    more = [f"   … {len(findings) - 20} more"] if len(findings) > 20 else []
    return [title, *rows, *more, ""]


def render_text(report: DiffReport) -> bytes:
    """Scrubbed places first, in full; other changes counted by kind."""
    scrubs = [change for change in report.changes if change.scrub]
    others = Counter(change.kind for change in report.changes if not change.scrub)
    out = [summary(report), ""]
    for number, change in enumerate(scrubs[:MOST_SCRUBS], 1):
        out += _change(number, change)
    if len(scrubs) > MOST_SCRUBS:
        out += [f"… {len(scrubs) - MOST_SCRUBS} more in the JSON report", ""]
    if not scrubs:
        out += ["No place was found where words of a protected trait were lost, in what could be compared.", ""]
    if scrubs:
        out += ["innocent readings", *(f"   {line}" for line in textwrap.wrap(scrubs[0].innocent, WIDTH - 3)), ""]
    out += _brief("findings that only OLD has", report.lost)
    out += _brief("findings that only NEW has", report.gained)
    if others:
        out += ["other changes: " + ", ".join(f"{count:,} {kind}" for kind, count in sorted(others.items())), ""]
    unread = [f"   · [{item.code}] {terminal(item.message)}" for item in report.problems[:20]]
    if unread:
        out += ["could not be compared or read in full", *unread, ""]
    out += [f"record offsets assume: {report.abi}", *textwrap.wrap(CAUTION, WIDTH)]
    return ("\n".join(out) + "\n").encode()


def render_html(report: DiffReport) -> bytes:
    """Old and new side by side, in one self-contained page."""
    return page(
        "diff.html",
        title="What changed between two versions",
        summary=summary(report),
        caution=CAUTION,
        scrubs=[change for change in report.changes if change.scrub],
        others=[change for change in report.changes if not change.scrub][:MOST_OTHERS],
        others_count=sum(1 for change in report.changes if not change.scrub),
        report=report,
    )


def render_sarif(report: DiffReport) -> bytes:
    """Scrubbed places as results at the new place, or at the old one where nothing is left."""
    artifacts = Artifacts()
    results: list[dict[str, Any]] = []
    for change in report.changes:
        if not change.scrub:
            continue
        shown = [side for side in (change.new, change.old) if side is not None]
        result: dict[str, Any] = {
            "ruleId": f"diff/{change.kind}",
            "level": "warning",
            "message": {"text": terminal(f"{change.rationale} {change.innocent}")},
            "locations": [sarif_location(shown[0].locator, artifacts, shown[0].text)],
            "properties": {
                "grade": change.grade,
                "protected": list(change.protected),
                "record": terminal(change.record),
            },
        }
        if len(shown) > 1:
            result["relatedLocations"] = [sarif_location(shown[1].locator, artifacts, shown[1].text)]
        results.append(result)
    run: dict[str, Any] = {
        "tool": {"driver": {"name": report.tool.name, "semanticVersion": report.tool.version}},
        "results": results,
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [notification(item, artifacts) for item in report.problems],
            }
        ],
    }
    run["artifacts"] = artifacts.rows
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n"
