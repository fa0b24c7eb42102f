"""`witnessmark case`: keep evidence in a folder that records everything done to it."""

import sys
from contextlib import closing
from pathlib import Path

import click
import msgspec

from witnessmark.case import create_case, open_case
from witnessmark.case.check import check_case
from witnessmark.case.gate import gate
from witnessmark.case.index import Index
from witnessmark.cli._actor import actor_of, actor_options
from witnessmark.cli._signing import AS_JSON, CASE, SigningChoice, signing_options
from witnessmark.cli.seal import show as show_sealed
from witnessmark.errors import UsageError
from witnessmark.model.evidence import Event, EventKind, Transfer
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.report.escape import lines, terminal
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.head import add_cosignatures, current_checkpoint
from witnessmark.seal.packing import extract

_HOW_TO_COMPLETE = (
    "`witnessmark review` records a second person (5), `contact` the question and its answer (6), `case note CASE TEXT "
    '--purpose "privacy check"` or "harm check" what you looked at (7, 8), `seal` the seal (10). Or say why it goes '
    'out like this: --incomplete "REASON".'
)


@click.group()
def command() -> None:
    """Start a case, add to it, look at it, and prepare an extract for others.

    \b
    Examples:
      witnessmark case new mycase --title "Examplecam SDK" --vendor Examplecam --actor A.
      witnessmark case add mycase sdk.zip --from "handed over by a customer" --actor A.
      witnessmark case note mycase "Compared with the 2019 release." --actor A.
      witnessmark case show mycase
      witnessmark case export mycase extract.zip
    """


@command.command()
@CASE
@click.option("--title", required=True)
@click.option("--vendor", default="", help="Whose product it is.")
@click.option("--purpose", default="", help="Why the case is kept, and on what authority.")
@actor_options
def new(case_path: Path, title: str, vendor: str, purpose: str, actor: str, role: str) -> None:
    """Start a case in a new folder."""
    who = actor_of(actor, role)
    with create_case(case_path, title=title, vendor=vendor, purpose=purpose, actor=who) as case:
        click.echo(f"{terminal(str(case_path))}: case {case.head.id}")


@command.command()
@CASE
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "source", default="", help="Where the files come from, in words.")
@click.option("--handed-by", default="", help="Who handed them over, if somebody did (a pseudonym will do).")
@actor_options
@AS_JSON
def add(
    case_path: Path, files: tuple[Path, ...], source: str, handed_by: str, actor: str, role: str, as_json: bool
) -> None:
    """Keep files in the case. Nothing is opened or run; scanning is a step of its own."""
    transfers = (Transfer(sender=handed_by, receiver=actor or "not stated", reason=source),) if handed_by else ()
    with open_case(case_path, actor=actor_of(actor, role)) as case:
        for path in files:
            event = case.add(path, reason=source, transfers=transfers)
            if as_json:
                click.echo(msgspec.json.encode(event))
            else:
                click.echo(f"{event.outputs[0].digest}  {terminal(path.name)}")


@command.command("list")
@CASE
@AS_JSON
def list_items(case_path: Path, as_json: bool) -> None:
    """List everything the case holds: digest, size, role, name."""
    with open_case(case_path, read_only=True) as case:
        items = case.items()
    for item in items:
        if as_json:
            click.echo(msgspec.json.encode(item))
        else:
            click.echo(f"{item.digest}  {item.size:>12}  {item.role:<12}  {terminal(item.name)}")


@command.command()
@CASE
@click.option("--kind", type=click.Choice([kind.value for kind in EventKind]), help="Only events of this kind.")
@click.option("--entry", type=click.IntRange(min=0), help="One entry, in full.")
@click.option("--words", default="", help="Only entries that contain all these words.")
@click.option("--digest", default="", help="Only entries that name this digest: what was done with these bytes.")
@AS_JSON
def show(case_path: Path, kind: str | None, entry: int | None, words: str, digest: str, as_json: bool) -> None:
    """Show the custody journal."""
    with open_case(case_path, read_only=True) as case, closing(Index(case)) as index:
        chosen = EventKind(kind) if kind else None
        found = index.naming(Sha256(digest)) if digest else index.events(kind=chosen, words=words, limit=1_000_000)
        events = [event for event in sorted(found, key=lambda e: e.seq) if entry is None or event.seq == entry]
        head, problems = case.head, case.problems
    if entry is not None and not events:
        raise UsageError(f"the journal has no entry {entry}")
    if not as_json and entry is None:
        click.echo(f"{terminal(head.title)}  (vendor: {terminal(head.vendor) or 'not stated'}, case {head.id})")
    for event in events:
        if as_json:
            click.echo(msgspec.json.encode(event))
        elif entry is not None:
            click.echo("\n".join(lines(msgspec.json.format(msgspec.json.encode(event)).decode())))
        else:
            click.echo(_line(event))
    for problem in problems:
        click.echo(f"{terminal(problem.message)}. {problem.consequence} {problem.hint}", err=True)


@command.command()
@CASE
@click.argument("text")
@click.option("--purpose", default="", help='What it is for; "harm check" and "privacy check" count at export.')
@actor_options
def note(case_path: Path, text: str, purpose: str, actor: str, role: str) -> None:
    """Write a note into the journal; TEXT, or - to read it from standard input."""
    words = sys.stdin.read(1 << 20) if text == "-" else text
    with open_case(case_path, actor=actor_of(actor, role)) as case:
        event = case.append(EventKind.NOTE, text=UntrustedText(words), purpose=purpose or case.head.purpose)
    click.echo(f"entry {event.seq}")


@command.command()
@CASE
@click.argument("digest")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where to write it; never overwritten.")
def get(case_path: Path, digest: str, out: Path) -> None:
    """Copy one item out of the case."""
    with open_case(case_path, read_only=True) as case, out.open("xb") as file:
        for _, view in case.blob(Sha256(digest)).windows():
            file.write(view)


@command.command()
@CASE
@AS_JSON
def check(case_path: Path, as_json: bool) -> None:
    """Read every byte of the case again and list all damage. Exit 3 if there is any."""
    damage = check_case(case_path)
    for flaw in damage:
        click.echo(msgspec.json.encode(flaw) if as_json else f"{terminal(flaw.path)}: {terminal(flaw.what)}")
    if not damage:
        click.echo("Every blob has its digest, and the journal is whole.", err=True)
    sys.exit(3 if damage else 0)


@command.command()
@CASE
@signing_options
@click.option("--add", "note_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Keep the note.")
def checkpoint(case_path: Path, note_file: Path | None, **signing: object) -> None:
    """Print the journal's signed head, for others to hold; or --add one that a witness has co-signed.

    Whoever holds it can tell later whether an entry before it was changed or taken out.
    """
    with open_case(case_path) as case:
        if note_file is not None:
            kept = add_cosignatures(case, note_file.read_bytes())
            click.echo(f"{len(kept.signatures)} signatures on the head of {kept.size} entries", err=True)
            return
        signer, _ = msgspec.convert(signing, SigningChoice).signer()
        click.echo(current_checkpoint(case, signer).note(), nl=False)


@command.command()
@CASE
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--with-originals", is_flag=True, help="Include what was collected, not only excerpts and records.")
@click.option("--incomplete", default="", metavar="REASON", help="Export although points of the list are missing; why.")
@signing_options
@actor_options
@AS_JSON
def export(
    case_path: Path,
    bundle: Path,
    with_originals: bool,
    incomplete: str,
    actor: str,
    role: str,
    as_json: bool,
    **signing: object,
) -> None:
    """Write a signed extract for others: findings and journal with personal data masked, originals left out.

    The export gate first lists what a published finding should carry and this case does not have yet.
    """
    choice = msgspec.convert(signing, SigningChoice)
    with open_case(case_path, actor=actor_of(actor, role)) as case:
        points = gate(case)
        for point in points:
            click.echo(f"{'ok     ' if not point.missing else 'MISSING'}  {point.number}. {point.title}", err=True)
            for missing in point.missing[:10]:
                click.echo(f"           {terminal(missing)}", err=True)
        if any(point.missing for point in points) and not incomplete:
            raise UsageError("not exported: points of the list above are missing", hint=_HOW_TO_COMPLETE)
        signer, rotations = choice.signer()
        sealing = Sealing(
            signer=signer,
            authorities=choice.authorities(),
            client=choice.client(),
            ots=choice.ots,
            rotations=rotations,
            selection=extract(with_originals=with_originals),
        )
        show_sealed(seal(case, bundle, sealing, purpose=incomplete, kind=EventKind.EXPORTED), as_json=as_json)


def _line(event: Event) -> str:
    names = ", ".join(terminal(item.name or item.digest[:12]) for item in event.outputs[:4])
    said = terminal(event.text or event.reason)
    parts = [
        f"{event.seq:>6}",
        event.t_utc[:19] + "Z",
        f"{event.type:<14}",
        terminal(event.actor.name),
        names,
        said[:120],
    ]
    return "  ".join(part for part in parts if part) + (f"  [{len(event.errors)} problems]" if event.errors else "")
