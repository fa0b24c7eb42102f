"""`witnessmark watch`: look at pages again and again, and say what changed or went."""

import random
import secrets
import signal
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from witnessmark.model.sighting import Sighting
from witnessmark.pipeline import watching
from witnessmark.report.escape import terminal
from witnessmark.watch.schedule import Scheduler
from witnessmark.watch.store import Settings, Target, WatchStore
from witnessmark.watch.timeline import moments, removal

LIST = click.option(
    "--list",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=lambda: Path(click.get_app_dir("witnessmark")) / "watch.sqlite",
    help="The watch list's file.  [default: watch.sqlite in your settings folder]",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def command() -> None:
    """Look at pages and downloads again; record each look; say what was removed, and when.

    \b
    Examples:
      witnessmark watch add https://vendor.example/camera --every 300
      witnessmark watch run                # keep looking until stopped
      witnessmark watch run --once         # from cron: look at what is due
      witnessmark watch history https://vendor.example/camera
    """


@command.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--every", type=click.FloatRange(min=5), default=3600.0, show_default=True, help="Seconds between looks.")
@click.option("--control", default="", help="A page of the same host that should stay.  [default: its front page]")
@click.option("--case", "case", default="", help="A case folder in which looks that matter are recorded.")
@click.option("--confirmations", type=click.IntRange(min=2), default=3, show_default=True)
@click.option("--contacted", is_flag=True, help="The vendor was asked just now: look every 30 s for two hours.")
@LIST
def add(
    urls: tuple[str, ...], every: float, control: str, case: str, confirmations: int, contacted: bool, path: Path
) -> None:
    """Watch addresses. The first look, made by `run`, is the reference."""
    now = datetime.now(UTC)
    settings = Settings(
        interval=every, control=control, case=case, confirmations=confirmations, added_at=now.isoformat()
    )
    store = WatchStore(path)
    with store.writing():
        for url in urls:
            store.put(watching.new_target(url, settings, now, contacted=contacted))
    click.echo(f"{len(urls)} addresses are watched; `witnessmark watch run` looks at them.", err=True)


@command.command()
@click.argument("url")
@LIST
def remove(url: str, path: Path) -> None:
    """Stop watching an address; what was seen stays in the list's history."""
    store = WatchStore(path)
    with store.writing():
        found = store.remove(url)
    if not found:
        raise click.UsageError(f"{terminal(url)} is not watched")


@command.command(name="list")
@LIST
@AS_JSON
def list_(path: Path, as_json: bool) -> None:
    """Show what is watched."""
    for target in WatchStore(path).targets():
        click.echo(msgspec.json.encode(target).decode() if as_json else _line(target))


@command.command()
@LIST
@AS_JSON
def status(path: Path, as_json: bool) -> None:
    """Show each address with its last verdict and, where it went, the interval."""
    store = WatchStore(path)
    for target in store.targets():
        gone = removal(store.history(target.url))
        if as_json:
            row = {"url": target.url, "verdict": target.state.last_verdict, "suspects": target.state.suspects}
            click.echo(msgspec.json.encode({**row, "removal": gone}).decode())
            continue
        click.echo(_line(target))
        if gone is not None:
            click.echo(f"    gone between {gone.last_present} and {gone.first_absent} UTC, confirmed {gone.confirmed}")


@command.command()
@click.argument("url")
@click.option("--all", "every_look", is_flag=True, help="Every look, not only those with news.")
@LIST
@AS_JSON
def history(url: str, every_look: bool, path: Path, as_json: bool) -> None:
    """Show what was seen at an address, oldest first, with the exact passages that went."""
    looks = WatchStore(path).history(url)
    if not looks:
        raise click.UsageError(f"no look at {terminal(url)} is recorded")
    if as_json:
        for item in looks if every_look else moments(looks):
            click.echo(msgspec.json.encode(item).decode())
        return
    for item in looks if every_look else moments(looks):
        verdict, says, passages = (
            (item.verdict, "; ".join(item.reasons) or item.cause, item.removed_text)
            if isinstance(item, Sighting)
            else (item.kind, item.says, item.passages)
        )
        click.echo(f"{item.at}  {verdict:<16} {terminal(says)}")
        for passage in passages[:20]:
            click.echo(f"    − {terminal(passage)}")


@command.command()
@click.option("--once", is_flag=True, help="Look at what is due now, then stop (for cron).")
@click.option("--workers", type=click.IntRange(1, 256), default=16, show_default=True)
@click.option(
    "--host-gap",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Least seconds between requests to one host.",
)
@click.option("--allow-host", multiple=True, help="A private host that may be visited, as NAME or NAME:PORT.")
@click.option("--proxy", default="", help="http:// or socks5h:// proxy for all looks.")
@click.option(
    "--second-proxy", default="", help="A proxy in another network for the second look at a suspected removal."
)
@click.option("--no-browser", is_flag=True, help="Never start a browser; a removal is then never confirmed.")
@click.option(
    "--notify", multiple=True, help="mailto:…, https:// webhook, ntfy://HOST/TOPIC, desktop: or command:PROGRAM."
)
@LIST
def run(
    once: bool, workers: int, host_gap: float, allow_host: tuple[str, ...], proxy: str, second_proxy: str,
    no_browser: bool, notify: tuple[str, ...], path: Path,
) -> None:  # fmt: skip
    """Look at whatever is due, and go on until stopped (Ctrl-C finishes the looks under way)."""
    store = WatchStore(path)
    options = watching.Options(
        allow_hosts=frozenset(allow_host), host_gap=host_gap, proxy=proxy, second_proxy=second_proxy,
        browser=not no_browser, notify=notify,
    )  # fmt: skip
    scheduler = Scheduler(
        store,
        watching.means(store, options, token=lambda: secrets.token_hex(8)),
        clock=lambda: datetime.now(UTC),
        rng=random.Random(secrets.randbits(64)),
        workers=workers,
        alarm=watching.alarms(store, options),
        recorded=watching.recorder(),
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: scheduler.stop())
    scheduler.run(once=once)
    click.echo(f"{scheduler.looks} looks recorded", err=True)


def _line(target: Target) -> str:
    verdict = target.state.last_verdict or "not looked at yet"
    suspicion = f" (suspected: {target.state.suspects}, {target.state.confirmations}×)" if target.state.suspects else ""
    return f"{verdict:<18}{terminal(target.url)}{suspicion}"
