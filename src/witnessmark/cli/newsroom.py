"""`witnessmark newsroom`: several people on one case, through PostgreSQL and a shared store."""

import os
from contextlib import closing
from pathlib import Path

import click
import msgspec

from witnessmark.case import open_case
from witnessmark.case.shared.ledger import add_person, found, people, prepare
from witnessmark.case.shared.sharing import copy_out
from witnessmark.case.shared.sharing import join as join_case
from witnessmark.case.shared.sharing import share as share_case
from witnessmark.cli._signing import AS_JSON, CASE
from witnessmark.model.newsroom import Person, Role
from witnessmark.net.postgres import Database
from witnessmark.report.escape import terminal

JOURNAL = click.option(
    "--journal",
    required=True,
    envvar="WITNESSMARK_JOURNAL",
    help="postgresql://host/database  [$WITNESSMARK_JOURNAL]; who logs in comes from PGUSER and PGPASSWORD.",
)
BLOBS = click.option(
    "--blobs", required=True, envvar="WITNESSMARK_BLOBS", help="s3://bucket/folder  [$WITNESSMARK_BLOBS]"
)


@click.group()
def command() -> None:
    """Share cases between people: the journal in PostgreSQL, the blobs in S3 or the like.

    \b
    Examples:
      export PGUSER=owner PGPASSWORD=… WITNESSMARK_JOURNAL=postgresql://db.example/newsroom
      witnessmark newsroom init
      witnessmark newsroom person anna --name A. --may collector
      witnessmark newsroom person boris --name B. --may reviewer
      witnessmark newsroom share mycase --blobs s3://evidence/cases
      witnessmark newsroom join copy --blobs s3://evidence/cases --id 0a1b…
      witnessmark newsroom copy mycase safe/mycase

    Needs the extra packages: pip install "witnessmark[newsroom]". docs/newsroom.md says how to set it up.
    """


@command.command()
@JOURNAL
def init(journal: str) -> None:
    """Prepare a database, once, as its owner: tables that only grow, the rules, and the three roles."""
    with closing(Database(journal, os.environ)) as database:
        prepare(database)
    click.echo("The database is ready. Add people with `witnessmark newsroom person`.", err=True)


@command.command()
@JOURNAL
@click.argument("login")
@click.option("--name", required=True, help="The name or pseudonym that the journal will show.")
@click.option(
    "--may", multiple=True, type=click.Choice([role.value for role in Role]), required=True, help="Repeat for several."
)
def person(journal: str, login: str, name: str, may: tuple[str, ...]) -> None:
    """Let a LOGIN of the database take part, or give them a further role."""
    with closing(Database(journal, os.environ)) as database:
        add_person(database, Person(login=login, name=name, roles=tuple(Role(one) for one in may)))
    click.echo(f"{terminal(login)} writes as {terminal(name)}: {', '.join(may)}")


@command.command("people")
@JOURNAL
@AS_JSON
def list_people(journal: str, as_json: bool) -> None:
    """List who takes part, under which name, in which roles."""
    with closing(Database(journal, os.environ)) as database:
        known = people(database)
    for one in known:
        click.echo(
            msgspec.json.encode(one)
            if as_json
            else f"{terminal(one.login):<20} {terminal(one.name):<30} {', '.join(one.roles) or 'no role'}"
        )


@command.command("list")
@JOURNAL
def list_cases(journal: str) -> None:
    """List the ids of the cases in the database."""
    with closing(Database(journal, os.environ)) as database:
        for one in found(database):
            click.echo(one)


@command.command()
@CASE
@JOURNAL
@BLOBS
def share(case_path: Path, journal: str, blobs: str) -> None:
    """Make CASE a shared one. Its folder stays, and follows the shared case from now on."""
    with open_case(case_path) as case:
        sharing = share_case(case, journal, blobs)
    click.echo(f"case {sharing.case} is shared; others: witnessmark newsroom join FOLDER --id {sharing.case} …")


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@JOURNAL
@BLOBS
@click.option("--id", "case", required=True, help="Which case; `newsroom list` shows them.")
@click.option("--cache", type=click.IntRange(min=0), help="Most bytes of blobs to keep here.  [default: 20 GiB]")
def join(folder: Path, journal: str, blobs: str, case: str, cache: int | None) -> None:
    """Follow a shared case in a new FOLDER, which then works like any case."""
    with join_case(folder, journal, blobs, case, cache_bytes=cache) as joined:
        who = joined.parts.person
        size = len(joined.events())
    roles = ", ".join(who.roles) if who else "unknown"
    click.echo(f"{terminal(str(folder))}: {size} entries; you are {terminal(who.name) if who else 'unknown'} ({roles})")


@command.command("copy")
@CASE
@click.argument("folder", type=click.Path(path_type=Path))
def copy_command(case_path: Path, folder: Path) -> None:
    """Copy a shared CASE, whole, into a new FOLDER that needs neither database nor store."""
    with open_case(case_path, read_only=True) as case:
        size = copy_out(case, folder)
    click.echo(f"{terminal(str(folder))}: {size} entries, the same journal byte for byte")
