"""The page of formats is what the formats say."""

from pathlib import Path

from click.testing import CliRunner

from witnessmark.cli.formats import command
from witnessmark.unpack.manual import markdown
from witnessmark.unpack.registry import unpackers

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


def test_the_page_of_formats_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == markdown(), "run: witnessmark formats --markdown > docs/formats.md"


def test_the_command_lists_every_format() -> None:
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(unpackers())
