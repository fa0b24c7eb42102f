"""The EU's consolidated list of financial sanctions as CSV (`csvFullSanctionsList_1_1`): one row a name or fact."""

import csv
import io
import re

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.loader import HINT, ListRefused, Parsed, iso_day, plain_head, text_of, unique
from witnessmark.screen.loaders.eu_fsf_xml import URL

_KNOWN = re.compile(r"fileGenerationDate|(?:Entity|NameAlias|Address|BirthDate|Identification|Citizenship)_\w+")
_NEEDED = frozenset(
    (
        "Entity_LogicalId",
        "Entity_EU_ReferenceNumber",
        "Entity_DesignationDate",
        "Entity_Remark",
        "Entity_SubjectType",
        "Entity_Regulation_EntryIntoForceDate",
        "Entity_Regulation_NumberTitle",
        "Entity_Regulation_Programme",
        "NameAlias_WholeName",
    )
)


class EuFsfCsv:
    """Semicolons, a header of grouped columns, and as many rows a target as it has names and facts."""

    NAME = "eu-fsf-csv"

    def recognises(self, head: bytes) -> bool:
        """The first columns of the header."""
        return plain_head(head).startswith(b"fileGenerationDate;Entity_LogicalId")

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """One entry a target. Raises ListRefused for an unknown column or a row of another width."""
        reader = csv.reader(io.StringIO(text_of(data, "EU list"), newline=""), delimiter=";", strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            unknown = {name for name in header if not _KNOWN.fullmatch(name)} | (_NEEDED - set(header))
            if unknown:
                raise ListRefused(f"EU list: unknown or missing columns: {', '.join(sorted(unknown))[:200]}", hint=HINT)
            groups: dict[str, list[dict[str, str]]] = {}
            for number, row in enumerate(reader, 2):
                if row and len(row) != len(header):
                    raise ListRefused(
                        f"EU list, line {number}: {len(row)} cells where {len(header)} are known; the file may be "
                        "cut off",
                        hint=HINT,
                    )
                cells = {name: cell.strip() for name, cell in zip(header, row, strict=bool(row))}
                groups.setdefault(cells.get("Entity_LogicalId", ""), []).append(cells)
        except csv.Error as error:
            raise ListRefused(
                f"EU list, line {reader.line_num}: {error}; the file may be cut off", hint=HINT
            ) from error
        groups.pop("", None)
        name = list_id or "eu-consolidated"
        first = next(iter(groups.values()), [{}])[0]
        day = iso_day(first.get("fileGenerationDate"), "%d/%m/%Y", "%Y-%m-%d")
        return Parsed(unique(self._entry(key, rows, name) for key, rows in groups.items()), day or "")

    def _entry(self, key: str, rows: list[dict[str, str]], list_id: str) -> ListEntry:
        names = list(dict.fromkeys(filter(None, (row["NameAlias_WholeName"] for row in rows))))
        first = rows[0]
        day = iso_day(first["Entity_DesignationDate"]) or iso_day(first["Entity_Regulation_EntryIntoForceDate"])
        title = first["Entity_Regulation_NumberTitle"]
        country = next((row["Address_CountryDescription"] for row in rows if row.get("Address_CountryDescription")), "")
        return ListEntry(
            id=f"{list_id}:{first['Entity_EU_ReferenceNumber'] or key}",
            list=list_id,
            name=UntrustedText(names[0] if names else ""),
            aliases=tuple(UntrustedText(text) for text in names[1:]),
            country=country or None,
            citations=(Citation(cite=f"Regulation (EU) {title}", date=day),) if title else (),
            listed_from=day,
            schema="Person" if first["Entity_SubjectType"].lower() in ("person", "p") else "LegalEntity",
            notes=UntrustedText(first["Entity_Remark"]) or None,
            programme=first["Entity_Regulation_Programme"],
            source="eu",
            url=URL,
        )


LOADER = EuFsfCsv()
