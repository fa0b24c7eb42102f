"""OFAC's `SDN.CSV` and `CONS_PRIM.CSV`: twelve columns without a header, `-0-` for nothing."""

import csv
import io
import re

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import ListEntry
from witnessmark.screen.loader import HINT, ListRefused, Parsed, text_of, unique

_AKA = re.compile(r"[af]\.k\.a\.\s+'([^']+)'")
COLUMNS = 12


class OfacCsv:
    """ent_num, name, type, program, title, call sign, vessel type, tonnage, GRT, flag, owner, remarks."""

    NAME = "ofac-csv"

    def recognises(self, head: bytes) -> bool:
        """A number, a quoted name, and `-0-`."""
        return re.match(rb'\s*\d+\s*,\s*"', head) is not None and b"-0-" in head[:600]

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All rows. Raises ListRefused for a row of another width."""
        name = list_id or "ofac-sdn"
        entries = []
        reader = csv.reader(io.StringIO(text_of(data, "OFAC CSV").replace("\x1a", ""), newline=""), strict=True)
        try:
            for number, row in enumerate(reader, 1):
                if not row or not "".join(row).strip():
                    continue
                if len(row) != COLUMNS or not row[0].strip().isdigit():
                    raise ListRefused(
                        f"OFAC CSV, line {number}: {len(row)} cells where {COLUMNS} are known; the file may be cut off",
                        hint=HINT,
                    )
                cells = ["" if cell.strip() == "-0-" else cell.strip() for cell in row]
                entries.append(
                    ListEntry(
                        id=f"{name}:{cells[0]}",
                        list=name,
                        name=UntrustedText(cells[1]),
                        programme=cells[3],
                        source="ofac",
                        aliases=tuple(UntrustedText(alias) for alias in _AKA.findall(cells[11])),
                        notes=UntrustedText(cells[11]) or None,
                        schema="Person" if cells[2] == "individual" else "LegalEntity",
                        url="https://sanctionslist.ofac.treas.gov/",
                    )
                )
        except csv.Error as error:
            raise ListRefused(
                f"OFAC CSV, line {reader.line_num}: {error}; the file may be cut off", hint=HINT
            ) from error
        return Parsed(unique(entries), "")


LOADER = OfacCsv()
