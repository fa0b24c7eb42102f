"""SQLite databases: the records that page borders cut in pieces."""

from collections import defaultdict
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.sqlite_pages import MAGIC, Cell, SqliteFile
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_MAX_CELLS = 500_000
_FORGET_AFTER = 16_384  # pages
_SMALL_BLOB = 64  # smaller ones are no containers, and lie in their page as a rule


class Sqlite(Unpacker):
    """A database file; short records are matched where they lie."""

    NAME = "sqlite"
    MAGIC = (Magic(data=MAGIC),)
    DOC = FormatDoc(
        title="SQLite database: long records put together",
        kind="data",
        suffixes=(".db", ".sqlite", ".sqlite3"),
        references=("https://www.sqlite.org/fileformat2.html",),
        limits=("Encrypted databases cannot be told from noise.", "Write-ahead logs (-wal) are matched as they stand."),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """For each table one text, a line for each long record; then the long binary columns, to be opened in turn."""
        database = SqliteFile(blob)
        owners = database.owners()
        cells: dict[str, list[Cell]] = defaultdict(list)
        count = size = 0
        for number in range(1, database.pages + 1):
            if number % _FORGET_AFTER == 0:
                blob.forget((number - 1) * database.page_size)
            for cell in database.cells(number):
                if cell.overflow:
                    cells[owners.get(number, "pages of no table")].append(cell)
                    count += 1
                    size += cell.payload
                    if count > _MAX_CELLS or size > 2 * blob.size:  # each page belongs to one record
                        raise FormatError("the long records do not fit into the file", code=ProblemCode.BOUND_STRUCTURE)
        for name, found in cells.items():
            content = derived_text(f"{name}, long records", _lines(database, found), context)
            if content is not None:
                yield content
            yield from _binary(database, name, found, context)


def _lines(database: SqliteFile, cells: list[Cell]) -> Iterator[str]:
    for cell in cells:
        columns = database.values(database.record(cell))
        shown = (str(value) for value in columns if isinstance(value, str | int | float))
        yield "\t".join(shown) + "\n"


def _binary(database: SqliteFile, name: str, cells: list[Cell], context: Context) -> Iterator[Content]:
    for row, cell in enumerate(cells, 1):
        for column, value in enumerate(database.values(database.record(cell)), 1):
            if isinstance(value, bytes) and len(value) >= _SMALL_BLOB:
                data = context.collect(iter((value,)))
                yield Content(name=UntrustedText(f"{name}, long record {row}, column {column}"), blob=data)


UNPACKER = Sqlite()
