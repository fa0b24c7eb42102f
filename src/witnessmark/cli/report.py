"""`witnessmark report`: a case as something people can read and check."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from witnessmark.case import open_case
from witnessmark.case.letter import draft
from witnessmark.cli._signing import CASE
from witnessmark.errors import UsageError
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.report.casefile.dossier import Dossier, Origin
from witnessmark.report.casefile.html import render_html
from witnessmark.report.casefile.linked import render_jsonld
from witnessmark.report.casefile.pdf import render_pdf
from witnessmark.report.casefile.press import render_press
from witnessmark.report.casefile.tables import render_json, render_table
from witnessmark.report.fonts.shelf import faces, system_folders
from witnessmark.report.translation import LANGUAGES

FORMS = ("html", "pdf", "json", "csv", "markdown", "jsonld", "sarif", "letter", "press")
EPILOG = """\b
Examples:
  witnessmark report mycase --out report.html
  witnessmark report mycase --pdf --lang fr --out rapport.pdf
  witnessmark report mycase --embed-fonts --out report.html    # shows every script on any machine
  witnessmark report mycase --press
  witnessmark report mycase --letter --sender "A. Reporter, Example News" --deadline 2026-03-10T17:00Z"""


def _forms(function: Callable[..., Any]) -> Callable[..., Any]:
    for name in reversed(FORMS):
        function = click.option(f"--{name}", "form", flag_value=name, help=f"Write {name}.")(function)
    return function


@click.command(epilog=EPILOG)
@CASE
@_forms
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Of headings.")
@click.option(
    "--embed-fonts", is_flag=True, help="For HTML and PDF: put the letters used, from this machine's free fonts, in."
)
@click.option(
    "--fonts",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The same, from the fonts in this folder alone; may be repeated.",
)
@click.option("--sender", default="", help="For --letter: who asks, and how to reach them.")
@click.option("--deadline", default="", help="For --letter: until when they may answer.")
def command(case_path: Path, form: str | None, out: Path | None, folders: tuple[Path, ...], **given: Any) -> None:
    """Write the report on CASE: HTML unless another form is asked for. Personal data is masked."""
    form = form or "html"
    with open_case(case_path, read_only=True) as case:
        dossier = dossier_of(case)
    shelf = tuple(folders) or (system_folders() if given["embed_fonts"] else ())
    data = _page(dossier, form, given["lang"], shelf) if form in ("html", "pdf") else _other(dossier, form, given)
    if out is not None:
        out.write_bytes(data)
    elif form == "pdf" and sys.stdout.isatty():
        raise UsageError("a PDF does not belong on a terminal", hint="Name a file with --out.")
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _page(dossier: Dossier, form: str, language: str, shelf: tuple[Path, ...]) -> bytes:
    if shelf and sys.stderr.isatty():
        click.echo("cutting fonts to the letters used …", err=True)
    html = render_html(dossier, language=language, fonts=faces(shelf) if shelf else None)
    return html if form == "html" else render_pdf(html, made_at=dossier.at)


def _examined(origin: Origin) -> str:
    """One file that findings rest on, as the vendor can tell it; nothing of how else the case was worked."""
    when = f" ({origin.event.type} {origin.event.t_utc[:10]})" if origin.url else ""
    return f"{origin.url or origin.item.name or origin.item.role}{when}, {origin.item.digest}"


def _other(dossier: Dossier, form: str, given: dict[str, Any]) -> bytes:
    if form == "letter":
        collected = [_examined(row) for row in dossier.sources()[:50]]
        sender, deadline = given["sender"], given["deadline"]
        letter = draft(dossier.head.vendor, dossier.findings, sender=sender, deadline=deadline, collected=collected)
        return letter.encode()
    if form == "press":
        return render_press(dossier)
    if form == "jsonld":
        return render_jsonld(dossier)
    return render_json(dossier) if form == "json" else render_table(dossier, form)
