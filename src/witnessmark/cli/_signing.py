"""Options that several commands share: who acts, who signs, who vouches for the time."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from witnessmark.errors import UsageError
from witnessmark.net import Policy
from witnessmark.seal.http import HttpTimestampClient
from witnessmark.seal.key import KeyRing
from witnessmark.seal.signer import Signer, ToolSigner
from witnessmark.seal.timestamp import PUBLIC_AUTHORITIES, Authority

F = TypeVar("F", bound=Callable[..., Any])
CASE = click.argument("case_path", metavar="CASE", type=click.Path(path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def keys_folder() -> Path:
    """Where keys live: $WITNESSMARK_KEYS, else the settings folder."""
    return Path(os.environ.get("WITNESSMARK_KEYS") or Path(click.get_app_dir("witnessmark")) / "keys")


def passphrase(file: Path | None, *, new: bool = False, label: str = "Passphrase of the signing key") -> str:
    """From a file, $WITNESSMARK_PASSPHRASE, or the keyboard; never from the command line, where others can see it."""
    if file is not None:
        return file.read_text("utf-8").rstrip("\n")
    from_environment = os.environ.get("WITNESSMARK_PASSPHRASE")
    if from_environment is not None and not (new and label.startswith("New")):
        return from_environment
    if not sys.stdin.isatty():
        raise UsageError(
            "the signing key needs its passphrase, and there is no keyboard to ask",
            hint="Set WITNESSMARK_PASSPHRASE or name a --passphrase-file.",
        )
    entered: str = click.prompt(label, hide_input=True, confirmation_prompt=new, err=True)
    return entered


@dataclass(frozen=True, kw_only=True)
class SigningChoice:
    """What the signing options said."""

    key: Path | None
    passphrase_file: Path | None
    tsa: tuple[str, ...]
    no_timestamp: bool
    ots: bool
    allow_host: tuple[str, ...]

    def signer_for(self, public: bytes) -> Signer:
        """The signer with this public key, current or retired."""
        if self.key is not None:
            return _tool_signer(self.key)
        return KeyRing(keys_folder()).load_for(public, passphrase(self.passphrase_file))

    def signer(self) -> tuple[Signer, bytes]:
        """The signer and the rotation log. At first use a key is made."""
        if self.key is not None:
            return _tool_signer(self.key), b""
        ring = KeyRing(keys_folder())
        if ring.exists():
            return ring.load(passphrase(self.passphrase_file)), ring.rotations()
        click.echo("There is no signing key on this machine yet; making one. Choose a passphrase for it.", err=True)
        signer = ring.make(passphrase(self.passphrase_file, new=True))
        click.echo("Made. Print its recovery sheet now: witnessmark key sheet", err=True)
        return signer, b""

    def authorities(self) -> tuple[Authority, ...]:
        """Those named, else two public ones; none with --no-timestamp."""
        if self.no_timestamp:
            return ()
        return tuple(_authority(text) for text in self.tsa) or PUBLIC_AUTHORITIES

    def client(self) -> HttpTimestampClient:
        """The way to them."""
        if not self.allow_host:
            return HttpTimestampClient()
        limits = HttpTimestampClient().policy.limits
        return HttpTimestampClient(policy=Policy(limits=limits, allow_hosts=frozenset(self.allow_host)))


def signing_options(function: F) -> F:
    """Options for whoever signs."""
    options = (
        click.option(
            "--key",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Public key file of an Ed25519 key in ssh-agent, or of a FIDO security key, instead of the own key.",
        ),
        click.option("--passphrase-file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option(
            "--tsa", multiple=True, help="A timestamp authority: digicert, sectigo, or NAME=URL or NAME=URL=ROOT.pem."
        ),
        click.option("--no-timestamp", is_flag=True, help="Ask no authority; nobody else then vouches for the time."),
        click.option("--ots", is_flag=True, help="Also an OpenTimestamps proof, by the installed client `ots`."),
        click.option("--allow-host", multiple=True, help="A private host that may be asked, as NAME or NAME:PORT."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _tool_signer(public_key: Path) -> ToolSigner:
    return ToolSigner(public_key, say=lambda text: click.echo(text, err=True))


def _authority(text: str) -> Authority:
    known = {authority.name: authority for authority in PUBLIC_AUTHORITIES}
    if text in known:
        return known[text]
    name, _, rest = text.partition("=")
    url, _, ca = rest.partition("=") if rest.count("=") == 1 else (rest, "", "")
    if not name.replace("-", "").isalnum() or not url.startswith(("http://", "https://")):
        raise UsageError(
            f"{text!r} is not an authority", hint="NAME=URL or NAME=URL=ROOT.pem; NAME of letters and digits."
        )
    return Authority(name=name, url=url, ca_pem=Path(ca).read_text("ascii") if ca else "")
