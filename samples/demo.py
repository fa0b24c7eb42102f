"""`make demo`: scan a made-up firmware and show what comes out. No network, no root, a few seconds."""

import os
import sys
from pathlib import Path

from witnessmark.knowledge import load_knowledge
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.pipeline import ScanOptions, scan
from witnessmark.pipeline.result_cache import default_folder
from witnessmark.report.output import render

SAMPLES = Path(__file__).resolve().parent
FIRMWARE = SAMPLES / "built" / "examplia-firmware-1.0.bin"
OUT = SAMPLES.parent / "demo-out"


def main() -> int:
    """Scan, print the findings, leave the same as a web page, and say in two lines what it was about."""
    say(f"Scanning {FIRMWARE.relative_to(SAMPLES.parent)}, the firmware of a camera that does not exist ...\n")
    options = ScanOptions(jobs=min(2, os.cpu_count() or 1), cache=None, matcher_cache=default_folder() / "patterns")
    report = scan((str(FIRMWARE),), load_knowledge(None), options)
    OUT.mkdir(exist_ok=True)
    for name in ("html", "json", "sarif"):
        (OUT / f"report.{name}").write_bytes(render(report, name))
    say(render(report, "text").decode())
    for line in closing(report):
        say(line)
    return 0 if report.findings else 1


def closing(report: ScanReport) -> tuple[str, str]:
    """What was found, in words for somebody who has never seen this; and where to read on."""
    enums = [f for f in report.findings if "one-group" in f.rule] or [f for f in report.findings if f.groups]
    if not enums:
        return "The demo found nothing: it should have. Please report this.", ""
    finding = enums[0]
    return (
        f"Found: {where(finding)} holds a list for faces seen by the camera, in which one people, the "
        f"{finding.groups[0].replace('_', ' ').title()}, stands against everybody else, three containers deep "
        f"({' > '.join(step.rpartition('/')[2] for step in finding.locator.path[:-1])}); the list of languages and the "
        "identity-card reader beside it name the same people and are not findings.",
        f"Read on: {OUT.relative_to(Path.cwd()) if OUT.is_relative_to(Path.cwd()) else OUT}/report.html is the same "
        "report as a page; `.venv/bin/witnessmark scan FILE` reads a file of your own; docs/guide.md goes on.",
    )


def where(finding: Finding) -> str:
    """File and line."""
    line = f", line {finding.locator.line}," if finding.locator.line is not None else ""
    return f"{finding.locator.path[-1].rpartition('/')[2]}{line}"


def say(text: str) -> None:
    """Print at once, whatever the terminal's encoding can show."""
    sys.stdout.buffer.write((text + "\n").encode(sys.stdout.encoding or "utf-8", "replace"))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
