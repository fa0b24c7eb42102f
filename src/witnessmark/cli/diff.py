"""`witnessmark diff`: what changed between two versions, and what was scrubbed."""

import sys
from pathlib import Path

import click

from witnessmark.model.problem import Severity
from witnessmark.pipeline.comparing_run import compare_versions
from witnessmark.report import changes

EPILOG = """\b
Examples:
  witnessmark diff sdk-2019.zip sdk-2021.zip
  witnessmark diff old/HCNetSDK.h new/HCNetSDK.h --json
  witnessmark diff v1/ v2/ --html --out changes.html
  witnessmark diff before.wacz after.wacz
\b
Exit codes: 0 done · 1 we failed · 2 usage · 4 done, but parts could not be read"""
RENDER = {
    "text": changes.render_text,
    "json": changes.render_json,
    "html": changes.render_html,
    "sarif": changes.render_sarif,
}


@click.command(epilog=EPILOG)
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option("--text", "output", flag_value="text", default=True, help="Print as text (default).")
@click.option("--json", "output", flag_value="json", help="Print as JSON.")
@click.option("--html", "output", flag_value="html", help="Print as a page, old and new side by side.")
@click.option("--sarif", "output", flag_value="sarif", help="Print as SARIF 2.1.0.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not standard output.")
@click.option(
    "--knowledge", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own rules and words."
)
@click.option("--password", "passwords", multiple=True, help="Try this on encrypted members; may be repeated.")
@click.option(
    "--case", "case", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Record in this case."
)
def command(
    old: Path,
    new: Path,
    output: str,
    out: Path | None,
    knowledge: Path | None,
    passwords: tuple[str, ...],
    case: Path | None,
) -> None:
    """Compare OLD with NEW: files, folders, archives, captures (WARC, WACZ) or cases, however deeply packed.

    Reports fields that kept their place while their name or comment lost a protected trait, labels that became numbers,
    and passages that are gone. Who edited, and why, is never shown.
    """
    report = compare_versions(old, new, knowledge=knowledge, passwords=passwords, case=case)
    rendered = RENDER[output](report)
    if out is None:
        sys.stdout.buffer.write(rendered)
        sys.stdout.buffer.flush()
    else:
        out.write_bytes(rendered)
    sys.exit(4 if any(problem.severity is not Severity.NOTE for problem in report.problems) else 0)
