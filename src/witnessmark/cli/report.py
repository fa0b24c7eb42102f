"""`witnessmark report`: a case as something people can read and check."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from witnessmark.case import open_case
from witnessmark.cli._letter import letter
from witnessmark.cli._signing import CASE
from witnessmark.errors import UsageError
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.report.casefile.dossier import Dossier
from witnessmark.report.casefile.html import render_html
from witnessmark.report.casefile.linked import render_jsonld
from witnessmark.report.casefile.pdf import render_pdf
from witnessmark.report.casefile.press import render_press
from witnessmark.report.casefile.tables import render_json, render_table
from witnessmark.report.escape import terminal
from witnessmark.report.fonts.shelf import faces, system_folders
from witnessmark.report.translation import LANGUAGES

FORMS = {
    "html": "A page in one file, for people (the default).",
    "pdf": "The same page, printed by an installed Chromium.",
    "json": "Everything, for programs.",
    "csv": "The findings as a table.",
    "markdown": "The findings as text with headings.",
    "jsonld": "Who made what from what, as linked data (PROV).",
    "sarif": "The findings, for code viewers.",
    "letter": "The letter that asks the vendor for comment, as a draft.",
    "press": "A short sheet about the findings, for editors.",
}
EPILOG = """\b
Examples:
  witnessmark report mycase --out report.html
  witnessmark report mycase --pdf --lang fr --out rapport.pdf
  witnessmark report mycase --embed-fonts --out report.html    # shows every script on any machine
  witnessmark report mycase --press
  witnessmark report mycase --letter --sender "A. Reporter, Example News" --deadline 2026-03-10T17:00Z"""


def _forms(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, says in reversed(FORMS.items()):
        function = click.option(f"--{name}", "form", flag_value=name, help=says)(function)
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
        click.echo(f"{terminal(str(out))}: {len(data):,} bytes", err=True)
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


def _other(dossier: Dossier, form: str, given: dict[str, Any]) -> bytes:
    if form == "letter":
        return letter(dossier, dossier.findings, sender=given["sender"], deadline=given["deadline"]).encode()
    if form == "press":
        return render_press(dossier)
    if form == "jsonld":
        return render_jsonld(dossier)
    return render_json(dossier) if form == "json" else render_table(dossier, form)
