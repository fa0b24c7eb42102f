"""`witnessmark eval`: how good are the rules on labelled files?"""

import sys
from pathlib import Path

import click
import msgspec

from witnessmark.knowledge import load_knowledge
from witnessmark.pipeline.evaluate import Evaluation, Judged, Rate, Scores, evaluate
from witnessmark.pipeline.options import ScanOptions
from witnessmark.pipeline.result_cache import default_folder
from witnessmark.report.escape import terminal

EPILOG = """\b
Examples:
  witnessmark eval manifest.jsonl specimens/
  witnessmark eval manifest.jsonl specimens/ --leave-one-out each
  witnessmark eval manifest.jsonl specimens/ --leave-one-out Hikvision --json
\b
Exit codes: 0 done · 1 we failed · 2 usage"""


@click.command(epilog=EPILOG)
@click.argument("manifest", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("files", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole measurement as JSON.")
@click.option(
    "--leave-one-out", default="", metavar="VENDOR", help="Hold out a vendor's own rules and names, or `each`."
)
@click.option("--knowledge", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own knowledge.")
def command(manifest: Path, files: Path, as_json: bool, leave_one_out: str, knowledge: Path | None) -> None:
    """Scan the labelled FILES of MANIFEST and print precision, recall, place accuracy and every mistake.

    A finding in a file labelled adjacent or negative is a false alarm. Shares come with their 95 % Wilson interval.
    """
    options = ScanOptions(matcher_cache=default_folder() / "patterns")
    result = evaluate(manifest, files, load_knowledge(knowledge), leave_out=leave_one_out, options=options)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(result)).decode() + "\n")
        return
    for line in _lines(result):
        click.echo(terminal(line))


def _lines(result: Evaluation) -> list[str]:
    held = f", without what is known of {result.held_out} vendor's own" if result.held_out else ""
    lines = [f"Knowledge {result.knowledge[:12]}{held}", _scores(result.overall)]
    lines += [f"kind   {_rate(result.kind)}", f"place  {_rate(result.place)} of the positive files found"]
    lines += [f"claims {_rate(result.claims)} of single findings stand on a labelled place"]
    lines += [
        f"macro average over families: recall {result.family_macro_recall:.3f}, "
        f"precision {result.family_macro_precision:.3f}",
        f"adjacent files reported as findings: {result.adjacent_as_finding}, "
        f"at grade wired or above: {result.adjacent_as_wired}",
    ]
    for title, table in (
        ("vendor", result.by_vendor),
        ("capability", result.by_capability),
        ("family", result.by_family),
    ):
        lines += ["", f"By {title}:", *(_scores(each) for each in table if each.recall.of or each.precision.of)]
    for title, files in (
        ("Missed", result.missed),
        ("False alarms", result.false_alarms),
        ("Found at another place", result.misplaced),
    ):
        lines += ["", f"{title}: {len(files)}", *(_judged(each) for each in files)]
    return lines


def _rate(rate: Rate) -> str:
    return f"{rate.share:.3f} [{rate.low:.3f}, {rate.high:.3f}] ({rate.right}/{rate.of})"


def _scores(scores: Scores) -> str:
    return (
        f"  {scores.name[:48]:<48} files {scores.files:>4}  precision {_rate(scores.precision)}  "
        f"recall {_rate(scores.recall)}  F1 {scores.f1:.3f}"
    )


def _judged(each: Judged) -> str:
    said = f"{each.said} by {', '.join(each.rules)} at {', '.join(each.places)}" if each.rules else each.said
    return f"  {each.file}  ({each.label}, {each.vendor}): {said}"
