"""`witnessmark serve`: a local page to work a case in."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from witnessmark.case import open_case
from witnessmark.cli._actor import actor_of, actor_options
from witnessmark.cli._signing import CASE, keys_folder
from witnessmark.errors import UsageError
from witnessmark.pipeline.jobs import Jobs
from witnessmark.seal.bundle import Sealing
from witnessmark.seal.http import HttpTimestampClient
from witnessmark.seal.key import KeyRing
from witnessmark.seal.signer import ToolSigner
from witnessmark.seal.timestamp import PUBLIC_AUTHORITIES
from witnessmark.web.app import application
from witnessmark.web.desk import Desk
from witnessmark.web.listening import beside, listen, server_of
from witnessmark.web.replaying import Replays, replay_application
from witnessmark.web.sessions import Sessions

HOST = "127.0.0.1"
EPILOG = """\b
Examples:
  witnessmark serve mycase --actor A.
  witnessmark serve mycase --port 8750 --key ~/.ssh/id_ed25519_sk.pub"""


@click.command(epilog=EPILOG)
@CASE
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="[default: a free one]")
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sign exports with this key (.pub) in ssh-agent or in a security key, instead of the own key.",
)
@click.option(
    "--watch-list",
    type=click.Path(path_type=Path, dir_okay=False),
    default=lambda: Path(click.get_app_dir("witnessmark")) / "watch.sqlite",
    help="The watch list to show.  [default: watch.sqlite in your settings folder]",
)
@actor_options
def command(case_path: Path, port: int, key: Path | None, watch_list: Path, actor: str, role: str) -> None:
    """Open CASE as a page on this machine only. The link on standard error works once."""
    case = open_case(case_path, actor=actor_of(actor, role))
    sessions = Sessions(secrets.token_bytes)
    replays = Replays(secrets.token_hex(24))
    desk = Desk(
        case=case,
        sessions=sessions,
        jobs=Jobs(case_path),
        watch_list=watch_list,
        sealing=_sealing(key),
        replays=replays,
    )
    try:
        socket, other = listen(HOST, port), listen(HOST, 0)
        number = socket.getsockname()[1]
        copies = replay_application(replays, port=other.getsockname()[1])
        app = application(desk, host=HOST, port=number)
        desk.jobs.start()
        who = actor if case.parts.person is None else case.parts.person.name
        click.echo(f"http://{HOST}:{number}/open?token={sessions.link(who)}", err=True)
        click.echo("Open this link in a browser on this machine; it works once. Ctrl-C stops.", err=True)
        with suppress(KeyboardInterrupt), beside(copies, other):  # the way to stop it
            server_of(app).run(sockets=[socket])
    finally:
        desk.close()


def _sealing(key: Path | None) -> Callable[[str, bool], Sealing]:
    def make(passphrase: str, timestamp: bool) -> Sealing:
        authorities = PUBLIC_AUTHORITIES if timestamp else ()
        client = HttpTimestampClient() if timestamp else None
        if key is not None:
            return Sealing(signer=ToolSigner(key), authorities=authorities, client=client)
        ring = KeyRing(keys_folder())
        if not passphrase:
            raise UsageError("the signing key needs its passphrase")
        signer = ring.load(passphrase) if ring.exists() else ring.make(passphrase)
        return Sealing(signer=signer, authorities=authorities, client=client, rotations=ring.rotations())

    return make
