"""Read Delphi and Visual Basic: their declarations as structures, every other line by itself."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from witnessmark.model.observation import Observation
from witnessmark.read.declarations.basic import basic_drafts
from witnessmark.read.declarations.pascal import pascal_drafts
from witnessmark.read.lines import LineReader
from witnessmark.read.source import Hit, Part, finish

_BASIC = {"vb": "vb", "bas": "vb6", "frm": "vb6", "cls": "vb6", "ctl": "vb6"}
_PASCAL = frozenset({"pas", "dpr", "pp", "lpr"})
SUFFIXES = frozenset(_BASIC) | _PASCAL
_DEEPEST = 24


class LinedReader:
    """The structures and lines of one decoded part."""

    def __init__(self, part: Part) -> None:
        self.part = part
        suffix = part.source.name.rsplit(".", 1)[-1].lower()
        found = pascal_drafts(part) if suffix in _PASCAL else basic_drafts(part, _BASIC[suffix])
        self._drafts = sorted(found, key=lambda draft: (draft.start, -draft.end))
        self._starts = [draft.start for draft in self._drafts]
        self.cut = not part.whole and any(draft.end >= len(part.text) for draft in self._drafts)

    def observations(self) -> Iterator[Observation]:
        """One observation for each declaration or line that matches stand in."""
        inside: dict[int, list[Hit]] = {}
        rest: list[Hit] = []
        for hit in self.part.hits:
            number = self._innermost(hit.start)
            if number is None:
                rest.append(hit)
            else:
                inside.setdefault(number, []).append(hit)
        for number, hits in sorted(inside.items()):
            yield finish(self.part, self._drafts[number], hits)
        if rest:
            yield from LineReader(replace(self.part, hits=rest)).observations()

    def outline(self) -> Iterator[Observation]:
        """Every declaration, and every line outside of them."""
        for draft in self._drafts:
            yield finish(self.part, draft, [])
        lines = [(self.part.body.byte(draft.start), self.part.body.byte(draft.end)) for draft in self._drafts]
        for line in LineReader(self.part).outline():
            at = line.locator.offset or 0
            end = at + (line.locator.length or 0)
            slot = bisect_right(lines, (end - 1, 1 << 62))
            if not any(low < end and at < high for low, high in lines[max(0, slot - _DEEPEST) : slot]):
                yield line

    def _innermost(self, at: int) -> int | None:
        slot = bisect_right(self._starts, at) - 1
        for number in range(slot, max(-1, slot - _DEEPEST), -1):
            if self._drafts[number].end > at and self._drafts[number].members:
                return number
        return None


def is_lined(name: str) -> bool:
    """Whether a file of this name is read so."""
    return name.rsplit(".", 1)[-1].lower() in SUFFIXES
