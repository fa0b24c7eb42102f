"""`witnessmark screen`: a name, or many, against the lists, on a day."""

import csv
import io
import os
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import click
import msgspec

from witnessmark.case import open_case
from witnessmark.errors import UsageError
from witnessmark.knowledge.sanctions import load_relations
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.screening import Screening, Screenings
from witnessmark.report.escape import csv_cell, terminal
from witnessmark.screen.batch import CSV_COLUMNS, Row, as_csv_rows, as_json_row, read_csv_rows, read_rows
from witnessmark.screen.dates import day
from witnessmark.screen.holdings import Holdings, holdings
from witnessmark.screen.makers import Makers
from witnessmark.screen.parallel import screen_in_parallel
from witnessmark.screen.screener import Screener
from witnessmark.screen.suppliers import names_in

EXAMPLES = """\b
Examples:
  witnessmark screen Hikvision
  witnessmark screen 大华技术 --as-of 2019-10-01
  witnessmark screen "Dahua Technology" --since 2019-01-01
  witnessmark screen --batch names.jsonl --jsonl > answers.jsonl
  witnessmark screen --from sbom.cdx.json
"""


@click.command(epilog=EXAMPLES)
@click.argument("names", nargs=-1)
@click.option(
    "--batch",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rows {id, query, as_of?}: JSON lines or CSV.",
)
@click.option(
    "--from",
    "found_in",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Screen the suppliers named in a CycloneDX or SPDX file, or in a scan report.",
)
@click.option(
    "--lists",
    "list_files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Screen against this normalised list (JSON lines or CSV) instead of the stored ones.",
)
@click.option(
    "--relations",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A TOML file of your own firms and relations.",
)
@click.option("--as-of", help="Answer for this day (YYYY-MM-DD); today when left out.")
@click.option("--since", help="Also print what changed for the candidates since this day.")
@click.option(
    "--threshold",
    type=click.FloatRange(0.0, 1.0),
    help="Least score that is reported (the default is fitted; see sanctions/README.md).",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Most candidates a name.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=min(8, os.cpu_count() or 1),
    show_default="one a core",
    help="Worker processes for a large batch.",
)
@click.option("--why", is_flag=True, help="Print every feature with its share of the score.")
@click.option(
    "--case",
    "case_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Also record the answers in this case.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON line a name.")
@click.option("--csv", "as_csv", is_flag=True, help="One CSV row a candidate.")
def command(  # noqa: PLR0913 -- one parameter an option
    names: tuple[str, ...],
    batch: Path | None,
    found_in: tuple[Path, ...],
    list_files: tuple[Path, ...],
    relations: tuple[Path, ...],
    as_of: str | None,
    since: str | None,
    threshold: float | None,
    limit: int,
    jobs: int,
    why: bool,
    case_folder: Path | None,
    as_json: bool,
    as_jsonl: bool,
    as_csv: bool,
) -> None:
    """Screen NAMES against sanctions and procurement lists: candidates with reasons and dates, never a verdict.

    A candidate is an entry that may be meant; a person has to compare. No candidate is not clearance.
    """
    today = datetime.now(UTC).date()
    answers_for = day(as_of) if as_of else today.isoformat()
    known = load_relations(extra=relations)
    makers = Makers(known.identifier, known.firm)
    rows = list(_rows(names, batch, found_in, makers))
    if not rows and batch is None and not found_in:
        raise UsageError("nothing to screen", hint="Give a name, --batch FILE or --from FILE.")
    have = holdings(list_files, today=today)
    screener = Screener(have.entries, relations=known)
    answers = screen_in_parallel(
        screener, rows, today=answers_for, jobs=jobs if len(rows) >= 500 else 1, threshold=threshold, limit=limit
    )
    if case_folder is not None:
        answers = iter(_kept(case_folder, have, tuple(answers)))
    if as_jsonl or (batch is not None and not (as_json or as_csv)):
        for answer in answers:
            sys.stdout.buffer.write(msgspec.json.encode(as_json_row(answer)) + b"\n")
    elif as_csv:
        _print_csv(answers)
    elif as_json:
        document = {"lists": have.ages, "answers": [as_json_row(answer) for answer in answers]}
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())
    else:
        for answer in answers:
            _print_answer(answer, why=why)
        _print_changes(have, since, today)
        click.echo(have.statement())


def _kept(folder: Path, have: Holdings, answers: tuple[Screening, ...]) -> tuple[Screening, ...]:
    lists = tuple(f"{row['list']} as of {row['as_of'] or 'an unstated day'}, {row['from']}" for row in have.ages)
    with open_case(folder, actor=Actor(name="witnessmark screen")) as case:
        case.record(EventKind.SCREENED, Screenings(lists=lists, answers=answers))
    return answers


def _rows(names: tuple[str, ...], batch: Path | None, found_in: tuple[Path, ...], makers: Makers) -> Iterable[Row]:
    for number, name in enumerate(names, 1):
        # Bytes that are no UTF-8 come in as lone surrogates, which no output could hold.
        yield Row(id=str(number), query=name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    if batch is not None:
        if batch.suffix.lower() == ".csv":
            yield from read_csv_rows(batch.read_bytes())
        else:
            with batch.open("rb") as file:
                yield from read_rows(file)
    for path in found_in:
        for found in names_in(path.read_bytes(), path.name, makers):
            yield Row(id=found.place, query=found.name)


def _print_answer(answer: Screening, *, why: bool) -> None:
    click.echo(f"{terminal(answer.query)}   (as of {answer.as_of})")
    for remark in answer.remarks:
        click.echo(f"  note: {terminal(remark)}")
    if not answer.candidates:
        click.echo("  no candidate on these lists. That is not clearance: see the lists and their dates below.")
    for row in answer.candidates:
        state = {True: "listed", False: "NOT listed on that day", None: "on the list; the publisher gives no date"}[
            row.listed
        ]
        dates = f"from {row.listed_from or '?'}" + (f" until {row.listed_until}" if row.listed_until else "")
        linked = (
            " · linked, not itself listed"
            if any(hop.kind not in ("known", "former", "twin", "different_body") for hop in row.hops)
            else ""
        )
        click.echo(f"  {min(row.score, 0.99):.2f}  candidate: {terminal(row.name)}  [{row.list}]{linked}")
        click.echo(f"        {state}, {dates}; {terminal(row.citation) or 'no citation'}; entry {terminal(row.entry)}")
        for reason in row.reasons if why else row.reasons[:3]:
            click.echo(f"        - {terminal(reason)}")
        for hop in row.hops:
            for source in hop.source:
                read = f"read {source.date}" if source.date else "cited, not re-read for this release"
                click.echo(f"          source: {terminal(source.title)} {terminal(source.url)} ({read})")
    click.echo("")


def _print_csv(answers: Iterable[Screening]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for answer in answers:
        for row in as_csv_rows(answer):
            writer.writerow([csv_cell(cell) for cell in row])
    click.echo(out.getvalue(), nl=False)


def _print_changes(have: Holdings, since: str | None, today: date) -> None:
    if since is None:
        return
    start = day(since)
    click.echo(f"Changes on these lists from {start} to {today.isoformat()}, by date of effect:")
    for event in have.events_since(start):
        click.echo(
            f"  {event.effective or '?'}  {event.kind:6}  {terminal(event.name)}  [{event.list}]  "
            f"{terminal(event.citation)}"
        )
    click.echo("")
