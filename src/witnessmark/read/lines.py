"""Read files made of lines around matches: YAML, INI, properties, string tables, PO, SQL, CSV."""

import csv
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

from witnessmark.model.observation import Observation, Shape
from witnessmark.read.source import Draft, Found, Hit, Part, finish

_PAIR = re.compile(r"""^(\s*(?:-\s+)?)("?[^\s"'=:#;][^"'=:]{0,120}?"?|'[^']+')\s*([:=])\s*(.*)$""")
_SECTION = re.compile(r"^\s*\[+([^\]]+)\]+\s*$")
_ITEM = re.compile(r"^(\s*)-\s+(.*)$")
_PO = re.compile(r'^\s*(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+"(.*)"\s*$|^\s*"(.*)"\s*$')
_TRANSLATIONS = re.compile(r"\.(?:properties|strings|po|pot|lang|lng|resources?|loc)$", re.IGNORECASE)
_FLOW = re.compile(r"^\s*(?:-\s+)?([^\s:=#][^:=#\[]{0,120}?)\s*[:=]\s*\[([^\[\]]*)\]\s*,?\s*(?:#.*)?$")
_HEAD = re.compile(
    r"\s*(?:local\s+|public\s+|private\s+)?(?:function|sub|class|def|module|proc|func|fn|method)\s+([\w.:]+)"
)
_CODE = re.compile(
    r"\.(?:lua|rb|pl|pm|r|m4|sh|bash|ps1|tcl|jl|ex|exs|erl|hs|lisp|clj|f90|pas|dpr|dfm|vb|bas|frm|vbs|asp|nim)$"
)
_REACH = 400  # lines looked at to either side
_LONGEST = 4_000


class LineReader:
    """The entries of one decoded part of a line-based file."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.cut = False
        self.lines: list[tuple[int, int]] = []
        at = 0
        for line in part.text.splitlines(keepends=True):
            self.lines.append((at, at + len(line)))
            at += len(line)
        self.kind = _kind(part)

    def observations(self) -> Iterator[Observation]:
        """One observation for each entry, list or row that matches stand in."""
        grouped: dict[int, list[Hit]] = {}
        for hit in self.part.hits:
            grouped.setdefault(self._line_of(hit.start), []).append(hit)
        merged: dict[tuple[int, int], tuple[Draft, list[Hit]]] = {}
        for number, hits in sorted(grouped.items()):
            draft = self._draft(number)
            held = merged.setdefault((draft.start, draft.end), (draft, []))
            held[1].extend(hits)
        for draft, hits in merged.values():
            yield finish(self.part, draft, hits)

    def outline(self) -> Iterator[Observation]:
        """Every entry."""
        done = -1
        for number, (start, end) in enumerate(self.lines):
            if start < done or not self.part.text[start:end].strip():
                continue
            draft = self._draft(number)
            done = max(draft.end, end)
            yield finish(self.part, draft, [])

    def _line_of(self, at: int) -> int:
        low, high = 0, len(self.lines) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.lines[middle][0] <= at:
                low = middle
            else:
                high = middle - 1
        return low

    def _text(self, number: int) -> str:
        start, end = self.lines[number]
        return self.part.text[start : min(end, start + _LONGEST)].rstrip("\r\n")

    def _draft(self, number: int) -> Draft:
        if not self.lines:
            return Draft(Shape.SENTENCE, "", 0, 0, 0, text="")
        if self.kind == "csv":
            return self._row(number)
        if self.kind == "sql":
            table = self._table(number)
            if table is not None:
                return table
        if self.kind == "translation":
            return self._translation(number)
        flow = _FLOW.match(self._text(number))
        if flow is not None:
            return self._flow(number, flow)
        if _ITEM.match(self._text(number)) and not _PAIR.match(self._text(number)):
            return self._items(number)
        if self.kind == "code":
            return self._statement(number)
        return self._pairs(number)

    # --- key and value -------------------------------------------------------------------------------------------

    def _indent(self, number: int) -> int:
        text = self._text(number)
        return len(text) - len(text.lstrip())

    @cached_property
    def _heads(self) -> list[tuple[int, int, str]]:
        """The lines that name a function or class: number, depth, name."""
        found = ((number, _HEAD.match(self._text(number))) for number in range(len(self.lines)))
        return [(number, self._indent(number), head[1]) for number, head in found if head]

    def _siblings(self, number: int) -> range:
        """The lines of the same block: as deep, or deeper, around this one."""
        depth = self._indent(number)
        low = high = number
        while low > 0 and number - low < _REACH:
            text = self._text(low - 1)
            if text.strip() and (self._indent(low - 1) < depth or _SECTION.match(text)):
                break
            low -= 1
        while high + 1 < len(self.lines) and high - number < _REACH:
            text = self._text(high + 1)
            if text.strip() and (self._indent(high + 1) < depth or _SECTION.match(text)):
                break
            high += 1
        return range(low, high + 1)

    def _parents(self, number: int) -> list[str]:
        depth = self._indent(number)
        out: list[str] = []
        for back in range(number - 1, max(-1, number - 20_000), -1):
            text = self._text(back)
            if not text.strip() or len(out) >= 12:
                continue
            section = _SECTION.match(text)
            if section:
                out.append(section[1])
                break
            if self._indent(back) < depth:
                depth = self._indent(back)
                pair = _PAIR.match(text)
                out.append(pair[2].strip("\"'") if pair else text.strip(" -:\"'")[:80])
        return list(reversed(out))

    def _pair(self, number: int) -> Found:
        start, end = self.lines[number]
        text = self._text(number)
        pair = _PAIR.match(text)
        comment = re.search(r"\s#\s*(.+)$", text)
        if pair is None:
            return Found(text.strip()[:400], start + len(text) - len(text.lstrip()), start + len(text), (start, end))
        at = start + len(pair[1])
        value = pair[4][: comment.start() - pair.start(4)] if comment and comment.start() >= pair.start(4) else pair[4]
        found = Found(pair[2].strip("\"'"), at, start + len(text), (start, end), value=value.strip("\"'; ") or None)
        if comment:
            found.comments.append(comment[1])
        return found

    def _pairs(self, number: int) -> Draft:
        block = self._siblings(number)
        depth = self._indent(number)
        numbers = [n for n in block if self._text(n).strip() and self._indent(n) == depth]
        own = self._pair(number)
        members = [self._pair(n) for n in numbers[:400]]
        for before, after in pairwise(members):
            before.extent = (before.extent[0], after.extent[0])
        start, end = self.lines[block[0]][0], self.lines[block[-1]][1]
        return Draft(
            Shape.KEY_PATH, own.name, start, end, own.start,
            members=members, parents=self._parents(number), neighbours=[], text=self._text(number).strip(),
        )  # fmt: skip

    def _items(self, number: int) -> Draft:
        depth = self._indent(number)
        members = []
        block = [n for n in self._siblings(number) if _ITEM.match(self._text(n)) and self._indent(n) == depth]
        for item in block[:400]:
            found = _ITEM.match(self._text(item))
            assert found is not None
            start, end = self.lines[item]
            members.append(Found(found[2].strip("\"' "), start + found.start(2), start + found.end(2), (start, end)))
        parents = self._parents(number)
        before = block[0] - 1 if block else number
        lead = _PAIR.match(self._text(before)) if before >= 0 else None
        name = lead[2].strip("\"' ") if lead else (parents[-1] if parents else "")
        start, end = self.lines[block[0]][0], self.lines[block[-1]][1]
        if lead and name not in parents:
            parents = [*parents, name]
        return Draft(Shape.LABEL_LIST, name, start, end, start, members=members, parents=parents)

    def _flow(self, number: int, flow: re.Match[str]) -> Draft:
        """`labels: [White, Black, Asian]` on one line."""
        start, end = self.lines[number]
        members = []
        for item in re.finditer(r"[^,\[\]]+", flow[2]):
            word = item.group().strip(" \"'")
            if word:
                at = start + flow.start(2) + item.start()
                members.append(Found(word, at, at + len(item.group()), (at, at + len(item.group()))))
        name = flow[1].strip("\"' -")
        return Draft(Shape.LABEL_LIST, name, start, end, start, members=members, parents=[*self._parents(number), name])

    def _statement(self, number: int) -> Draft:
        """One line of a language without a reader of its own, with the lines and the heading line around it."""
        start, end = self.lines[number]
        near = [*range(max(0, number - 5), number), *range(number + 1, min(len(self.lines), number + 6))]
        parents: list[str] = []
        depth = self._indent(number)
        for back, indent, name in reversed(self._heads[: bisect_left(self._heads, (number, -1, ""))]):
            if back <= number - 2_000:
                break
            if indent <= depth:
                parents.append(name)
                break
        text = self._text(number).strip()
        return Draft(
            Shape.STATEMENT, text[:160], start, end, start,
            parents=parents, neighbours=[self._text(n).strip()[:300] for n in near if self._text(n).strip()], text=text,
        )  # fmt: skip

    # --- string tables -------------------------------------------------------------------------------------------

    def _translation(self, number: int) -> Draft:
        block = self._entry(number)
        start, end = self.lines[block[0]][0], self.lines[block[-1]][1]
        text = self.part.text[start:end]
        around = [self._text(n).strip() for n in range(max(0, block[0] - 12), min(len(self.lines), block[-1] + 13))]
        mine = {self._text(n).strip() for n in block}
        own = self._pair(block[0])
        name = own.name if len(block) == 1 else text.strip()
        return Draft(
            Shape.TRANSLATION, name[:160], start, end, start,
            members=[own] if len(block) == 1 else [], neighbours=[line for line in around if line and line not in mine],
            parents=[self.part.source.name], text=" ".join(text.split()),
        )  # fmt: skip

    def _entry(self, number: int) -> range:
        """The lines of one PO entry, or the one line of a properties file."""
        if not _PO.match(self._text(number)):
            return range(number, number + 1)
        low = high = number
        while low > 0 and number - low < 60 and _PO.match(self._text(low - 1)):
            low -= 1
        while high + 1 < len(self.lines) and high - number < 60 and _PO.match(self._text(high + 1)):
            high += 1
        return range(low, high + 1)

    # --- tables --------------------------------------------------------------------------------------------------

    def _cells(self, number: int, mark: str) -> list[str]:
        try:
            return next(csv.reader([self._text(number)], delimiter=mark), [])
        except csv.Error:
            return self._text(number).split(mark)

    def _row(self, number: int) -> Draft:
        head = self._text(0) if self.part.whole else ""
        mark = max(",\t;|", key=(head or self._text(number)).count)
        names = self._cells(0, mark) if head and number else []
        start, end = self.lines[number]
        at = start
        members = []
        for index, cell in enumerate(self._cells(number, mark)[:400]):
            place = self.part.text.find(cell[:80], at, end) if cell else at
            place = at if place < 0 else place
            label = names[index] if index < len(names) else ""
            value = (label, cell) if label else (cell, None)
            members.append(
                Found(value[0], place, min(end, place + len(cell)), (at, place + len(cell) + 1), value=value[1])
            )
            at = min(end, place + len(cell))
        return Draft(
            Shape.ROW, members[0].value or members[0].name if members else "", start, end, start,
            members=members, neighbours=names[:48], parents=[self.part.source.name], text=self._text(number),
        )  # fmt: skip

    def _table(self, number: int) -> Draft | None:
        """The CREATE TABLE statement around a line, column by column."""
        text = self.part.text
        at = self.lines[number][0]
        head = None
        for found in re.compile(
            r"create\s+(?:\w+\s+){0,2}table\s+(?:if\s+not\s+exists\s+)?([\w.`\"\[\]]+)", re.I
        ).finditer(text, max(0, at - 40_000), self.lines[number][1]):
            head = found
        if head is None:
            return None
        end = text.find(";", head.end())
        end = len(text) if end < 0 else end
        if end <= at:
            return None
        first, last = self._line_of(head.start()), self._line_of(max(head.start(), end - 1))
        columns = (self._column(n) for n in range(first + 1, min(last + 1, first + 400)))
        members = [column for column in columns if column is not None]
        name = head[1].strip('`"[]')
        return Draft(Shape.RECORD, name, head.start(), end, head.start(), members=members, text=None)

    def _column(self, number: int) -> Found | None:
        start, end = self.lines[number]
        text = self._text(number)
        found = re.match(r"\s*[`\"\[]?(\w+)[`\"\]]?\s+([A-Za-z]\w*(?:\([^)]*\))?)", text)
        if found is None:
            return None
        column = Found(found[1], start + found.start(1), start + len(text), (start, end), type=found[2])
        comment = re.search(r"comment\s+(?:'([^']*)'|\"([^\"]*)\")|--\s*(.*)$", text, re.I)
        if comment:
            column.comments.append(next(group for group in comment.groups() if group is not None))
        return column


def _kind(part: Part) -> str:
    name = part.source.name.lower()
    if name.endswith((".csv", ".tsv", ".tab")):
        return "csv"
    if name.endswith((".sql", ".ddl")):
        return "sql"
    if _CODE.search(name):
        return "code"
    return "translation" if _TRANSLATIONS.search(name) else "pairs"
