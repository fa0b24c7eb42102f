"""Many names at once: rows `{id, query, as_of?}` in, one answer a row out, in order."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from witnessmark.errors import UsageError
from witnessmark.model.screening import Screening
from witnessmark.screen.dates import day
from witnessmark.screen.screener import Screener

MOST_ROWS = 5_000_000
MOST_LINE = 200_000


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One question; fields beside these three are ignored, so that a labelled file can be used as it is."""

    query: str
    id: str | int = ""
    as_of: str | None = None


def read_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """Rows from JSON lines, checked as they come. Raises UsageError with the line's number."""
    decoder = msgspec.json.Decoder(Row)
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # as some editors begin a file
        if not line.strip():
            continue
        if number > MOST_ROWS or len(line) > MOST_LINE:
            raise UsageError(
                f"line {number}: too many or too long lines", hint=f"At most {MOST_ROWS} lines of {MOST_LINE} bytes."
            )
        try:
            row = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(
                f"line {number}: {error}", hint='Each line is {"id": …, "query": …, "as_of": …}.'
            ) from error
        if row.as_of is not None:
            day(row.as_of)
        yield Row(id=str(number if row.id == "" else row.id), query=row.query, as_of=row.as_of)


def read_csv_rows(data: bytes) -> Iterator[Row]:
    """Rows from CSV with a header naming `query` and perhaps `id`, `as_of`. Raises UsageError."""
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True)
        if "query" not in (rows.fieldnames or ()):
            raise UsageError("the CSV has no column named query")
        for number, row in enumerate(rows, 1):
            as_of = row.get("as_of") or None
            yield Row(id=row.get("id") or str(number), query=row["query"] or "", as_of=day(as_of) if as_of else None)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"not CSV in UTF-8: {error}") from error


def screen_rows(
    screener: Screener, rows: Iterable[Row], *, today: str, threshold: float | None = None, limit: int = 50
) -> Iterator[Screening]:
    """One answer a row, in order."""
    for row in rows:
        yield screener.screen(
            row.query, as_of=row.as_of or today, query_id=str(row.id), threshold=threshold, limit=limit
        )


def as_json_row(answer: Screening) -> dict[str, Any]:
    """The wire form of one answer: `{id, candidates: [{entry, list, name, score, …}]}`."""
    return {
        "id": answer.id,
        "query": answer.query,
        "as_of": answer.as_of,
        "remarks": list(answer.remarks),
        "candidates": [
            {
                "entry": row.entry,
                "list": row.list,
                "name": row.name,
                "score": row.score,
                "listed": row.listed,
                "listed_from": row.listed_from,
                "listed_until": row.listed_until,
                "citation": row.citation,
                "matched": row.matched,
                "reasons": list(row.reasons),
            }
            for row in answer.candidates
        ],
    }


CSV_COLUMNS = (
    "id",
    "query",
    "as_of",
    "rank",
    "entry",
    "list",
    "name",
    "score",
    "listed",
    "listed_from",
    "listed_until",
    "citation",
    "reasons",
)


def as_csv_rows(answer: Screening) -> Iterator[tuple[str, ...]]:
    """One CSV row a candidate; a row with empty columns for an answer without candidates."""
    if not answer.candidates:
        yield answer.id, answer.query, answer.as_of, *("",) * 10
    for rank, row in enumerate(answer.candidates, 1):
        listed = "" if row.listed is None else "yes" if row.listed else "no"
        yield (
            answer.id,
            answer.query,
            answer.as_of,
            str(rank),
            row.entry,
            row.list,
            row.name,
            f"{row.score:.4f}",
            listed,
            row.listed_from or "",
            row.listed_until or "",
            row.citation,
            " | ".join(row.reasons),
        )
