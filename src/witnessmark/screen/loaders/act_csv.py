"""Firms that an act of Congress names (section 889 and the like): a small table with the act as its source."""

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.loader import Parsed, csv_rows, entry_id, iso_day, plain_head, unique

COLUMNS = (
    "schema",
    "name",
    "aliases",
    "topics",
    "program",
    "authority",
    "reason",
    "report-date",
    "start-date",
    "end-date",
    "country",
    "notes",
    "source_url",
)


class ActCsv:
    """schema, name, aliases, topics, program, authority, reason, dates, country, notes, source_url."""

    NAME = "act-csv"

    def recognises(self, head: bytes) -> bool:
        """The header's first columns."""
        return plain_head(head).startswith(b"schema,name,aliases,topics,program")

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All rows."""
        name = list_id or "ndaa-889"
        rows = []
        for row in csv_rows(data, COLUMNS, "act table"):
            start = iso_day(row["start-date"])
            rows.append(
                ListEntry(
                    id=entry_id(name, row["name"]),
                    list=name,
                    name=UntrustedText(row["name"]),
                    country=row["country"] or None,
                    aliases=tuple(UntrustedText(text.strip()) for text in row["aliases"].split(";") if text.strip()),
                    citations=(Citation(cite=row["program"], date=start),),
                    listed_from=start,
                    listed_until=iso_day(row["end-date"]),
                    notes=UntrustedText(row["notes"]) or None,
                    source="act",
                    programme=row["program"],
                    url=row["source_url"],
                )
            )
        return Parsed(unique(rows), "")


LOADER = ActCsv()
