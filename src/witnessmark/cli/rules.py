"""`witnessmark rules`: list the rules, and try them on their own examples."""

import sys
from pathlib import Path

import click
import msgspec

from witnessmark.knowledge import load_knowledge
from witnessmark.pipeline.linting import lint
from witnessmark.pipeline.result_cache import default_folder
from witnessmark.report.escape import terminal

EPILOG = """\b
Examples:
  witnessmark rules list
  witnessmark rules lint
  witnessmark rules lint --knowledge my-knowledge/ --json
\b
Exit codes: 0 done · 1 we failed, or a rule has a fault · 2 usage"""

_FOLDER = click.option(
    "--knowledge", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own knowledge."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(epilog=EPILOG)
def command() -> None:
    """Look at the rules by which matches become findings."""


@command.command("list")
@_FOLDER
@_JSON
def list_rules(knowledge: Path | None, as_json: bool) -> None:
    """Print every rule: kind, grade, id, title."""
    rules = load_knowledge(knowledge).signals
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(rules)).decode() + "\n")
        return
    for rule in rules:
        click.echo(terminal(f"{rule.kind.value:<9} {rule.grade.value:<11} {rule.id:<40} {rule.title}"))


@command.command("lint")
@_FOLDER
@_JSON
def lint_rules(knowledge: Path | None, as_json: bool) -> None:
    """Run every rule on its examples; look for missing sources, missing look-alikes and duplicates."""
    known = load_knowledge(knowledge)
    faults = lint(known, default_folder() / "patterns")
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(faults)).decode() + "\n")
    for fault in faults if not as_json else ():
        click.echo(terminal(f"{fault.rule}: {fault.what}"))
    if not as_json:
        click.echo(f"{len(known.signals)} rules, {len(faults)} faults")
    sys.exit(1 if faults else 0)
