"""`witnessmark seal`: close a case into a bundle that verifies without us."""

from pathlib import Path

import click
import msgspec

from witnessmark.case import open_case
from witnessmark.case.clock import SystemClock, system_randomness
from witnessmark.cli._actor import actor_of, actor_options
from witnessmark.cli._signing import AS_JSON, SigningChoice, signing_options
from witnessmark.report.escape import terminal
from witnessmark.seal.bundle import Sealed, Sealing, seal
from witnessmark.seal.renew import renew, sealed_with
from witnessmark.seal.timestamp import describe

EPILOG = """\b
Examples:
  witnessmark seal mycase mycase-2026-03-01.zip
  witnessmark seal mycase bundle --tsa digicert --tsa office=https://tsa.example.org/=root.pem
  witnessmark seal mycase bundle --key ~/.ssh/id_ed25519_sk.pub
  witnessmark seal --renew bundle.zip bundle-renewed.zip"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="CASE", type=click.Path(exists=True, path_type=Path))
@click.argument("out", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--renew", "renewing", is_flag=True, help="CASE is a bundle: timestamp it again, into a new bundle.")
@signing_options
@actor_options
@AS_JSON
def command(source: Path, out: Path, renewing: bool, actor: str, role: str, as_json: bool, **signing: object) -> None:
    """Write CASE as a sealed BUNDLE: a folder, or one file if the name ends in .zip. Nothing is overwritten."""
    choice = msgspec.convert(signing, SigningChoice)
    if renewing:
        signer = choice.signer_for(sealed_with(source))
        stamping = renew(source, out, signer, choice.authorities(), choice.client(), SystemClock(), system_randomness)
        for token in stamping.tokens:
            click.echo(f"timestamped again by {terminal(describe(token))}")
        for problem in stamping.problems:
            click.echo(terminal(problem.message), err=True)
        return
    signer, rotations = choice.signer()
    sealing = Sealing(
        signer=signer, authorities=choice.authorities(), client=choice.client(), ots=choice.ots, rotations=rotations
    )
    with open_case(source, actor=actor_of(actor, role)) as case:
        show(seal(case, out, sealing), as_json=as_json)


def show(sealed: Sealed, *, as_json: bool) -> None:
    """Print what came of it."""
    if as_json:
        click.echo(msgspec.json.encode(sealed))
        return
    click.echo(f"{terminal(sealed.bundle)}: {sealed.files} files, {sealed.entries} entries of the custody log")
    click.echo(f"  signed with   {sealed.signer}")
    click.echo(f"  SEAL (SHA-256) {sealed.seal}")
    for stamped in sealed.timestamps:
        click.echo(f"  timestamp     {terminal(stamped)}")
    if not sealed.timestamps:
        click.echo("  timestamp     none: nobody else vouches for the time of this bundle")
    if sealed.withheld or sealed.masked:
        click.echo(f"  left out      {sealed.withheld} files; personal data masked in {sealed.masked} places")
    for problem in sealed.problems:
        click.echo(f"{terminal(problem.message)}\n  {problem.consequence} {problem.hint}", err=True)
