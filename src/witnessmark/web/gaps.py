"""Questions to the index about what was not read."""

import sqlite3
from typing import Any
from urllib.parse import urlencode

import msgspec


class Gap(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One thing that was not read."""

    rowid: int
    code: str
    severity: str
    place: str
    message: str
    consequence: str
    hint: str
    seq: int


class GapFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list of gaps is narrowed to. `q`: a part of the place."""

    code: str = ""
    severity: str = ""
    scan: str = ""
    q: str = ""

    def address(self, **changes: str) -> str:
        """The same as a query string."""
        return urlencode({k: v for k, v in {**msgspec.structs.asdict(self), **changes}.items() if v})


def gap_totals(base: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """How many gaps there are of each code and severity, what follows from them, and what would help."""
    query = "SELECT code, severity, number, consequence, hint FROM gap_total ORDER BY number DESC, code"
    return base.execute(query).fetchall()


def gaps(base: sqlite3.Connection, chosen: GapFilter, after: int, limit: int) -> tuple[list[Gap], bool]:
    """Gaps that fit, after a row, and whether there are more."""
    parts: list[str] = ["rowid > ?"]
    values: list[Any] = [after]
    for column, value in (("code", chosen.code), ("severity", chosen.severity)):
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    if chosen.scan.isdigit() and len(chosen.scan) < 12:
        parts.append("seq = ?")
        values.append(int(chosen.scan))
    if chosen.q:
        parts.append("instr(lower(place), lower(?)) > 0")
        values.append(chosen.q)
    columns = ", ".join(Gap.__struct_fields__)
    query = f"SELECT {columns} FROM gap WHERE {' AND '.join(parts)} ORDER BY rowid LIMIT ?"
    rows = [
        Gap(**dict(zip(Gap.__struct_fields__, row, strict=True))) for row in base.execute(query, [*values, limit + 1])
    ]
    return rows[:limit], len(rows) > limit
