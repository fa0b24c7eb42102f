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
from witnessmark.report.casefile.dossier import Dossier
from witnessmark.report.casefile.html import render_html
from witnessmark.report.casefile.linked import render_jsonld
from witnessmark.report.casefile.pdf import render_pdf
from witnessmark.report.casefile.press import render_press
from witnessmark.report.casefile.tables import render_json, render_table
from witnessmark.report.translation import LANGUAGES

FORMS = ("html", "pdf", "json", "csv", "markdown", "jsonld", "letter", "press")
EPILOG = """\b
Examples:
  witnessmark report mycase --out report.html
  witnessmark report mycase --pdf --lang fr --out rapport.pdf
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
@click.option("--sender", default="", help="For --letter: who asks, and how to reach them.")
@click.option("--deadline", default="", help="For --letter: until when they may answer.")
def command(case_path: Path, form: str | None, out: Path | None, lang: str, sender: str, deadline: str) -> None:
    """Write the report on CASE: HTML unless another form is asked for. Personal data is masked."""
    with open_case(case_path, read_only=True) as case:
        dossier = dossier_of(case)
    data = _render(dossier, form or "html", lang, sender, deadline)
    if out is not None:
        out.write_bytes(data)
    elif form == "pdf" and sys.stdout.isatty():
        raise UsageError("a PDF does not belong on a terminal", hint="Name a file with --out.")
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _render(dossier: Dossier, form: str, language: str, sender: str, deadline: str) -> bytes:
    if form == "html":
        return render_html(dossier, language=language)
    if form == "pdf":
        return render_pdf(render_html(dossier, language=language))
    if form == "letter":
        collected = [f"{row.item.name or row.item.role}, {row.item.digest}" for row in dossier.collected[:50]]
        vendor = dossier.head.vendor
        return draft(vendor, dossier.findings, sender=sender, deadline=deadline, collected=collected).encode()
    if form == "press":
        return render_press(dossier)
    if form == "jsonld":
        return render_jsonld(dossier)
    return render_json(dossier) if form == "json" else render_table(dossier, form)
