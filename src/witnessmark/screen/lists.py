"""Read lists that were already brought into the common form: JSON lines or CSV with the fields of `ListEntry`."""

import csv
import io
from pathlib import Path

import msgspec

from witnessmark.errors import UsageError
from witnessmark.model.screening import Citation, ListEntry

MOST_BYTES = 2_000_000_000
MOST_ENTRIES = 2_000_000


def read_normalised(path: Path) -> tuple[ListEntry, ...]:
    """The entries of a normalised list file (`.jsonl`, or `.csv` with `;`-joined aliases). Raises UsageError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix.lower() == ".csv":
        return parse_csv(data, path.name)
    return parse_jsonl(data, path.name)


def parse_jsonl(data: bytes, name: str) -> tuple[ListEntry, ...]:
    """Entries from JSON lines; an unknown field or a wrong type is an error with its line. Raises UsageError."""
    decoder = msgspec.json.Decoder(ListEntry)
    out: list[ListEntry] = []
    seen: dict[str, ListEntry] = {}
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            hint = "Each line is one entry with the fields of `witnessmark lists show --fields`."
            raise UsageError(f"{name}, line {number}: {error}", hint=hint) from error
        if entry.id in seen and seen[entry.id] == entry:
            continue  # publishers repeat rows
        if entry.id in seen and seen[entry.id].name != entry.name:
            raise UsageError(f"{name}, line {number}: the id {entry.id[:80]!r} stands for two names")
        seen[entry.id] = entry
        out.append(entry)
        if len(out) > MOST_ENTRIES:
            raise UsageError(f"{name} has more than {MOST_ENTRIES} entries")
    return tuple(out)


_COLUMNS = (
    "id",
    "list",
    "name",
    "aliases",
    "country",
    "address",
    "citations",
    "listed_from",
    "listed_until",
    "schema",
    "notes",
    "source",
)


def parse_csv(data: bytes, name: str) -> tuple[ListEntry, ...]:
    """Entries from CSV with our column names; several aliases or citations are joined by `;`. Raises UsageError."""
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True)
        unknown = sorted(set(rows.fieldnames or ()) - set(_COLUMNS))
        if unknown or "name" not in (rows.fieldnames or ()):
            raise UsageError(
                f"{name}: unknown or missing columns {', '.join(unknown) or 'name'}",
                hint="Columns: " + ", ".join(_COLUMNS),
            )
        lines = []
        for number, row in enumerate(rows, 1):
            cites = tuple(
                Citation(cite=text.strip()) for text in (row.get("citations") or "").split(";") if text.strip()
            )
            fields: dict[str, object] = {
                key: value or None for key, value in row.items() if key not in ("aliases", "citations")
            }
            fields["aliases"] = [text.strip() for text in (row.get("aliases") or "").split(";") if text.strip()]
            fields["citations"] = cites
            fields["id"] = fields.get("id") or f"{name}:{number}"
            fields["list"] = fields.get("list") or name
            fields = {key: value for key, value in fields.items() if value is not None}
            lines.append(msgspec.json.encode(fields))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{name} is not CSV in UTF-8: {error}") from error
    return parse_jsonl(b"\n".join(lines), name)
