"""Read the types, structures and enumerations of Visual Basic source, line by line."""

import re
from collections.abc import Iterator

from witnessmark.model.observation import Shape
from witnessmark.read.source import Draft, Found, Part

_OPEN = re.compile(
    r"\s*(?:<[^>]*>\s*)*(?:(?:Public|Private|Friend|Protected|Partial|Shadows)\s+)*(Type|Structure|Enum)\s+(\[?\w+\]?)"
    r"(?:\s+As\s+([\w.]+))?\s*(?:'.*)?$",
    re.IGNORECASE,
)
_CLOSE = re.compile(r"\s*End\s+(Type|Structure|Enum)\b", re.IGNORECASE)
_FIELD = re.compile(
    r"(?:<.*?>\s*)*(?:(?:Public|Private|Friend|Protected|Dim|Shared|ReadOnly|WithEvents|Property)\s+)*"
    r"(\[?\w+\]?)\s*(\([^()]*\))?\s+As\s+(?:New\s+)?([\w.]+(?:\s*\*\s*\w+)?(?:\s*\(\s*\))?)(?:\s*=\s*(.*))?$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:<.*?>\s*)*(\[?\w+\]?)\s*(?:=\s*(.+))?$")
_MOST = 20_000


def basic_drafts(part: Part, language: str) -> list[Draft]:
    """Every Type, Structure and Enum of one decoded part. `language`: `vb6`, or `vb` for VB.NET."""
    return list(_BasicReader(part, language).drafts())


class _BasicReader:
    def __init__(self, part: Part, language: str) -> None:
        self.part = part
        self._language = language

    def drafts(self) -> Iterator[Draft]:
        draft: Draft | None = None
        doc: list[str] = []
        first = 0
        for start, end, text, comment in self._lines():
            opened = _OPEN.match(text) if draft is None else None
            if opened is not None:
                shape = Shape.ENUM if opened[1].casefold() == "enum" else Shape.RECORD
                at = start + opened.start(2)
                draft = Draft(
                    shape, opened[2].strip("[]"), first if doc else start, end, at,
                    comments=[*doc, *([comment] if comment else [])], language=self._language, type=opened[3],
                )  # fmt: skip
                doc = []
            elif draft is not None and _CLOSE.match(text):
                draft.end = end
                yield draft
                draft, doc = None, []
            elif not text.strip():
                first = first if doc else start
                doc = [*doc, comment][-40:] if comment else []
            else:
                if draft is not None and len(draft.members) < _MOST:
                    draft.members += self._member(draft, (first if doc else start, end), start, text, [*doc, comment])
                    draft.end = end
                held = text.lstrip().startswith("<") and text.rstrip().endswith((">", "_"))
                doc = doc if held else []

    def _member(self, draft: Draft, extent: tuple[int, int], start: int, text: str, comments: list[str]) -> list[Found]:
        bare = text.strip()
        lead = start + len(text) - len(text.lstrip())
        found = (_LABEL if draft.shape is Shape.ENUM else _FIELD).match(bare)
        if found is None:
            return []
        at, stop = lead + found.start(1), lead + len(bare)
        made = Found(found[1].strip("[]"), at, stop, extent, comments=[words for words in comments if words])
        if draft.shape is Shape.ENUM:
            made.value = found[2]
        else:
            made.value = found[4]
            made.type = found[3] + _dimensions(found[2])
        return [made]

    def _lines(self) -> Iterator[tuple[int, int, str, str]]:
        """Each line with its comment apart; a line that ends in ` _` is joined to the next, blanks in between kept."""
        at = 0
        held = ""
        start = 0
        for line in self.part.text.splitlines(keepends=True):
            end = at + len(line)
            code, comment = _split(line.rstrip("\r\n"))
            if not held:
                start = at
            if code.rstrip().endswith(" _") and len(held) < 8_000:
                held += code.rstrip()[:-1] + " " * (len(line) - len(code.rstrip()) + 1)
            else:
                yield start, at + len(line.rstrip("\r\n")), held + code, comment
                held = ""
            at = end


def _split(line: str) -> tuple[str, str]:
    """Code and comment of a line: from an apostrophe outside quotes, or `Rem`."""
    quoted = False
    for place, char in enumerate(line[:4_000]):
        if char == '"':
            quoted = not quoted
        elif char == "'" and not quoted:
            return line[:place], re.sub(r"<[^<>]{0,200}>", " ", line[place:].lstrip("'")).strip()
    if re.match(r"\s*Rem\b", line, re.IGNORECASE):
        return "", line.strip()[3:].strip()
    return line, ""


def _dimensions(bounds: str | None) -> str:
    """`(0 To 15)` and `(15)` as `[16]`, `(1 To N)` as `[N]`; a bound that is no number as a sum."""
    if not bounds:
        return ""
    out = []
    for bound in bounds.strip("()").split(","):
        low, to, high = re.sub(r"\bTo\b", "\0", bound, count=1, flags=re.IGNORECASE).partition("\0")
        if not to:
            low, high = "0", low
        out.append(f"[{high.strip()} - {low.strip()} + 1]" if high.strip() else "[]")
    return "".join(out)
