"""`witnessmark formats`: what can be opened here, and what would have to be installed for the rest."""

import json

import click

from witnessmark.sandbox.program import installed
from witnessmark.unpack.manual import markdown
from witnessmark.unpack.registry import unpackers


@click.command(
    epilog="Examples:  witnessmark formats        witnessmark formats --json        witnessmark formats --markdown"
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print docs/formats.md.")
def command(as_json: bool, as_markdown: bool) -> None:
    """List the formats that are opened, with their limits."""
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    rows = [
        {
            "name": name,
            "title": unpacker.DOC.title,
            "kind": unpacker.DOC.kind,
            "limits": unpacker.DOC.limits,
            "program": unpacker.DOC.program,
            "installed": unpacker.DOC.program is None or installed(unpacker.DOC.program) is not None,
            "install": unpacker.DOC.install,
        }
        for name, unpacker in unpackers().items()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        missing = "" if row["installed"] else f"   for some of it: {row['install']}"
        click.echo(f"{row['name']:16} {row['title']}{missing}")
