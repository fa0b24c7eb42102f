"""Lists that agencies publish as pages or PDF only (UFLPA, 1260H, NS-CMIC, FCC, WRO), written out as one JSON shape."""

import msgspec

from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.loader import HINT, ListRefused, Parsed, citations, entry_id, iso_day, text_of, unique


class _Entity(Record, frozen=True, kw_only=True):
    name: str
    aliases: tuple[str, ...] = ()
    country: str | None = None
    address: str | None = None
    status: str | None = None
    effective_date: str | None = None
    federal_register: str | None = None
    notes: str | None = None


class _Document(Record, frozen=True, kw_only=True):
    list_id: str
    source_file: str
    extracted: str
    count: int
    entities: tuple[_Entity, ...]


class AgencyJson:
    """`{list_id, source_file, extracted, count, entities: [{name, aliases, country, address, …}]}`."""

    NAME = "agency-json"

    def recognises(self, head: bytes) -> bool:
        """The first keys."""
        return head.lstrip().startswith(b"{") and b'"list_id"' in head and b'"entities"' in head

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All entities; the stated count must hold."""
        text_of(data, "agency JSON")
        try:
            document = msgspec.json.decode(data, type=_Document)
        except msgspec.DecodeError as error:
            raise ListRefused(f"agency JSON: {error}; the file may be cut off", hint=HINT) from error
        if document.count != len(document.entities):
            raise ListRefused(
                f"agency JSON: {len(document.entities)} entities where the file says {document.count}", hint=HINT
            )
        if list_id not in ("", document.list_id):
            raise ListRefused(f"agency JSON: the file is of {document.list_id}, not of {list_id}", hint=HINT)
        return Parsed(
            unique(self._entry(row, document.list_id) for row in document.entities), iso_day(document.extracted) or ""
        )

    def _entry(self, row: _Entity, list_id: str) -> ListEntry:
        cites = citations(row.federal_register)
        days = sorted(cite.date for cite in cites if cite.date)
        start = iso_day(row.effective_date) or (days[0] if days else None)
        shown = cites or ((Citation(cite=row.federal_register),) if row.federal_register else ())
        return ListEntry(
            id=entry_id(list_id, row.name, row.country, row.address),
            list=list_id,
            name=UntrustedText(row.name.strip()),
            aliases=tuple(UntrustedText(alias.strip()) for alias in row.aliases if alias.strip()),
            country=row.country,
            address=UntrustedText(row.address) if row.address else None,
            citations=shown,
            listed_from=start,
            notes=UntrustedText(row.notes) if row.notes else None,
            source="agency",
        )


LOADER = AgencyJson()
