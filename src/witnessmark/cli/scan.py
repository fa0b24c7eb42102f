"""`witnessmark scan`: from files to explained findings."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from witnessmark.cli._actor import actor_options
from witnessmark.model.fact import Grade, Kind
from witnessmark.model.finding import ScanReport
from witnessmark.model.problem import Severity
from witnessmark.pipeline import early

EPILOG = """\b
Examples:
  witnessmark scan sdk.zip
  witnessmark scan firmware.bin manuals/ --html --out report.html
  curl -s https://example.org/sdk.tgz | witnessmark scan - --json
  witnessmark scan . --sarif --out scan.sarif --fail-on wired
  witnessmark scan sdk.zip --case mycase --actor A.
\b
Exit codes: 0 done · 1 we failed · 2 usage · 4 done, but parts could not be read · 5 --fail-on was reached"""

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUTPUTS = ("json", "jsonl", "sarif", "html", "text", "csv", "markdown")


def _outputs(function: Callable[..., None]) -> Callable[..., None]:
    for name in reversed(OUTPUTS):
        function = click.option(f"--{name}", "output", flag_value=name, help=f"Print as {name}.")(function)
    return function


@click.command(epilog=EPILOG)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@_outputs
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not standard output.")
@click.option("--fail-on", type=click.Choice([grade.value for grade in Grade]), help="Exit 5 from this grade upwards.")
@click.option("--include-adjacent", is_flag=True, help="Print innocent mentions in full as well.")
@click.option(
    "--knowledge", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own rules, words and law."
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, help="Worker processes.  [default: one a CPU, 4 at most]"
)
@click.option("--password", "passwords", multiple=True, help="Try this on encrypted members; may be repeated.")
@click.option("--no-screen", is_flag=True, help="Do not screen the makers that files inside name.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of earlier scans.")
@click.option("--case", "case_path", type=FOLDER, help="Keep the files and the result in this case.")
@actor_options
def command(  # noqa: PLR0913  one parameter an option
    targets: tuple[str, ...],
    output: str | None,
    out: Path | None,
    fail_on: str | None,
    include_adjacent: bool,
    knowledge: Path | None,
    jobs: int | None,
    passwords: tuple[str, ...],
    no_screen: bool,
    no_cache: bool,
    case_path: Path | None,
    actor: str,
    role: str,
) -> None:
    """Read files, folders or - (standard input), however deeply packed, and print what they contain."""
    early.start()
    # Imported here: a worker gets ready meanwhile, which makes a short scan 0.2 s shorter.
    from witnessmark.case import open_case
    from witnessmark.cli._actor import actor_of
    from witnessmark.cli._progress import clear, progress
    from witnessmark.knowledge import load_knowledge
    from witnessmark.pipeline import ScanOptions, scan
    from witnessmark.pipeline.makers import MakerScreening
    from witnessmark.pipeline.recording import scan_into
    from witnessmark.pipeline.result_cache import default_folder
    from witnessmark.report.output import render

    folder = default_folder()
    options = ScanOptions(
        jobs=jobs or min(4, os.cpu_count() or 1),
        passwords=passwords,
        cache=None if no_cache else folder,
        matcher_cache=folder / "patterns",
        makers=None if no_screen else MakerScreening(day=datetime.now(UTC).date()),
    )

    def run() -> ScanReport:
        return scan(targets, load_knowledge(knowledge), options, watch=progress())

    if case_path is None:
        report = run()
    else:
        with open_case(case_path, actor=actor_of(actor, role)) as case:
            report = scan_into(case, targets, run)
    clear()
    rendered = render(report, output or "text", include_adjacent=include_adjacent)
    if out is None:
        sys.stdout.buffer.write(rendered)
        sys.stdout.buffer.flush()
    else:
        out.write_bytes(rendered)
    sys.exit(exit_code(report, fail_on))


def exit_code(report: ScanReport, fail_on: str | None) -> int:
    """5 when a finding reaches the grade, else 4 when parts could not be read, else 0."""
    grades = [finding.grade.rank for finding in report.findings if finding.kind is Kind.FINDING]
    if fail_on is not None and any(rank >= Grade(fail_on).rank for rank in grades):
        return 5
    return 4 if any(problem.severity is not Severity.NOTE for problem in report.problems) else 0
