"""`witnessmark verify`: check a sealed bundle, offline, in numbered steps."""

import re
import sys
from pathlib import Path

import click
import msgspec

from witnessmark.cli._signing import AS_JSON
from witnessmark.errors import UsageError
from witnessmark.model.verification import Outcome, Verification
from witnessmark.report.escape import terminal
from witnessmark.seal.sshsig import read_public
from witnessmark.seal.verify import verify_bundle

EPILOG = """\b
Examples:
  witnessmark verify bundle.zip --signer SHA256:hjQyYd0cLbF92CSIb6div0shUQl0EOIDaK1N8xcgIP8
  witnessmark verify bundle --signer allowed_signers --json
\b
Exit codes: 0 everything holds · 2 usage · 3 something was changed, added or is missing
A key that comes with a bundle proves nothing: get the fingerprint from elsewhere and name it with --signer."""

_MARKS = {Outcome.HOLDS: "holds", Outcome.WRONG: "WRONG", Outcome.NOT_CHECKED: "not checked"}


@click.command(epilog=EPILOG)
@click.argument("bundle", type=click.Path(exists=True, path_type=Path))
@click.option("--signer", "signers", multiple=True, help="A fingerprint (SHA256:…), .pub or allowed_signers file.")
@click.option("--witness", "witnesses", multiple=True, help="Key file of a witness whose signature counts for you.")
@click.option("--brief", is_flag=True, help="Leave out what each step proves and does not.")
@AS_JSON
def command(bundle: Path, signers: tuple[str, ...], witnesses: tuple[str, ...], brief: bool, as_json: bool) -> None:
    """Check that BUNDLE (a folder or ZIP file) is exactly as it was sealed, and say where it is not."""
    prints = {_fingerprint(text) for text in signers if text.startswith("SHA256:")}
    keys = tuple(key for text in signers if text not in prints for key in _keys(Path(text)))
    verification = verify_bundle(
        bundle,
        signers=keys,
        fingerprints=frozenset(prints),
        witnesses=tuple(key for text in witnesses for key in _keys(Path(text))),
    )
    if as_json:
        click.echo(msgspec.json.encode(verification))
    else:
        _show(verification, brief=brief)
    sys.exit(0 if verification.holds else 3)


def _fingerprint(text: str) -> str:
    """The text, if it can be a fingerprint: a typing error must not read as a forged bundle."""
    if re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", text) is None:
        raise UsageError(
            f"{text} is no whole fingerprint",
            hint="It is SHA256: and 43 characters, as `witnessmark key show` prints it on the sealer's machine.",
        )
    return text


def _keys(path: Path) -> list[bytes]:
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is neither a fingerprint nor a key file") from error
    keys = [read_public(line) for line in lines]
    if not keys:
        raise UsageError(f"{path} holds no key")
    return keys


def _show(verification: Verification, *, brief: bool) -> None:
    for step in verification.steps:
        click.echo(f"{step.number}. {step.title}: {_MARKS[step.outcome]}")
        if step.found:
            click.echo(f"     {terminal(step.found)}")
        for flaw in step.flaws:
            place = ", ".join(part for part in (flaw.path, flaw.where) if part)
            click.echo(f"     ! {terminal(place)}{': ' if place else ''}{terminal(flaw.what)}")
        if not brief:
            if step.outcome is Outcome.HOLDS:
                click.echo(f"     Proves: {step.proves}")
                click.echo(f"     Does not prove: {step.not_proved}")
            else:
                click.echo(f"     Had it held, it would prove: {step.proves}")
    if not verification.holds:
        click.echo("\nThis bundle does NOT hold.")
    elif verification.pinned:
        click.echo("\nEverything holds, and the key is one that you named.")
    else:
        click.echo(f"\nEverything holds under {verification.signer}. Compare it with one from elsewhere (--signer).")
