"""`witnessmark lists`: the sanctions lists at hand, their versions, and new ones."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from witnessmark.case import open_case
from witnessmark.errors import WitnessmarkError
from witnessmark.knowledge.sanctions import load_headers
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import ListEvent
from witnessmark.net import Response, fetch
from witnessmark.report.escape import terminal
from witnessmark.screen.dates import day
from witnessmark.screen.ftm import export_ftm
from witnessmark.screen.holdings import holdings
from witnessmark.screen.intake import Arrival, Taken, take_in
from witnessmark.screen.publishers import update
from witnessmark.screen.store import ListStore, default_folder

EXAMPLES = """\b
Examples:
  witnessmark lists list
  witnessmark lists update ofac-sdn bis-entity-list
  witnessmark lists import consolidated.csv
  witnessmark lists import title-15.xml --as-of 2019-10-09
  witnessmark lists show bis-entity-list --changes
  witnessmark lists export > ours.ftm.json
"""


@click.group(epilog=EXAMPLES)
def command() -> None:
    """Sanctions and procurement lists: which are at hand, how old they are, and how to get newer ones.

    Every version is kept. A file that its publisher is not known to publish (an unknown column, a cut-off file, a count
    outside what is expected, an error page) is refused, and the version at hand stays in use.
    """


def _print_events(events: tuple[ListEvent, ...], limit: int = 40) -> None:
    for event in events[:limit]:
        fields = f" ({', '.join(event.changed)})" if event.changed else ""
        click.echo(
            f"    {event.kind:6}  {event.effective or '?':10}  {terminal(event.name)}{fields}  "
            f"{terminal(event.citation)}"
        )
    if len(events) > limit:
        click.echo(f"    and {len(events) - limit} more; `witnessmark lists show LIST --changes` prints all")


def _print_taken(taken: tuple[Taken, ...]) -> None:
    for row in taken:
        state = "new version" if row.is_new else "the same as the version at hand"
        click.echo(
            f"  {row.version.list}: {row.version.entries} entries as of {row.version.as_of}, {state} "
            f"(sha256 {row.version.sha256[:16]}…)"
        )
        _print_events(row.events)


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_command(as_json: bool) -> None:
    """Print which lists are at hand, and how old each copy is."""
    have = holdings((), today=datetime.now(UTC).date())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(have.ages), indent=1).decode())
        return
    titles = {header.id: header.title for header in load_headers()}
    at_hand = {str(row["list"]) for row in have.ages}
    for row in have.ages:
        click.echo(
            f"{row['list']:22} {row['entries']:>6} entries  as of {row['as_of']} ({row['days']} days old)  "
            f"{titles.get(str(row['list']), '')} · {row['from']}"
        )
    for header in load_headers():
        if header.id not in at_hand:
            click.echo(
                f"{header.id:22}      – not at hand: {header.title}" + ("" if header.download else " (import by hand)")
            )


@command.command("show")
@click.argument("name")
@click.option("--changes", is_flag=True, help="What changed from version to version.")
@click.option("--json", "as_json", is_flag=True)
def show_command(name: str, changes: bool, as_json: bool) -> None:
    """Print what a list is, and the versions at hand."""
    header = next((row for row in load_headers() if row.id == name), None)
    store = ListStore(default_folder())
    versions = store.versions(name)
    if header is None and not versions:
        raise click.UsageError(f"no list is named {name!r}; see `witnessmark lists list`")
    if as_json:
        click.echo(
            msgspec.json.format(msgspec.json.encode({"header": header, "versions": versions}), indent=1).decode()
        )
        return
    if header is not None:
        click.echo(
            f"{header.title} ({header.id})\n  {header.publisher}; {header.authority}\n  {header.url}\n  "
            f"effect: {header.effect}\n  licence: {header.licence}"
        )
    for version in versions:
        click.echo(
            f"  {version.as_of}  {version.entries} entries, stored {version.learned}, {version.format}, "
            f"sha256 {version.sha256}\n      {terminal(version.source)}"
        )
    if changes:
        for event in store.history(name):
            _print_events((event,))


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--list", "list_id", default="", help="Take only this list out of the file.")
@click.option("--format", "fmt", default="", help="The file's format, when it is not recognised.")
@click.option("--as-of", default="", help="The day for which the file speaks, when it does not say so itself.")
def import_command(file: Path, list_id: str, fmt: str, as_of: str) -> None:
    """Take a publisher's file in by hand."""
    arrival = Arrival(datetime.now(UTC), f"file {file.name}", as_of=day(as_of) if as_of else "")
    store = ListStore(default_folder())
    taken = take_in(file.read_bytes(), arrival, store=store, headers=load_headers(), list_id=list_id, fmt=fmt)
    _print_taken(taken)


@command.command("update")
@click.argument("names", nargs=-1)
@click.option(
    "--case",
    "case_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also keep what the publishers sent in this case.",
)
def update_command(names: tuple[str, ...], case_folder: Path | None) -> None:
    """Ask the official publishers for newer versions (all lists, or NAMES)."""
    headers = load_headers()
    unknown = set(names) - {header.id for header in headers}
    if unknown:
        raise click.UsageError(f"no list is named {', '.join(sorted(unknown))}; see `witnessmark lists list`")
    store = ListStore(default_folder())
    refused = 0
    for header in headers:
        if names and header.id not in names:
            continue
        try:
            done = update(header, store=store, headers=headers, fetch=_ask, now=datetime.now(UTC))
        except WitnessmarkError as error:
            click.echo(f"{header.id}: not updated: {terminal(str(error))}", err=True)
            refused += 1
            continue
        click.echo(f"{header.id}: {done.state}: {terminal(done.says)}")
        _print_taken(done.taken)
        refused += done.state == "refused"
        if case_folder is not None and done.body:
            with open_case(case_folder, actor=Actor(name="witnessmark lists update")) as case:
                digest = case.put(done.body)
                item = case.item(digest, name=header.id, role="list")
                case.append(
                    EventKind.DOWNLOADED,
                    text=UntrustedText(f"{header.id} from {done.url}: {done.state}"),
                    outputs=(item,),
                )
    if refused:
        raise SystemExit(4)


def _ask(url: str, headers: dict[str, str]) -> Response:
    return fetch(url, headers=headers)


@command.command("export")
@click.option("--list", "list_id", default="", help="Only this list.")
def export_command(list_id: str) -> None:
    """Print the entries at hand as FollowTheMoney JSON lines."""
    have = holdings((), today=datetime.now(UTC).date())
    out = sys.stdout.buffer
    for line in export_ftm(entry for entry in have.entries if list_id in ("", entry.list)):
        out.write(line)
