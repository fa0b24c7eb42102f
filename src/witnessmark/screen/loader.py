"""What a loader is: bytes as published in, entries out, and an error for anything it does not know."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple, Protocol

from witnessmark.errors import KnowledgeError
from witnessmark.model.screening import Citation, ListEntry, ListHeader

MOST_BYTES = 400_000_000
MOST_ROWS = 1_000_000
HINT = "The stored version stays in use. If the publisher changed its format, the loader must be taught it first."


class ListRefused(KnowledgeError):
    """A list file that is not what its publisher is known to publish."""


class Parsed(NamedTuple):
    """The entries of one file, and the day for which the file itself says it speaks ("" when it does not)."""

    entries: tuple[ListEntry, ...]
    as_of: str


class Loader(Protocol):
    """One publisher's format."""

    NAME: str

    def recognises(self, head: bytes) -> bool:
        """True when the first 4 KiB look like this format."""
        ...

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All entries. Raises ListRefused for an unknown field, a truncated file or another format."""
        ...


def plain_head(head: bytes) -> bytes:
    """The start of a CSV without byte order mark and quotes, for recognising its header."""
    return head.lstrip(b"\xef\xbb\xbf").replace(b'"', b"")


def text_of(data: bytes, what: str) -> str:
    """The text of a UTF-8 file; an error page or another encoding is refused."""
    if len(data) > MOST_BYTES:
        raise ListRefused(f"{what}: larger than {MOST_BYTES} bytes", hint=HINT)
    if re.match(rb"\s*(<!doctype html|<html)", data[:400], re.IGNORECASE):
        raise ListRefused(
            f"{what}: this is a web page, not the list",
            hint="The publisher may have answered with an error page; try again later.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListRefused(f"{what}: not UTF-8 at byte {error.start}", hint=HINT) from error


def csv_rows(data: bytes, columns: tuple[str, ...], what: str, *, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Rows of a CSV whose header is exactly the known columns, in any order. A repeated header row is skipped."""
    reader = csv.reader(io.StringIO(text_of(data, what), newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader, None)
        if header is None or {name.strip() for name in header} != set(columns):
            unknown = sorted({name.strip() for name in header or ()} ^ set(columns))
            raise ListRefused(f"{what}: unknown or missing columns: {', '.join(unknown)[:300]}", hint=HINT)
        names = [name.strip() for name in header]
        for number, row in enumerate(reader, 2):
            if not row or [cell.strip() for cell in row] == names:
                continue
            if len(row) != len(names) or number > MOST_ROWS:
                raise ListRefused(
                    f"{what}, line {number}: {len(row)} cells where {len(names)} are known; the file may be cut off",
                    hint=HINT,
                )
            yield {name: cell.strip() for name, cell in zip(names, row, strict=True)}
    except csv.Error as error:
        raise ListRefused(f"{what}, line {reader.line_num}: {error}; the file may be cut off", hint=HINT) from error


_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%m/%d/%Y", "%m/%d/%y", "%d/%m/%Y", "%d %b %Y")


def iso_day(text: str | None, *formats: str) -> str | None:
    """A publisher's date as an ISO day; None when it is empty or of another form."""
    if not text:
        return None
    for pattern in formats or _DATES:
        try:
            return datetime.strptime(text.strip(), pattern).date().isoformat()
        except ValueError:
            continue
    return None


_FR = re.compile(
    r"(\d{2,3})\s*F\.?\s*R\.?\s*(\d{3,6})(?:\s*,?\s*\(?\s*([A-Z][a-z]+ \d{1,2}, \d{4}|\d{1,2}/\d{1,2}/\d{2,4}))?"
)


def citations(text: str | None) -> tuple[Citation, ...]:
    """Federal Register citations in a text, each with its date when one follows."""
    found: dict[str, Citation] = {}
    for match in _FR.finditer(text or ""):
        cite = f"{match.group(1)} FR {match.group(2)}"
        found.setdefault(cite, Citation(cite=cite, date=iso_day(match.group(3))))
    return tuple(found.values())


def entry_id(list_id: str, *facts: str | None) -> str:
    """A stable id for a row that has none: the list and a digest of what identifies the row."""
    return f"{list_id}:{hashlib.sha256(chr(31).join(fact or '' for fact in facts).encode()).hexdigest()[:10]}"


def unique(entries: Iterable[ListEntry]) -> tuple[ListEntry, ...]:
    """The entries, each once; the same id with other content gets a number behind it."""
    seen: dict[str, ListEntry] = {}
    for entry in entries:
        if not entry.name.strip():
            raise ListRefused(f"a row of {entry.list} has no name", hint=HINT)
        key, number = entry.id, 2
        while key in seen and seen[key] != entry:
            key = f"{entry.id}-{number}"
            number += 1
        if key not in seen:
            fields = {name: getattr(entry, name) for name in ListEntry.__struct_fields__}
            seen[key] = entry if key == entry.id else ListEntry(**{**fields, "id": key})
    return tuple(seen.values())


def check_count(entries: tuple[ListEntry, ...], header: ListHeader) -> None:
    """Refuse a count outside what the list's header expects: half a list is worse than an old one."""
    if not header.expect_min <= len(entries) <= header.expect_max:
        raise ListRefused(
            f"{header.id}: {len(entries)} entries, where {header.expect_min} to {header.expect_max} are expected",
            hint=f"{HINT} If the list really changed that much, correct `expect_min` and `expect_max` in "
            f"sanctions/lists/{header.id}.toml.",
        )


def today_or(day: str, fallback: date) -> str:
    """The file's own day, else the day it was taken in."""
    return day or fallback.isoformat()
