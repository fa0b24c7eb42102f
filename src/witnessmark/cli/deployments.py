"""`witnessmark deployments`: who bought what from whom, from tender papers or entered by hand."""

import hashlib
import sys
import tempfile
from pathlib import Path

import click
import msgspec
from selectolax.lexbor import LexborHTMLParser

from witnessmark.blob import Blob
from witnessmark.case import open_case
from witnessmark.model.artifact import Locator
from witnessmark.model.deployment import CaseGraph, TenderReading
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, Severity
from witnessmark.report.escape import terminal
from witnessmark.screen.graph import of_tender, read_csv, to_csv, to_ftm, to_graphml, to_svg
from witnessmark.screen.tenders import read_tender
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.formats.html import text_of_page
from witnessmark.unpack.recurse import UnpackedLeaf, walk
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Limits

EXAMPLES = """\b
Examples:
  witnessmark deployments import notice.html contract.pdf
  witnessmark deployments import notice.docx --case case/ --json
  witnessmark deployments graph edges.csv --graphml > case.graphml
"""
MOST_TEXT = 8_000_000


@click.group(epilog=EXAMPLES)
def command() -> None:
    """Who bought what from whom: candidates from tender papers, and the graph of a case."""


@command.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--case",
    "case_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Keep the papers and what was read in this case.",
)
@click.option("--json", "as_json", is_flag=True)
def import_command(files: tuple[Path, ...], case_folder: Path | None, as_json: bool) -> None:
    """Read tender papers (html, pdf, docx, text; Chinese, English, Russian): candidates with their sentences.

    Nothing is confirmed: a person has to compare each candidate with the paper.
    """
    readings: list[TenderReading] = []
    problems: list[Problem] = []
    for path in files:
        text, found = text_of(path)
        problems += found
        readings.append(read_tender(text, document=path.name, data=path.read_bytes()))
        if case_folder is not None:
            with open_case(case_folder, actor=Actor(name="witnessmark deployments import")) as case:
                item = case.item(case.put(path), name=path.name, role="tender")
                case.record(EventKind.IMPORTED, readings[-1], inputs=(item,), errors=tuple(found))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(readings), indent=1).decode())
    else:
        for reading in readings:
            _print(reading)
    for problem in problems:
        click.echo(f"not read: {terminal(problem.message)}", err=True)
    if any(problem.severity is not Severity.NOTE for problem in problems):
        raise SystemExit(4)


def _print(reading: TenderReading) -> None:
    click.echo(f"{terminal(reading.document)}  sha256 {reading.sha256}")
    if not reading.claims:
        click.echo("  no candidate was found in its text")
    for claim in reading.claims:
        click.echo(
            f"  {claim.role:9} {terminal(claim.value)}\n            line {claim.line}: “{terminal(claim.sentence)}”"
        )
    if reading.cut:
        click.echo("  the paper is longer than what was read")
    click.echo("  These are candidates: compare each with the paper before you use it.\n")


def text_of(path: Path) -> tuple[str, list[Problem]]:
    """A paper's text, with what could not be read of it."""
    data = path.read_bytes()
    if path.suffix.lower() in (".html", ".htm", ".xhtml") or data[:400].lstrip()[:9].lower().startswith(
        (b"<!doctype", b"<html")
    ):
        page = LexborHTMLParser(text_of_page(data[:MOST_TEXT]))
        for unseen in page.css("script, style, noscript, template"):
            unseen.decompose()
        body = page.body
        return (body.text(separator="\n", strip=True) if body is not None else ""), []
    pieces: list[str] = []
    problems: list[Problem] = []
    locator = Locator(path=(UntrustedText(path.name),))
    with tempfile.TemporaryDirectory() as folder:
        working = Working(Limits(), lambda: Scratch(Path(folder)))
        for found in walk(Blob.of_path(path), locator, working):
            if isinstance(found, Problem):
                problems.append(found)
            elif isinstance(found, UnpackedLeaf) and (
                found.text or (len(found.locator.path) == 1 and path.suffix.lower() in (".txt", ".md", ".csv"))
            ):
                pieces.append(found.blob.read(0, MOST_TEXT).decode("utf-8", "replace"))
            if sum(map(len, pieces)) > MOST_TEXT:
                break
    return "\n".join(pieces), problems


@command.command("graph")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--graphml", "output", flag_value="graphml")
@click.option("--ftm", "output", flag_value="ftm")
@click.option("--svg", "output", flag_value="svg")
@click.option("--csv", "output", flag_value="csv")
def graph_command(files: tuple[Path, ...], output: str | None) -> None:
    """Print a case graph: from tables of edges (CSV), or from tender papers as if every candidate were confirmed."""
    graphs = [
        read_csv(path.read_bytes()) if path.suffix.lower() == ".csv" else of_tender(_read(path)) for path in files
    ]
    nodes = {node.id: node for graph in graphs for node in graph.nodes}
    edges = {hashlib.sha256(msgspec.json.encode(edge)).hexdigest(): edge for graph in graphs for edge in graph.edges}
    merged = CaseGraph(
        nodes=tuple(nodes[key] for key in sorted(nodes)),
        edges=tuple(sorted(edges.values(), key=lambda e: (e.source, e.target, e.kind, e.evidence, e.date))),
    )
    shown = {"graphml": to_graphml, "ftm": to_ftm, "csv": to_csv}
    sys.stdout.buffer.write(to_svg(merged).encode() if output == "svg" else shown[output or "csv"](merged))


def _read(path: Path) -> TenderReading:
    return read_tender(text_of(path)[0], document=path.name, data=path.read_bytes())
