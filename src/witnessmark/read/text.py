"""Read running text around matches: sentences with their neighbours and headings, lists with their lead-in."""

import re
from collections.abc import Iterator

from witnessmark.model.observation import Observation, Shape
from witnessmark.read.labelmap import label_map
from witnessmark.read.source import Draft, Found, Hit, Part, finish

_END = re.compile(r"[。！？!?؟։।]+[\"'”’」』）)]*\s*|\.(?=[\"'”’)\]]*(?:\s|$))[\"'”’)\]]*\s*|\n\s*\n|[;；؛]\s*\n")
_BULLET = re.compile(
    r"[ \t]*(?:[-*+•·●○■◆▪‣–]|\(?\d{1,3}[.)、）．]|[（(][一二三四五六七八九十\d]+[）)]|"
    r"[一二三四五六七八九十]+、|[a-zA-Z][.)]|[ivx]+\))\s*(?=\S)"
)
_HEADING = re.compile(
    r"^(?:#{1,6}\s+(.+?)\s*#*|(.+)\n(?:={3,}|-{3,}|~{3,})|"
    r"((?:第[一二三四五六七八九十\d]+[章节条]|\d+(?:\.\d+)*\.?\s)\s*\S.{0,100})|"
    r"([A-ZА-Я][A-ZА-Я0-9 /&-]{3,80}))\s*$",
    re.M,
)
_REACH = 2_000
_LABEL = re.compile(r"[ \t]*(?:\d{1,3}[\s:,.]\s*)?[^\W\d_][\w \t/()'-]{0,38}[ \t]*\r?$")
_MOST_LABELS = 80
_TABLE_ROWS = 12


class TextReader:
    """The sentences and lists of one decoded part of running text."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.cut = False
        self._headings: list[tuple[int, str]] | None = None
        self._map = label_map(part.text) if part.whole and not part.outline else []
        self._all_labels = bool(self._map) or self._is_label_file()

    def observations(self) -> Iterator[Observation]:
        """One observation for each sentence or list that matches stand in."""
        grouped: dict[tuple[int, int, str], list[Hit]] = {}
        for hit in self.part.hits:
            grouped.setdefault(self._owner(hit), []).append(hit)
        for (start, end, how), hits in sorted(grouped.items(), key=lambda item: item[0]):
            if how == "labels":
                draft = self._labels()
            else:
                draft = self._list(start, end) if how == "list" else self._sentence(start, end)
            yield finish(self.part, draft, hits)

    def outline(self) -> Iterator[Observation]:
        """Every sentence."""
        at = 0
        text = self.part.text
        while at < len(text):
            start, end = self._span(at)
            if text[start:end].strip():
                yield finish(self.part, self._sentence(start, end), [])
            at = max(end, at + 1)

    def _is_label_file(self) -> bool:
        """Whether the file is nothing but short labels, one a line, as models have them beside their weights."""
        text = self.part.text
        if not self.part.whole or self.part.outline or len(text) > 40 * _MOST_LABELS:
            return False
        lines = [line for line in text.split("\n") if line.strip()]
        return 3 <= len(lines) <= _MOST_LABELS and all(_LABEL.fullmatch(line) for line in lines)

    def _labels(self) -> Draft:
        items: list[Found] = list(self._map)
        if items:
            return Draft(Shape.LABEL_LIST, "label map", 0, len(self.part.text), 0, members=items)
        for found in re.finditer(r"[^\n]*\S", self.part.text):
            label = re.sub(r"^\s*(?:\d{1,3}[\s:,.]\s*)?", "", found.group()).strip()
            items.append(Found(label, found.start(), found.end(), found.span()))
        return Draft(Shape.LABEL_LIST, "", 0, len(self.part.text), 0, members=items)

    def _owner(self, hit: Hit) -> tuple[int, int, str]:
        if self._all_labels:
            return 0, len(self.part.text), "labels"
        line = self._line(hit.start)
        if _BULLET.match(self.part.text, *line):
            low, high = self._run(line)
            if (low, high) != line:
                return low, high, "list"
        return (*self._span(hit.start), "sentence")

    def _line(self, at: int) -> tuple[int, int]:
        text = self.part.text
        start = text.rfind("\n", max(0, at - _REACH), at) + 1 or max(0, at - _REACH)
        end = text.find("\n", at, at + _REACH)
        return start, min(len(text), at + _REACH) if end < 0 else end

    def _span(self, at: int) -> tuple[int, int]:
        """The sentence around a character; a line that is a bullet or a heading ends one too."""
        text = self.part.text
        low = max(0, at - _REACH)
        start = low
        for found in _END.finditer(text, low, at):
            if found.end() <= at:
                start = found.end()
        for found in re.compile(r"\n(?=[ \t]*(?:[-*+•·●■◆]\s|\d{1,3}[.)、]|#{1,6}\s|[|]))").finditer(text, start, at):
            start = found.end()
        ending = _END.search(text, at, at + _REACH)
        end = ending.end() if ending else min(len(text), at + _REACH)
        broken = re.compile(r"\n(?=[ \t]*(?:[-*+•·●■◆]\s|\d{1,3}[.)、]|#{1,6}\s|[|]))").search(text, at, end)
        end = broken.start() if broken and broken.start() > at else end
        lead = re.compile(r"\s*").match(text, start, at)
        start = lead.end() if lead else start
        return start, max(start + len(text[start:end].rstrip()), at + 1)

    def _run(self, line: tuple[int, int]) -> tuple[int, int]:
        """The bullets around a bullet, continuation lines (indented) included."""
        text = self.part.text
        low, high = line
        for _ in range(200):
            above = self._line(max(0, low - 2))
            if (
                low == 0
                or above[0] >= low
                or not (
                    _BULLET.match(text, *above)
                    or (text[above[0] : above[0] + 2].isspace() and text[above[0] : above[1]].strip())
                )
            ):
                break
            low = above[0]
        for _ in range(200):
            if high + 1 >= len(text):
                break
            below = self._line(high + 1)
            if not (
                _BULLET.match(text, *below)
                or (text[below[0] : below[0] + 2].isspace() and text[below[0] : below[1]].strip())
            ):
                break
            high = below[1]
        return low, high

    def _sentence(self, start: int, end: int) -> Draft:
        text = self.part.text
        around = []
        if start > 0:
            low, high = self._span(max(0, len(text[:start].rstrip()) - 1))
            around.append(text[low : min(high, start)].strip())
        follow = re.compile(r"\s*").match(text, end)
        after = follow.end() if follow else end
        if after < len(text):
            low, high = self._span(after)
            around.append(text[max(low, end) : high].strip())
        words = " ".join(text[start:end].split())
        if words.startswith("|"):
            around = self._rows(start, end)
        return Draft(
            Shape.SENTENCE, words[:160], start, end, start, parents=self._titles(start), neighbours=around, text=words
        )

    def _rows(self, start: int, end: int) -> list[str]:
        """The other rows of a table drawn with bars."""
        text = self.part.text
        above = text[max(0, start - _REACH) : start].split("\n")[-_TABLE_ROWS - 1 : -1]
        below = text[end : end + _REACH].split("\n")[1 : _TABLE_ROWS + 1]
        return [row.strip()[:200] for row in (*above, *below) if row.strip().startswith("|")]

    def _list(self, start: int, end: int) -> Draft:
        text = self.part.text
        items: list[Found] = []
        at = start
        while at < end:
            stop = text.find("\n", at, end)
            stop = end if stop < 0 else stop
            bullet = _BULLET.match(text, at, stop)
            if bullet:
                items.append(Found(text[bullet.end() : stop].strip(), bullet.end(), stop, (at, stop)))
            elif items and text[at:stop].strip():
                items[-1].name += " " + text[at:stop].strip()
                items[-1].extent = (items[-1].extent[0], stop)
            at = stop + 1
        before = text[max(0, start - 600) : start].rstrip().rpartition("\n")[2].strip()
        return Draft(
            Shape.LIST,
            before[:200],
            start,
            end,
            start,
            members=items,
            comments=[before] if before else [],
            parents=self._titles(start),
        )

    def _titles(self, at: int) -> list[str]:
        if self._headings is None:
            found = _HEADING.finditer(self.part.text[:1_000_000])
            self._headings = [(f.start(), next(g for g in f.groups() if g).strip()) for f in found]
        return [title for place, title in self._headings if place < at][-2:]
