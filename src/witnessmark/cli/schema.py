"""`witnessmark schema`: the JSON Schema of what `scan --json` prints."""

import click
import msgspec

from witnessmark.model.finding import ScanReport


@click.command(epilog="Example:  witnessmark schema > scan.schema.json")
def command() -> None:
    """Print the JSON Schema (2020-12) of the scan report."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(ScanReport)}
    click.echo(msgspec.json.format(msgspec.json.encode(schema), indent=1).decode())
