"""The command line: one file a command, each of which only parses, calls the library and prints."""

import ast
import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any

import click

from witnessmark import __version__
from witnessmark.errors import WitnessmarkError


class CommandFolder(click.Group):
    """Find `cli/<name>.py` by its name and import it only when asked for, so that start-up stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All command names, sorted."""
        return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by the first line of their files, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_line(name)) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command's `command` object, or None when there is no such file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"witnessmark.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command


def _first_line(name: str) -> str:
    """What a command's file says of it: the docstring after the command's name."""
    path = Path(__file__).with_name(f"{name.replace('-', '_')}.py")
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return doc.split("\n")[0].partition(": ")[2].rstrip(".")


EXIT_CODES = """\b
Exit codes: 0 done · 1 we failed · 2 usage · 3 verification failed
            4 done, but parts could not be read · 5 --fail-on was reached"""


@click.command(cls=CommandFolder, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="witnessmark")
def witnessmark() -> None:
    """Find, explain and preserve evidence that a product sorts people by a protected trait."""


def main(argv: list[str] | None = None) -> Any:
    """Run the command line; turn our own errors into one line, a hint and the documented exit code."""
    try:
        return witnessmark.main(args=argv, prog_name="witnessmark", standalone_mode=True)
    except WitnessmarkError as error:
        click.echo(f"witnessmark: {error}", err=True)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        sys.exit(error.exit_code)
