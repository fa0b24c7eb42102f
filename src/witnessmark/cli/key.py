"""`witnessmark key`: the signing key of this machine."""

from pathlib import Path

import click

from witnessmark.case import open_case
from witnessmark.case.checkpoint import Checkpoint, parse_checkpoint
from witnessmark.case.clock import SystemClock, parse_utc
from witnessmark.cli._actor import actor_of, actor_options
from witnessmark.cli._signing import keys_folder, passphrase
from witnessmark.errors import UsageError
from witnessmark.model.evidence import EventKind
from witnessmark.seal.key import KeyRing
from witnessmark.seal.sshsig import allowed_signers, fingerprint, read_public

PASSPHRASE = click.option("--passphrase-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def command() -> None:
    """Make, show, replace and restore the key that signs sealed bundles.

    \b
    Examples:
      witnessmark key new
      witnessmark key show                    # the fingerprint to publish
      witnessmark key sheet > sheet.txt       # print it, lock it away
      witnessmark key rotate --reason "laptop lost"
    The passphrase comes from the keyboard, --passphrase-file or $WITNESSMARK_PASSPHRASE; keys live in
    $WITNESSMARK_KEYS or your settings folder.
    """


@command.command()
@PASSPHRASE
def new(passphrase_file: Path | None) -> None:
    """Make the key (sealing does this at first use as well)."""
    ring = KeyRing(keys_folder())
    signer = ring.make(passphrase(passphrase_file, new=True))
    click.echo(fingerprint(signer.public))
    click.echo("Print its recovery sheet now: witnessmark key sheet", err=True)


@command.command()
@click.option("--allowed-signers", "as_allowed", is_flag=True, help="Print the line that ssh-keygen -Y verify wants.")
def show(as_allowed: bool) -> None:
    """Print the public key and its fingerprint, for others to compare."""
    path = KeyRing(keys_folder()).path.with_suffix(".pub")
    if not path.is_file():
        raise UsageError("there is no signing key yet", hint="Make one with `witnessmark key new`.")
    public = read_public(path.read_text("utf-8"))
    click.echo(allowed_signers(public, "witnessmark").rstrip() if as_allowed else fingerprint(public))
    if not as_allowed:
        click.echo(path.read_text("utf-8").rstrip())


@command.command()
def sheet() -> None:
    """Print the recovery sheet: the encrypted key as text."""
    ring = KeyRing(keys_folder())
    if not ring.exists():
        raise UsageError("there is no signing key yet", hint="Make one with `witnessmark key new`.")
    click.echo(ring.recovery_sheet(), nl=False)


@command.command()
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PASSPHRASE
def restore(sheet: Path, passphrase_file: Path | None) -> None:
    """Bring the key back from its recovery sheet."""
    signer = KeyRing(keys_folder()).restore(sheet.read_text("utf-8"), passphrase(passphrase_file))
    click.echo(fingerprint(signer.public))


@command.command()
@click.option("--reason", required=True, help="Why; it goes into the signed rotation log.")
@click.option("--case", "case_path", type=click.Path(exists=True, path_type=Path), help="Record it in this case too.")
@click.option("--new-passphrase-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PASSPHRASE
@actor_options
def rotate(
    reason: str,
    case_path: Path | None,
    new_passphrase_file: Path | None,
    passphrase_file: Path | None,
    actor: str,
    role: str,
) -> None:
    """Replace the key. The old key signs the change, so that who trusted it can trust the new one."""
    ring = KeyRing(keys_folder())
    old = passphrase(passphrase_file)
    renewed = passphrase(new_passphrase_file, new=True, label="New passphrase")
    rotation = ring.rotate(old, renewed, at=SystemClock().read().t_utc, reason=reason)
    click.echo(f"{fingerprint(read_public(rotation.old))} is replaced by {fingerprint(read_public(rotation.new))}")
    if case_path is not None:
        with open_case(case_path, actor=actor_of(actor, role)) as case:
            case.record(EventKind.KEY_ROTATED, rotation, reason=reason)


@command.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="The witness's name, without spaces, as others know it.")
@PASSPHRASE
def witness(checkpoint: Path, name: str, passphrase_file: Path | None) -> None:
    """Co-sign somebody else's CHECKPOINT: say that you saw this head of their log, now. Prints the note."""
    if not name or any(letter in " +\n" for letter in name):
        raise UsageError("a witness's name has no spaces and no plus sign")
    seen = parse_checkpoint(checkpoint.read_bytes())
    signer = KeyRing(keys_folder()).load(passphrase(passphrase_file))
    now = int(parse_utc(SystemClock().read().t_utc).timestamp())
    line = signer.cosign(name, seen, now)
    signed = Checkpoint(origin=seen.origin, size=seen.size, root=seen.root, signatures=(*seen.signatures, line))
    click.echo(signed.note(), nl=False)
