"""`witnessmark review`: where each finding stands, and a second person's reading of one."""

from pathlib import Path

import click
import msgspec

from witnessmark.case import open_case
from witnessmark.case.progress import progress, review
from witnessmark.cli._actor import actor_of, actor_options
from witnessmark.cli._signing import AS_JSON, CASE
from witnessmark.errors import UsageError
from witnessmark.model.case import Verdict
from witnessmark.report.escape import terminal

EPILOG = """\b
Examples:
  witnessmark review mycase
  witnessmark review mycase f-3a91 --verdict agree --reason "read the enum and its caller" --actor B.
  witnessmark review mycase f-3a91 --verdict adjacent --reason "a list of 56 in GB order" --actor B."""


@click.command(epilog=EPILOG)
@CASE
@click.argument("finding", required=False)
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@click.option("--reason", default="", help="Why: what was read, and what speaks for or against.")
@click.option("--include-adjacent", is_flag=True, help="List innocent mentions as well.")
@actor_options
@AS_JSON
def command(
    case_path: Path,
    finding: str | None,
    verdict: str | None,
    reason: str,
    include_adjacent: bool,
    actor: str,
    role: str,
    as_json: bool,
) -> None:
    """List the findings of CASE and their states, or record a second person's verdict on FINDING.

    States: detected, reviewed, contacted, answered or no-answer, published, corrected. Disagreement is kept.
    """
    if (finding is None) != (verdict is None):
        raise UsageError("name both a finding and a --verdict, or neither")
    with open_case(case_path, read_only=finding is None, actor=actor_of(actor, role)) as case:
        if finding is not None and verdict is not None:
            review(case, finding, Verdict(verdict), reason)
        entries = progress(case, include_adjacent=include_adjacent)
    if as_json:
        click.echo(msgspec.json.encode(entries))
        return
    for entry in entries:
        disputed = "  disputed" if entry.disputed else ""
        click.echo(f"{entry.finding}  {entry.state:<10} {terminal(entry.title)}{disputed}")
        for opinion in entry.opinions:
            click.echo(f"    {opinion.at[:19]} {terminal(opinion.by)}: {opinion.verdict} - {terminal(opinion.reason)}")
    if not entries:
        click.echo("The case has no findings. `witnessmark scan … --case CASE` adds them.", err=True)
