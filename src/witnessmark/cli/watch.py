"""`witnessmark watch`: look at pages again and again, and say what changed or went."""

import random
import secrets
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from witnessmark.cli._signing import SigningChoice, signing_options
from witnessmark.model.sighting import Sighting
from witnessmark.pipeline import watching
from witnessmark.pipeline.watch_case import Seal
from witnessmark.pipeline.watch_channels import masked
from witnessmark.pipeline.watch_timeline import of_address, of_case
from witnessmark.report.escape import lines, terminal
from witnessmark.report.timeline import HELD, as_html, as_json, as_text, interval_in_words
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.watch.outcome import iso
from witnessmark.watch.pace import interval_at
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
_GAP = "Least seconds between requests to one host."
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
      witnessmark watch add https://vendor.example/products.rss --follow 200 --case mycase
      witnessmark watch run --notify mailto:desk@news.example --seal-to bundles
      witnessmark watch timeline mycase --format html > timeline.html
    """


@command.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--every", type=click.FloatRange(min=5), default=3600.0, show_default=True, help="Seconds between looks.")
@click.option("--control", default="", help="A page of the same host that should stay.  [default: its front page]")
@click.option("--case", "case", default="", help="A case folder in which looks that matter are recorded.")
@click.option(
    "--confirmations",
    type=click.IntRange(min=2),
    default=3,
    show_default=True,
    help="Looks in a row that must find the page gone before it is called removed.",
)
@click.option(
    "--follow",
    type=click.IntRange(0, 5000),
    default=0,
    metavar="N",
    help="A feed (RSS, Atom) or index page: watch the pages that it lists, too, at most N.",
)
@click.option("--with-browser", is_flag=True, help="Look with a browser each time: for pages that scripts build.")
@click.option("--no-capture", is_flag=True, help="Do not capture the page into the case when it changed.")
@click.option("--note", default="", help="Why, in your words.")
@click.option("--contacted", is_flag=True, help="The vendor was asked just now: look every 30 s for two hours.")
@LIST
def add(urls: tuple[str, ...], path: Path, **given: Any) -> None:
    """Watch addresses. The first look, made by `run`, is the reference."""
    now = watching.utc_now()
    settings = Settings(
        interval=given["every"],
        control=given["control"],
        case=str(Path(given["case"]).resolve()) if given["case"] else "",
        confirmations=given["confirmations"],
        follow=given["follow"],
        with_browser=given["with_browser"],
        capture=not given["no_capture"],
        note=given["note"],
        added_at=now.isoformat(),
    )
    store = WatchStore(path)
    fresh = 0
    with store.writing():
        for url in urls:
            fresh += store.add(watching.new_target(url, settings, now, contacted=given["contacted"]))
    click.echo(
        f"{fresh} new and {len(urls) - fresh} known addresses are watched; `witnessmark watch run` looks at them.",
        err=True,
    )


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
    """Show each address: what the last look found and why, when the next is due, and where it went, between when."""
    store = WatchStore(path)
    for target in store.targets():
        gone = removal(store.history(target.url))
        if as_json:
            state, due = target.state, iso(datetime.fromtimestamp(target.next_at, UTC))
            row = {"url": target.url, "verdict": state.last_verdict, "suspects": state.suspects, "next_at": due}
            click.echo(msgspec.json.encode({**row, "removal": gone}).decode())
            continue
        click.echo(_line(target))
        for line in in_words(target, store.last(target.url), watching.utc_now()):
            click.echo(f"    {terminal(line)}")
        if gone is not None:
            click.echo(f"    {terminal(interval_in_words(gone))}")
    if not as_json:
        for kind, whom, tries, failure in store.open_errands():
            whom = masked(whom) if kind == "tell" else terminal(whom)
            click.echo(f"to do: {kind} {whom}, tried {tries} times  {terminal(failure)}")


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
            (item.verdict, "; ".join(item.reasons) or item.cause or item.verdict, item.removed_text)
            if isinstance(item, Sighting)
            else (item.kind, item.says, item.passages)
        )
        click.echo(f"{item.at}  {verdict:<16} {terminal(says)}")
        for check in item.checks:
            click.echo(f"    check {terminal(check.kind)}: {HELD[check.supports]}; {terminal(check.says)}")
        for passage in passages[:20]:
            click.echo(f"    − {terminal(passage)}")
        if len(passages) > 20:
            click.echo(f"    … and {len(passages) - 20} more passages (--json has all)")
    gone = removal(looks)
    if gone is not None:
        click.echo(terminal(interval_in_words(gone)))


@command.command()
@click.option("--once", is_flag=True, help="Look at what is due now, then stop (for cron).")
@click.option("--workers", type=click.IntRange(1, 256), default=16, show_default=True, help="Looks at the same time.")
@click.option("--host-gap", type=click.FloatRange(min=0), default=1.0, show_default=True, help=_GAP)
@click.option("--proxy", default="", help="http:// or socks5h:// proxy for all looks.")
@click.option(
    "--second-proxy", default="", help="A proxy in another network, for a second look at a suspected removal."
)
@click.option("--no-browser", is_flag=True, help="Never start a browser; a removal is then never confirmed.")
@click.option("--notify", multiple=True, metavar="WHERE", help=f"{watching.CHANNELS}; more than one may be named.")
@click.option(
    "--seal-to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Seal a case into a new bundle in this folder whenever a page of it was captured.",
)
@signing_options
@LIST
def run(path: Path, **given: Any) -> None:
    """Look at whatever is due, and go on until stopped (Ctrl-C finishes the looks under way).

    News is captured into the page's case, sealed with --seal-to, and told to whoever --notify names. With --seal-to the
    options about keys and timestamps are those of `witnessmark seal`; --allow-host names private hosts that may be
    visited.
    """
    store = WatchStore(path)
    options = watching.Options(
        allow_hosts=frozenset(given["allow_host"]),
        host_gap=given["host_gap"],
        workers=given["workers"],
        proxy=given["proxy"],
        second_proxy=given["second_proxy"],
        browser=not given["no_browser"],
        notify=given["notify"],
        seal=_sealer(given) if given["seal_to"] else None,
        bundles=given["seal_to"] or Path(),
    )
    scheduler = Scheduler(
        store,
        watching.means(store, options),
        clock=watching.utc_now,
        rng=random.Random(secrets.randbits(64)),
        running=watching.running(options),
        say=_say,
    )
    if not given["once"]:
        _say(f"{store.count()} addresses are watched; what is new is printed here. Ctrl-C stops.")
    before = {number: signal.signal(number, lambda *_: scheduler.stop()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        watching.keep_watch(scheduler, watching.clerk(WatchStore(path), options, _say), once=given["once"])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    late = sorted(scheduler.lateness) or [0.0]
    middle, worst = late[len(late) // 2], late[-1]
    click.echo(
        f"{scheduler.looks} looks recorded; begun {middle:.1f} s late at the median, {worst:.1f} s at worst", err=True
    )


@command.command()
@click.argument("what", metavar="CASE|URL")
@click.option("--format", "form", type=click.Choice(["text", "html", "json"]), default="text", show_default=True)
@LIST
def timeline(what: str, form: str, path: Path) -> None:
    """Show what happened, in order: looks, contact, first change, removal, captures and downloads, list entries."""
    store = WatchStore(path) if path.exists() else None
    if what.lower().startswith(("http://", "https://")):
        found = None if store is None else of_address(store, what)
    else:
        found = of_case(Path(what), store)
    if found is None:
        raise click.UsageError(f"no look at {terminal(what)} is recorded")
    shown = {"text": as_text, "html": as_html, "json": as_json}[form](found)
    click.echo(shown, nl=False)


@command.command()
@click.option("--day", default="", help="The UTC day, as 2026-03-01.  [default: yesterday]")
@click.option("--notify", multiple=True, metavar="WHERE", help=f"Send it: {watching.CHANNELS}.")
@click.option("--allow-host", multiple=True, help="A private host that may be told, as NAME or NAME:PORT.")
@click.option("--again", is_flag=True, help="Send it even if that day's digest was sent already.")
@LIST
@AS_JSON
def digest(
    day: str, notify: tuple[str, ...], allow_host: tuple[str, ...], again: bool, path: Path, as_json: bool
) -> None:
    """Show what one day's looks brought; with --notify send it, once a day however often this is called."""
    try:
        start = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else _yesterday(watching.utc_now())
    except ValueError as error:
        raise click.UsageError(f"{terminal(day)} is no day") from error
    store = WatchStore(path)
    options = watching.Options(notify=notify, allow_hosts=frozenset(allow_host))
    message = watching.send_digest(store, start, options, again=again)
    click.echo(msgspec.json.encode(message).decode() if as_json else "\n".join(lines(message.text)))


def _yesterday(now: datetime) -> datetime:
    return (now - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _sealer(given: dict[str, Any]) -> Seal:
    """Sign once at the start, so that a passphrase is asked for while somebody is there."""
    choice = msgspec.convert({name: given[name] for name in SigningChoice.__annotations__}, SigningChoice)
    signer, rotations = choice.signer()
    sealing = Sealing(
        signer=signer, authorities=choice.authorities(), client=choice.client(), ots=choice.ots, rotations=rotations
    )
    return lambda case, out: seal(case, out, sealing)


def _say(text: str) -> None:
    click.echo(terminal(text), err=True)


def in_words(target: Target, last: Sighting | None, now: datetime) -> list[str]:
    """What the last look found, and when the next one is due."""
    every = interval_at(target.settings.interval, target.state.contacted_at, now)
    asked = f", the vendor was asked at {target.state.contacted_at}" if target.state.contacted_at else ""
    wait = target.next_at - now.timestamp()
    when = f"next look in {wait:.0f} s" if wait > 0 else "next look due now (`watch run`)"
    if last is None:
        return [f"{when}; every {every:g} s{asked}"]
    why = "; ".join(last.reasons) or str(last.cause or last.verdict)
    return [f"last look {last.at} (UTC): {why}", f"{when}; every {every:g} s{asked}"]


def _line(target: Target) -> str:
    verdict = target.state.last_verdict or "not looked at yet"
    state = target.state
    suspected = state.suspects and not state.removed_at
    suspicion = f" (suspected: {state.suspects}, {state.confirmations}×)" if suspected else ""
    return f"{verdict:<18}{terminal(target.url)}{suspicion}"
