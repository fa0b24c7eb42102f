"""`witnessmark explain`: what a rule asks for, or why a finding was made."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from witnessmark.case import open_case
from witnessmark.errors import UsageError
from witnessmark.explain.cards import finding_card, rule_card
from witnessmark.knowledge import load_knowledge
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.report.casefile.masked import masked_finding
from witnessmark.report.escape import lines as safe_lines

EPILOG = """\b
Examples:
  witnessmark explain attributes/one-group-against-the-rest
  witnessmark scan sdk.zip --json --out report.json
  witnessmark explain 3f1c0a9e55d2b871 --report report.json
  witnessmark explain 3f1c0a9e55d2b871 --case mycase
\b
Exit codes: 0 done · 1 we failed · 2 usage"""


@click.command(epilog=EPILOG)
@click.argument("what", metavar="RULE|FINDING-ID")
@click.option(
    "--report", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A report made with --json."
)
@click.option(
    "--case",
    "case_path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A case that has it.",
)
@click.option("--knowledge", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Your own knowledge.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(what: str, report: Path | None, case_path: Path | None, knowledge: Path | None, as_json: bool) -> None:
    """Print the card of a RULE, or, with --case or --report, why the finding with that id was made."""
    finding = _finding(what, report) if report is not None else None
    if case_path is not None:
        finding = _in_case(what, case_path)
    if finding is not None:
        _show(finding, finding_card(finding), as_json)
        return
    known = load_knowledge(knowledge)
    rule = next((each for each in known.signals if each.id == what), None)
    if rule is None:
        raise UsageError(
            f"no rule is called {what}",
            hint="`witnessmark rules list` names them; a finding's id needs --case CASE or --report FILE.",
        )
    _show(rule, rule_card(rule, known), as_json)


def _in_case(wanted: str, path: Path) -> Finding:
    with open_case(path, read_only=True) as case:
        return masked_finding(_only(wanted, case.findings(), path), [])


def _finding(wanted: str, path: Path) -> Finding:
    try:
        report = msgspec.json.decode(path.read_bytes(), type=ScanReport)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{path} is no report: {error}", hint="Make one with `witnessmark scan --json --out`."
        ) from error
    return _only(wanted, report.findings, path)


def _only(wanted: str, findings: Iterable[Finding], path: Path) -> Finding:
    found = [each for each in findings if each.id.startswith(wanted)]
    if len(found) != 1:
        count = "no finding" if not found else f"{len(found)} findings"
        raise UsageError(f"{path} has {count} with an id that begins with {wanted}")
    return found[0]


def _show(record: object, lines: list[str], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(record)).decode() + "\n")
        return
    for line in safe_lines("\n".join(lines)):
        click.echo(line)
