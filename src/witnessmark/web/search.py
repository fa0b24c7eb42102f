"""Questions to the index: a page of findings that fit, the one before and after, how many, and what to filter by."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import msgspec

from witnessmark.case import Case
from witnessmark.case.gate import GateItem, Lacking, gate_of
from witnessmark.case.progress import Detected, Opinion, progress_of
from witnessmark.model.artifact import Locator
from witnessmark.model.case import Verdict
from witnessmark.model.fact import Kind
from witnessmark.model.finding import Finding
from witnessmark.web.index import FindingIndex, file_key
from witnessmark.web.tokens import question
from witnessmark.web.versions import version_keys

PAGE = 50
FACETS = ("grade", "capability", "group", "container", "verdict")
UNREVIEWED = "none"
MOST_VALUES = 40
"""Values of one filter that are offered; more can be reached by search."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed to. Empty: everything."""

    kind: str = Kind.FINDING.value
    grade: str = ""
    capability: str = ""
    group: str = ""
    container: str = ""
    verdict: str = ""
    q: str = ""

    def address(self, **changes: str) -> str:
        """The same as a query string, without what is left at its default."""
        values = {**msgspec.structs.asdict(self), **changes}
        if values["kind"] == Kind.FINDING.value:
            values["kind"] = ""
        return urlencode({name: value for name, value in values.items() if value})


class Row(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One line of the list."""

    n: int
    id: str
    kind: str
    grade: str
    capability: str
    verdict: str
    sort: str
    title: str
    groups: str
    place: str


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a filter, and how many findings have it."""

    value: str
    number: int
    chosen: bool


_COLUMNS = "n, id, kind, grade, capability, verdict, sort, title, groups, place"


class Search:
    """Answers from one index."""

    def __init__(self, index: FindingIndex) -> None:
        self._index = index
        self._count = lru_cache(maxsize=512)(self._counted)

    def page(self, chosen: Filter, after: tuple[str, int] | None, size: int = PAGE) -> tuple[list[Row], bool]:
        """The rows that follow a key, and whether there are more."""
        where, values = _where(chosen)
        if after is not None:
            where += " AND (sort, n) > (?, ?)"
            values += after
        rows = self._rows(f"{where} ORDER BY sort, n LIMIT ?", [*values, size + 1])
        return rows[:size], len(rows) > size

    def count(self, chosen: Filter) -> int:
        """How many fit."""
        return self._count(chosen, self._index.generation)

    def _counted(self, chosen: Filter, generation: int) -> int:
        if chosen == Filter(kind=chosen.kind):
            query = "SELECT coalesce(sum(number), 0) FROM total WHERE facet = 'grade' AND (kind = ? OR ? = 'all')"
            return int(self._index.base.execute(query, (chosen.kind, chosen.kind)).fetchone()[0])
        where, values = _where(chosen)
        return int(self._index.base.execute(f"SELECT count(*) FROM finding WHERE {where}", values).fetchone()[0])

    def neighbours(self, chosen: Filter, row: Row) -> tuple[str, str]:
        """The ids before and after a finding in the same list; empty at its ends."""
        where, values = _where(chosen)
        key = [*values, row.sort, row.n]
        before = self._rows(f"{where} AND (sort, n) < (?, ?) ORDER BY sort DESC, n DESC LIMIT 1", key)
        after = self._rows(f"{where} AND (sort, n) > (?, ?) ORDER BY sort, n LIMIT 1", key)
        return (before[0].id if before else ""), (after[0].id if after else "")

    def finding(self, name: str) -> tuple[Row, Finding, list[str]] | None:
        """One finding, and who detected it; None when the case has no such id."""
        rows = self._rows("id = ?", [name])
        if not rows:
            return None
        query = "SELECT record, detected_by FROM body JOIN finding USING (n) WHERE n = ?"
        record, by = self._index.base.execute(query, (rows[0].n,)).fetchone()
        return rows[0], msgspec.msgpack.decode(record, type=Finding), msgspec.json.decode(by, type=list[str])

    def siblings(self, finding: Finding, limit: int = 20) -> list[Row]:
        """Other findings in the same file."""
        return self._rows(
            "file = ? AND id <> ? ORDER BY sort, n LIMIT ?", [file_key(finding.locator), finding.id, limit]
        )

    def versions(self, finding: Finding, limit: int = 40) -> list[Row]:
        """The same declaration, by name or by parts, in other files."""
        keys = version_keys(finding)
        if not keys:
            return []
        within = f"n IN (SELECT n FROM declared WHERE key IN ({','.join('?' * len(keys))}))"
        return self._rows(f"{within} AND file <> ? ORDER BY sort, n LIMIT ?", [*keys, file_key(finding.locator), limit])

    def in_file(self, locator: Locator) -> str:
        """The id of the first finding in the file of a place; empty if there is none."""
        rows = self._rows("file = ? ORDER BY sort, n LIMIT 1", [file_key(locator)])
        return rows[0].id if rows else ""

    def holdings(self, limit: int = 60) -> list[tuple[str, str, int, str]]:
        """By product and capability: how many findings there are, and the strongest one's id; strongest first."""
        query = "SELECT container, capability, number, id FROM holds ORDER BY strongest, container LIMIT ?"
        return self._index.base.execute(query, (limit,)).fetchall()

    def gate(self, case: Case) -> tuple[GateItem, ...]:
        """The export list of a case, from what the index knows of its findings and reviews. Raises CaseError."""
        base = self._index.base
        opinions: dict[str, list[Opinion]] = {}
        for name, by, at, verdict, why in base.execute(
            "SELECT finding, actor, at, verdict, reason FROM opinion ORDER BY seq"
        ):
            opinions.setdefault(name, []).append(Opinion(by=by, at=at, verdict=Verdict(verdict), reason=why))
        detected, lacks = [], []
        decode = msgspec.msgpack.Decoder(Lacking).decode
        joined = "finding LEFT JOIN lacks USING (n)"
        query = f"SELECT id, title, detected_by, record FROM {joined} WHERE kind = ? ORDER BY sort, n"
        for name, title, by, record in base.execute(query, (Kind.FINDING.value,)):
            detected.append(Detected(finding=name, title=title, by=tuple(msgspec.json.decode(by, type=list[str]))))
            if record is not None:
                lacks.append(decode(record))
        return gate_of(case, progress_of(case, detected, opinions), lacks)

    def opinions(self, name: str) -> list[Opinion]:
        """What reviewers said of a finding, oldest first."""
        query = "SELECT actor, at, verdict, reason FROM opinion WHERE finding = ? ORDER BY seq"
        rows = self._index.base.execute(query, (name,))
        return [Opinion(by=by, at=at, verdict=Verdict(verdict), reason=why) for by, at, verdict, why in rows]

    def titles(self, names: list[str]) -> dict[str, str]:
        """Titles by id, for those that are known."""
        marks = ",".join("?" * len(names))
        query = f"SELECT id, title FROM finding WHERE id IN ({marks})"
        return dict(self._index.base.execute(query, names))

    def facets(self, chosen: Filter) -> dict[str, list[Value]]:
        """What can be filtered by, with numbers over all findings of this kind."""
        kind = chosen.kind
        query = "SELECT facet, value, sum(number) FROM total WHERE kind = ? OR ? = 'all' GROUP BY facet, value"
        found: dict[str, list[Value]] = {name: [] for name in FACETS}
        for facet, value, number in self._index.base.execute(query, (kind, kind)):
            value = UNREVIEWED if facet == "verdict" and not value else value
            found[facet].append(Value(value=value, number=number, chosen=getattr(chosen, facet) == value))
        return {
            name: sorted(values, key=lambda item: (not item.chosen, -item.number, item.value))[:MOST_VALUES]
            for name, values in found.items()
        }

    def _rows(self, where: str, values: list[Any]) -> list[Row]:
        found = self._index.base.execute(f"SELECT {_COLUMNS} FROM finding WHERE {where}", values)
        return [Row(**dict(zip(Row.__struct_fields__, row, strict=True))) for row in found]


def _where(chosen: Filter) -> tuple[str, list[Any]]:
    parts, values = ["1"], []
    if chosen.kind != "all":
        parts.append("kind = ?")
        values.append(chosen.kind)
    for column in ("grade", "capability", "container"):
        if getattr(chosen, column):
            parts.append(f"{column} = ?")
            values.append(getattr(chosen, column))
    if chosen.verdict:
        parts.append("verdict = ?")
        values.append("" if chosen.verdict == UNREVIEWED else chosen.verdict)
    if chosen.group:
        parts.append("n IN (SELECT n FROM named WHERE grp = ?)")
        values.append(chosen.group)
    if chosen.q.strip():
        asked = question(chosen.q)
        if asked:
            parts.append("n IN (SELECT rowid FROM words WHERE words MATCH ?)")
            values.append(asked)
        else:
            parts.append("0")
    return " AND ".join(parts), values
