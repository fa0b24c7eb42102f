"""The UK's consolidated list of financial sanctions targets (`ConList.csv`): a date line, then one row a name."""

import csv
import io

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.loader import HINT, ListRefused, Parsed, iso_day, text_of, unique

_NEEDED = (
    "Name 6",
    "Name 1",
    "Name 2",
    "Name 3",
    "Name 4",
    "Name 5",
    "Group Type",
    "Alias Type",
    "Regime",
    "Listed On",
    "Group ID",
)
_KNOWN = frozenset(
    (
        *_NEEDED,
        "Title",
        "Name Non-Latin Script",
        "Non-Latin Script Type",
        "Non-Latin Script Language",
        "DOB",
        "Town of Birth",
        "Country of Birth",
        "Nationality",
        "Passport Number",
        "Passport Details",
        "National Identification Number",
        "National Identification Details",
        "Position",
        "Address 1",
        "Address 2",
        "Address 3",
        "Address 4",
        "Address 5",
        "Address 6",
        "Post/Zip Code",
        "Country",
        "Other Information",
        "UK Sanctions List Date Designated",
        "Last Updated",
    )
)


class UkCsv:
    """`Last Updated,27/10/2025`, a header, rows; rows of one Group ID are names of one target."""

    NAME = "uk-conlist-csv"

    def recognises(self, head: bytes) -> bool:
        """The first line's label."""
        return head.lstrip(b"\xef\xbb\xbf").startswith((b"Last Updated,", b'"Last Updated"'))

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """One entry a group; its primary name first."""
        reader = csv.reader(io.StringIO(text_of(data, "UK list"), newline=""), strict=True)
        try:
            first, header = next(reader, []), next(reader, [])
            names = [name.strip() for name in header]
            unknown = (set(names) - _KNOWN) | (set(_NEEDED) - set(names))
            if unknown:
                raise ListRefused(f"UK list: unknown or missing columns: {', '.join(sorted(unknown))[:200]}", hint=HINT)
            groups: dict[str, list[dict[str, str]]] = {}
            for number, row in enumerate(reader, 3):
                if not row:
                    continue
                if len(row) != len(names):
                    raise ListRefused(
                        f"UK list, line {number}: {len(row)} cells where {len(names)} are known; the file "
                        f"may be cut off",
                        hint=HINT,
                    )
                cells = {name: cell.strip() for name, cell in zip(names, row, strict=True)}
                groups.setdefault(cells["Group ID"], []).append(cells)
        except csv.Error as error:
            raise ListRefused(
                f"UK list, line {reader.line_num}: {error}; the file may be cut off", hint=HINT
            ) from error
        day = iso_day(first[1], "%d/%m/%Y") if len(first) > 1 else None
        return Parsed(
            unique(self._entry(key, rows, list_id or "uk-consolidated") for key, rows in groups.items()), day or ""
        )

    def _entry(self, key: str, rows: list[dict[str, str]], list_id: str) -> ListEntry:
        rows = sorted(rows, key=lambda row: row["Alias Type"].lower() != "primary name")
        names = [" ".join(filter(None, (row[f"Name {n}"] for n in (1, 2, 3, 4, 5, 6)))) for row in rows]
        names += [row["Name Non-Latin Script"] for row in rows if row.get("Name Non-Latin Script")]
        day = iso_day(rows[0]["Listed On"], "%d/%m/%Y")
        unique_names = list(dict.fromkeys(name for name in names if name))
        return ListEntry(
            id=f"{list_id}:{key}",
            list=list_id,
            name=UntrustedText(unique_names[0] if unique_names else ""),
            aliases=tuple(UntrustedText(name) for name in unique_names[1:]),
            country=rows[0].get("Country") or None,
            citations=(Citation(cite=f"UK group {key}", date=day),),
            listed_from=day,
            programme=rows[0]["Regime"],
            source="uk",
            schema="Person" if rows[0]["Group Type"] == "Individual" else "LegalEntity",
            notes=UntrustedText(rows[0].get("Other Information", "")) or None,
            url="https://www.gov.uk/government/publications/financial-sanctions-consolidated-list-of-targets",
        )


LOADER = UkCsv()
