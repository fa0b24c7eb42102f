"""The Consolidated Screening List of the US International Trade Administration: one CSV of thirteen lists."""

import re

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import ListEntry
from witnessmark.screen.loader import ListRefused, Parsed, citations, csv_rows, entry_id, iso_day, plain_head, unique

COLUMNS = (
    "_id",
    "source",
    "entity_number",
    "type",
    "programs",
    "name",
    "title",
    "addresses",
    "federal_register_notice",
    "start_date",
    "end_date",
    "standard_order",
    "license_requirement",
    "license_policy",
    "call_sign",
    "vessel_type",
    "gross_tonnage",
    "gross_registered_tonnage",
    "vessel_flag",
    "vessel_owner",
    "remarks",
    "source_list_url",
    "alt_names",
    "citizenships",
    "dates_of_birth",
    "nationalities",
    "places_of_birth",
    "source_information_url",
    "ids",
)
LISTS = {
    "EL": "bis-entity-list",
    "DPL": "bis-dpl",
    "MEU": "bis-meu",
    "UVL": "bis-uvl",
    "SDN": "ofac-sdn",
    "SSI": "ofac-ssi",
    "CMIC": "ofac-nscmic",
    "FSE": "ofac-fse",
    "CAP": "ofac-capta",
    "CAPTA": "ofac-capta",
    "MBS": "ofac-mbs",
    "PLC": "ofac-plc",
    "ISN": "state-nonproliferation",
    "DTC": "state-debarred",
}
_CODE = re.compile(r"\((?:NS-)?([A-Z]{2,5})(?: List)?\)")
_COUNTRY = re.compile(r",\s*([A-Z]{2})\s*(?:;|$)")


def list_of(source: str) -> str:
    """Our name for one of the thirteen lists. Raises ListRefused for a source that is not known."""
    code = next((match for match in _CODE.findall(source) if match in LISTS), None)
    if code is None:
        raise ListRefused(
            f"CSL: the source {source[:80]!r} is not known",
            hint="A new list was added; teach screen/loaders/csl.py its name.",
        )
    return LISTS[code]


def entry(row: dict[str, str]) -> ListEntry:
    """One row as an entry of its own list."""
    list_id = list_of(row["source"])
    start = iso_day(row["start_date"])
    end = iso_day(row["end_date"])
    cites = citations(row["federal_register_notice"])
    country = _COUNTRY.search(row["addresses"])
    return ListEntry(
        id=f"{list_id}:{row['_id']}" if row["_id"] else entry_id(list_id, row["name"], row["addresses"]),
        list=list_id,
        name=UntrustedText(row["name"].strip()),
        aliases=tuple(UntrustedText(text.strip()) for text in row["alt_names"].split(";") if text.strip()),
        country=country.group(1) if country else None,
        address=UntrustedText(row["addresses"]) or None,
        citations=cites,
        listed_from=start,
        listed_until=end if end and end < "2050" else None,
        schema="Person" if row["type"] == "Individual" else "LegalEntity",
        notes=UntrustedText(row["remarks"] or row["license_requirement"]) or None,
        source="csl",
        programme=row["programs"],
        url=row["source_information_url"] or row["source_list_url"],
    )


class CslCsv:
    """`consolidated.csv`, and `consolidated.tsv` with tabs."""

    NAME = "csl-csv"

    def recognises(self, head: bytes) -> bool:
        """The header names all 29 columns."""
        return plain_head(head).startswith((b"_id,source,entity_number,type,", b"_id\tsource\tentity_number\ttype\t"))

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """Entries of all lists in the file, or of one when `list_id` names it."""
        delimiter = "\t" if plain_head(data[:64]).startswith(b"_id\t") else ","
        rows = [entry(row) for row in csv_rows(data, COLUMNS, "CSL CSV", delimiter=delimiter)]
        if list_id not in ("", "csl"):
            rows = [row for row in rows if row.list == list_id]
        return Parsed(unique(rows), "")


LOADER = CslCsv()
__all__ = ["COLUMNS", "LISTS", "LOADER", "entry", "list_of"]
