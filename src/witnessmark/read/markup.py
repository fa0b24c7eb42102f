"""Read HTML, XML and templates around matches."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import msgspec

from witnessmark.model.fact import UntrustedText
from witnessmark.model.observation import Observation, Shape
from witnessmark.read.declarations.brace import BraceReader
from witnessmark.read.declarations.python import PythonReader
from witnessmark.read.markup_tree import ATTRIBUTE, FLOW, HEADINGS, LABELS, TAG, MarkupTree, Node, Run
from witnessmark.read.source import Draft, Found, Hit, Part, finish

_SHORT = 80
_MOST_LISTINGS = 64
_CODE = re.compile(r"\{[^{}]*[;,=][^{}]*\}|^\s*(?:class|def)\s+\w+.*:\s*$", re.M)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#39|nbsp);")


class Quoted(Part):
    """A part in which everything but one listing is blank; as long as the original, so that places stay right."""

    words: str = ""

    @property
    def text(self) -> str:
        """The listing's characters at their own places."""
        return self.words


class MarkupReader(MarkupTree):
    """What stands around matches in a page or XML file."""

    def observations(self) -> Iterator[Observation]:
        """One observation for each cell, label, list, passage or attribute that matches stand in."""
        drafts: dict[tuple[int, int, str], tuple[Draft, list[Hit]]] = {}
        quoted, plain = self._quoted()
        for number, hits in sorted(quoted.items())[:_MOST_LISTINGS]:
            yield from self._listing(number, hits)
        for hit in plain:
            draft = self._draft(hit.start)
            drafts.setdefault((draft.start, draft.end, draft.shape), (draft, []))[1].append(hit)
        for _, (draft, hits) in sorted(drafts.items(), key=lambda item: item[0]):
            yield finish(self.part, draft, hits)

    def _quoted(self) -> tuple[dict[int, list[Hit]], list[Hit]]:
        """Matches in program listings (`<pre>` with braces or a class in it), by element, and all the others."""
        quoted: dict[int, list[Hit]] = {}
        plain: list[Hit] = []
        for hit in self.part.hits:
            number = self._up(bisect_right(self._starts, hit.start) - 1, frozenset({"pre", "script"}))
            is_code = number > 0 and bool(
                _CODE.search(self.part.text, self.nodes[number].inner, self.nodes[number].close)
            )
            (quoted.setdefault(number, []) if is_code else plain).append(hit)
        for number in sorted(quoted)[_MOST_LISTINGS:]:
            plain += quoted[number]
        return quoted, plain

    def _listing(self, number: int, hits: list[Hit]) -> Iterator[Observation]:
        """The declarations quoted in a page, read as code, with the page's headings as their parents."""
        node = self.nodes[number]
        inside = self.part.text[node.inner : node.close]
        if node.tag == "script":
            yield from self._code(inside, node, "javascript", hits)
            return
        inside = TAG.sub(lambda tag: " " * len(tag.group()), inside)
        inside = _ENTITY.sub(
            lambda entity: unescape(entity.group()).ljust(len(entity.group()))[: len(entity.group())], inside
        )
        language = "python" if re.search(r"^\s*(?:class|def)\s+\w+[^{]*:\s*$", inside, re.M) else "cpp"
        yield from self._code(inside, node, language, hits)

    def _code(self, inside: str, node: Node, language: str, hits: list[Hit]) -> Iterator[Observation]:
        """What a stretch of code in a page declares; its places are those of the page."""
        source = replace(self.part.source, language=language)
        part = Quoted(source=source, body=self.part.body, hits=hits, whole=False)
        part.words = " " * node.inner + inside
        reader = PythonReader(part) if language == "python" else BraceReader(part)
        titles = tuple(UntrustedText(title) for title in self._titles(node.start))
        for item in reader.observations():
            yield msgspec.structs.replace(item, parents=(*titles, *item.parents))

    def outline(self) -> Iterator[Observation]:
        """Every passage, label and cell."""
        done: set[tuple[int, int, str]] = set()
        for run in self.runs:
            draft = self._draft(run.start + len(self.part.text[run.start : run.end]) // 2)
            key = (draft.start, draft.end, draft.shape)
            if key not in done:
                done.add(key)
                yield finish(self.part, draft, [])

    def _draft(self, at: int) -> Draft:
        number = bisect_right(self._starts, at) - 1
        node = self.nodes[number]
        if node.start <= at < node.inner:
            if not self.is_html and at < node.attributes[0] and not node.tag.endswith("enumeration"):
                return self._element(number, bisect_right(self._run_starts, at))
            return self._attribute(number, at)
        closing = -1 if self.is_html else self._closed_at(number, at)
        if closing > 0:
            return self._element(closing, bisect_right(self._run_starts, at))
        slot = bisect_right(self._run_starts, at) - 1
        if slot < 0 or not self.runs[slot].start <= at < self.runs[slot].end:
            return self._around(at)
        run = self.runs[slot]
        block = self._up(run.owner, FLOW)
        if not self.is_html and not self._is_prose(run):
            return self._element(run.owner, slot)
        cell = self._up(run.owner, frozenset({"td", "th"}))
        if cell > 0:
            return self._cell(cell, slot)
        option = self._up(run.owner, frozenset({"option", "li"}))
        if option > 0 and len(run.words) <= 200:
            return self._list(option)
        if len(run.words) <= _SHORT and (self.nodes[run.owner].tag in LABELS or block <= 0):
            return self._label(run.owner, slot)
        return self._passage(block if block > 0 else run.owner, at)

    def _closed_at(self, number: int, at: int) -> int:
        """The element in whose end tag a place lies, or -1: `</Name>` is the same name as `<Name>`."""
        for _ in range(40):
            node = self.nodes[number]
            if number <= 0:
                break
            if node.close <= at < node.end:
                return number
            number = node.parent
        return -1

    def _is_prose(self, run: Run) -> bool:
        return len(run.words) > 3 * _SHORT

    def _up(self, number: int, tags: frozenset[str]) -> int:
        for _ in range(40):
            if number <= 0 or self.nodes[number].tag in tags:
                return max(0, number)
            number = self.nodes[number].parent
        return 0

    def _inside(self, number: int, limit: int = 2_000) -> str:
        node = self.nodes[number]
        low = bisect_right(self._run_starts, node.inner - 1)
        words: list[str] = []
        total = 0
        for run in self.runs[low : low + 400]:
            if run.start >= node.close or total > limit:
                break
            words.append(run.words)
            total += len(run.words)
        return " ".join(words)[:limit]

    def _names(self, number: int) -> list[str]:
        """The tags around, each with the name or id it carries, outermost first."""
        out: list[str] = []
        for _ in range(40):
            if number <= 0:
                break
            node = self.nodes[number]
            given = re.search(
                r"\b(?:name|id|key|:?label|:?title|v-model)\s*=\s*[\"']([^\"']{1,80})", self._attributes_text(node)
            )
            tag = node.tag if self.is_html else self._spelt(node)
            out.append(f"{tag} {given[1]}" if given else tag)
            number = node.parent
        return [name for name in reversed(out) if name not in ("html", "body")]

    def _attributes_text(self, node: Node) -> str:
        return self.part.text[node.attributes[0] : min(node.attributes[1], node.attributes[0] + 2_000)]

    def _spelt(self, node: Node) -> str:
        """The element's name as the file spells it: in `SkinColor` the capitals part the words."""
        return self.part.text[node.start + 1 : node.start + 1 + len(node.tag)]

    def _titles(self, at: int) -> list[str]:
        last: list[str] = []
        stop = bisect_right(self._starts, at)
        for number in range(stop - 1, max(0, stop - 4_000), -1):
            if self.nodes[number].tag in HEADINGS and self.nodes[number].close <= at:
                last.append(self._inside(number, 200))
                if len(last) >= 2:
                    break
        return [title for title in reversed(last) if title]

    def _near(self, slot: int, reach: int = 15) -> list[str]:
        before = self._said(self.runs[max(0, slot - 5 * reach) : slot])[-reach:]
        return [*before, *self._said(self.runs[slot + 1 : slot + 1 + 5 * reach])[:reach]]

    def _said(self, runs: list[Run]) -> list[str]:
        """What is words, not numbers: sizes and positions of widgets stand between their labels."""
        return [run.words[:160] for run in runs if any(char.isalpha() for char in run.words)]

    def _attribute(self, number: int, at: int) -> Draft:
        node = self.nodes[number]
        start, end = node.attributes
        found = [
            Found(a[1], a.start(), a.end(), a.span(), value=(a[2] or "").strip("\"'") or None)
            for a in ATTRIBUTE.finditer(self.part.text, start, min(end, start + 20_000))
        ][:200]
        own = next((one for one in found if one.extent[0] <= at < one.extent[1]), None)
        if node.tag.endswith("enumeration"):
            return self._enumeration(number)
        slot = bisect_right(self._run_starts, node.inner)
        words = (own.value or own.name) if own else node.tag
        return Draft(
            Shape.KEY_PATH, own.name if own else node.tag, node.start, node.inner, own.start if own else node.start,
            members=found, parents=[*self._titles(node.start), *self._names(number)],
            neighbours=[*self._tags_beside(number), *self._near(slot, 8)], text=words,
        )  # fmt: skip

    def _tags_beside(self, number: int) -> list[str]:
        """The named siblings of an element: other fields of the form, other properties of the object."""
        node = self.nodes[number]
        out: list[str] = []
        for other in self.nodes[max(1, number - 60) : number + 60]:
            if other.parent == node.parent and other is not node:
                given = re.search(
                    r"\b(?:name|label|:?title|value|prop|v-model)\s*=\s*[\"']([^\"']{1,80})",
                    self._attributes_text(other),
                )
                if given:
                    out.append(given[1])
        return out[:30]

    def _enumeration(self, number: int) -> Draft:
        """An XSD enumeration with its values, named by the type around it."""
        parent = self.nodes[number].parent
        members: list[Found] = []
        for node in self.nodes[max(1, number - 300) : number + 300]:
            value = re.search(r"value\s*=\s*[\"']([^\"']*)", self._attributes_text(node))
            if node.parent == parent and node.tag.endswith("enumeration") and value:
                at = node.attributes[0] + value.start(1)
                members.append(Found(value[1], at, at + len(value[1]), (node.start, node.end)))
        names = self._names(parent)
        named = [name.split(" ", 1)[1] for name in names if " " in name]
        outer = self.nodes[parent]
        return Draft(
            Shape.ENUM, named[-1] if named else "enumeration", outer.start, outer.end, outer.start,
            members=members, parents=names, language="xsd",
        )  # fmt: skip

    def _element(self, number: int, slot: int) -> Draft:
        """An XML element with its text, beside the other elements of its parent."""
        node = self.nodes[number]
        members: list[Found] = []
        for other in range(max(1, number - 80), min(len(self.nodes), number + 80)):
            if self.nodes[other].parent == node.parent and self.nodes[other].inner <= self.nodes[other].close:
                one = self.nodes[other]
                members.append(
                    Found(
                        self._spelt(one), one.start + 1, one.end, (one.start, one.end), value=self._inside(other, 200)
                    )
                )
        shape = Shape.UI_TEXT if node.tag in LABELS else Shape.KEY_PATH
        return Draft(
            shape, self._spelt(node), node.start, node.end, node.start,
            members=members, parents=self._names(number), neighbours=self._near(slot), text=self._inside(number),
        )  # fmt: skip

    def _cell(self, number: int, slot: int) -> Draft:
        node = self.nodes[number]
        row = self._up(node.parent, frozenset({"tr"}))
        cells = [
            n
            for n in range(row + 1, len(self.nodes))
            if self.nodes[n].parent == row and self.nodes[n].start < self.nodes[row].end
        ]
        cells = cells[:100] if row else [number]
        place = cells.index(number) if number in cells else 0
        table = self._up(row, frozenset({"table"}))
        head = self._header(table, place) if table else ""
        members = [
            Found(
                self._inside(n, 300), self.nodes[n].inner, self.nodes[n].close, (self.nodes[n].start, self.nodes[n].end)
            )
            for n in cells
        ]
        label = self._inside(cells[0], 200) if cells and cells[0] != number else ""
        parents = [*self._titles(node.start), *(text for text in (head, label) if text)]
        outer = self.nodes[row] if row else node
        return Draft(
            Shape.CELL, label or head or self._inside(number, 120), outer.start, outer.end, node.inner,
            members=members, parents=parents, neighbours=self._near(slot), text=self._inside(number),
        )  # fmt: skip

    def _header(self, table: int, place: int) -> str:
        """The text of the first row's cell in the same column."""
        first = next((n for n in range(table + 1, min(len(self.nodes), table + 50)) if self.nodes[n].tag == "tr"), 0)
        cells = (
            [n for n in range(first + 1, min(len(self.nodes), first + 200)) if self.nodes[n].parent == first]
            if first
            else []
        )
        return self._inside(cells[place], 200) if place < len(cells) else ""

    def _list(self, number: int) -> Draft:
        node = self.nodes[number]
        outer = self.nodes[node.parent]
        near = range(max(1, number - 300), min(len(self.nodes), number + 300))
        same = [n for n in near if self.nodes[n].parent == node.parent and self.nodes[n].tag == node.tag]
        members = [
            Found(
                self._inside(n, 200), self.nodes[n].inner, self.nodes[n].close, (self.nodes[n].start, self.nodes[n].end)
            )
            for n in same
        ]
        slot = bisect_right(self._run_starts, outer.start) - 1
        lead = self.runs[slot].words[-200:] if slot >= 0 else ""
        shape = Shape.LABEL_LIST if node.tag == "option" else Shape.LIST
        return Draft(
            shape, lead, outer.start, outer.end, outer.start,
            members=members, comments=[lead] if lead else [],
            parents=[*self._titles(node.start), *self._names(node.parent)[-3:]],
        )  # fmt: skip

    def _label(self, number: int, slot: int) -> Draft:
        run = self.runs[slot]
        return Draft(
            Shape.UI_TEXT, run.words, run.start, run.end, run.start,
            parents=[*self._titles(run.start), *self._names(number)[-4:]], neighbours=self._near(slot), text=run.words,
        )  # fmt: skip

    def _passage(self, number: int, at: int) -> Draft:
        """The sentence of a block's text around a place; the sentences beside it are its neighbours."""
        node = self.nodes[number]
        low, high = max(node.inner, at - 1_500), min(node.close, at + 1_500)
        text = self.part.text
        for end in re.compile(r"[。！？!?]\s*|\.(?=\s|<|$)\s*").finditer(text, low, at):
            low = end.end()
        stop = re.compile(r"[。！？!?]|\.(?=\s|<|$)").search(text, at, high)
        high = stop.end() if stop else high
        words = " ".join(unescape(TAG.sub(" ", text[low:high])).split())
        whole = self._inside(number)
        around = [
            piece
            for piece in (whole.partition(words)[0][-400:].strip(), whole.partition(words)[2][:400].strip())
            if piece
        ]
        return Draft(
            Shape.SENTENCE, words[:160], low, max(high, at + 1), low,
            parents=self._titles(node.start), neighbours=around, text=words,
        )  # fmt: skip

    def _around(self, at: int) -> Draft:
        """A comment, a style sheet or whatever else stands between tags."""
        text = self.part.text
        low, high = max(text.rfind("\n", 0, at) + 1, at - 300), text.find("\n", at)
        high = min(len(text) if high < 0 else high, at + 300)
        words = text[low:high].strip()
        return Draft(Shape.COMMENT, words[:160], low, max(high, at + 1), low, parents=self._titles(at), text=words)
