"""Read the records and enumerations of Delphi and Free Pascal source, with every field in order."""

import re

from witnessmark.model.observation import Shape
from witnessmark.read.declarations.fields import attach
from witnessmark.read.masking import Masked, comment_text, without_mark
from witnessmark.read.source import Draft, Found, Part

_TOKEN = re.compile(r"\(\*.*?(?:\*\)|\Z)|\{.*?(?:\}|\Z)|//[^\n]*|'(?:[^'\n]|'')*'?", re.S)
_TYPE = re.compile(r"\b([A-Za-z_]\w*)\s*=\s*(?:(packed\s+)?(record)\b(?!\s+helper)|(\())", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]\w*|[^\s\w]|\d\w*")
_SECTION = re.compile(r"(?:strict|private|public|protected|published|var|class|threadvar)$", re.IGNORECASE)
_ROUTINE = re.compile(r"(?:procedure|function|constructor|destructor|property|operator|const|type)$", re.IGNORECASE)
_INLINE = re.compile(r"(packed\s+)?record\b", re.IGNORECASE)
_DEEPEST = 12
_MOST = 20_000


def mask_pascal(text: str) -> Masked:
    """Comments blank, strings hollow, offsets kept."""
    comments, strings, parts, last = [], [], [], 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        parts.append(text[last:start])
        token = text[start:end]
        if token.startswith("'"):
            strings.append((start, end))
            parts.append("'" + " " * (len(token) - 2) + "'" if len(token) > 1 else "'")
        else:
            if not token.startswith("{$"):
                comments.append((start, end))
            parts.append(re.sub(r"[^\n]", " ", token))
        last = end
    parts.append(text[last:])
    return Masked(text, without_mark("".join(parts)), comments, strings)


def pascal_drafts(part: Part) -> list[Draft]:
    """Every record and enumeration of one decoded part of a unit; the parts of a variant record have no name."""
    return _PascalReader(part).drafts()


class _PascalReader:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.masked = mask_pascal(part.text)
        self._drafts: list[Draft] = []

    def drafts(self) -> list[Draft]:
        at = 0
        while (found := _TYPE.search(self.masked.code, at)) is not None:
            if found[4]:
                at = self._enum(found)
            else:
                at = self._record(found[1], found.start(), found.end(3), [], 0, text=None)
        return self._drafts

    def _leading(self, start: int) -> tuple[list[str], int]:
        """The comments right above a declaration, and where the first of them starts."""
        out: list[str] = []
        first = start
        for left, right in reversed(self.masked.comments_in(max(0, start - 4_000), start)):
            between = self.masked.text[right:first]
            line = self.masked.text.rfind("\n", 0, left) + 1
            if between.strip() or between.count("\n") > 2 or self.masked.code[line:left].strip():
                break
            out.append(comment_text(self.masked.text[left:right]))
            first = left
        return [words for words in reversed(out) if words], first

    def _enum(self, found: re.Match[str]) -> int:
        code = self.masked.code
        close = code.find(")", found.end())
        close = len(code) if close < 0 else close
        members: list[Found] = []
        for piece in re.compile(r"[^,]+").finditer(code, found.end(), close):
            label = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:=\s*(.*?)\s*)?$", re.S).match(code, piece.start(), piece.end())
            if label and len(members) < _MOST:
                members.append(
                    Found(label[1], label.start(1), piece.start() + len(piece.group().rstrip()), piece.span(), label[2])
                )
        loose = attach(self.masked, members, found.end(), self._line_end(close))
        leading, first = self._leading(found.start())
        self._drafts.append(
            Draft(
                Shape.ENUM, found[1], first, min(len(code), close + 1), found.start(),
                members=members, comments=leading + loose, language="pascal",
            )
        )  # fmt: skip
        return close

    def _line_end(self, at: int) -> int:
        end = self.part.text.find("\n", at)
        return len(self.part.text) if end < 0 else end

    def _record(self, name: str, start: int, body: int, parents: list[str], depth: int, text: str | None) -> int:
        """Read a record whose fields begin at `body`; where it ends."""
        slot = len(self._drafts)
        members, end = self._fields(body, [*parents, name], depth)
        leading, first = self._leading(start) if name else ([], start)
        attach(self.masked, members, body, end)
        draft = Draft(
            Shape.RECORD, name, first, end, start,
            members=members, comments=leading, parents=[step for step in parents if step], language="pascal", text=text,
        )  # fmt: skip
        self._drafts.insert(slot, draft)
        return end

    def _fields(self, at: int, parents: list[str], depth: int) -> tuple[list[Found], int]:
        """The fields up to `end` (or the bracket that closes a variant), and where that stands."""
        code = self.masked.code
        members: list[Found] = []
        while (found := _WORD.search(code, at)) is not None and len(members) < _MOST:
            word = found.group().casefold()
            if word == "end" or word == ")":
                return members, found.end()
            if word == "case" and depth < _DEEPEST:
                return members, self._variants(found.start(), parents, depth + 1)
            if _SECTION.match(word) or word == ";":
                at = found.end()
            elif word == "[":
                at = self._after(code.find("]", found.end()))
            elif _ROUTINE.match(word):
                at = self._after(code.find(";", found.end()))
            else:
                made, at = self._field(found.start(), parents, depth)
                members += made
        return members, len(code) if found is None else found.end()

    def _after(self, at: int) -> int:
        return len(self.masked.code) if at < 0 else at + 1

    def _field(self, at: int, parents: list[str], depth: int) -> tuple[list[Found], int]:
        """`a, b: Type;` gives two."""
        code = self.masked.code
        named = re.compile(r"&?([A-Za-z_]\w*(?:\s*,\s*&?[A-Za-z_]\w*)*)\s*:(?!=)\s*").match(code, at)
        if named is None:
            return [], self._after(min((spot for mark in ";\n" if (spot := code.find(mark, at)) >= 0), default=-1))
        names = list(re.compile(r"[A-Za-z_]\w*").finditer(code, named.start(1), named.end(1)))
        inline = _INLINE.match(code, named.end())
        if inline and depth < _DEEPEST:
            end = self._record(names[-1].group(), named.end(), inline.end(), parents, depth + 1, None)
            kind, stop = " ".join(inline.group().split()), end
        else:
            stop = self._type_end(named.end())
            kind, end = " ".join(code[named.end() : stop].split()), stop
        made = [Found(one.group(), one.start(), stop, (at, stop), type=kind) for one in names[:64]]
        return made, end

    def _type_end(self, at: int) -> int:
        """Where a field's type ends: at `;`, or before the `end` or `)` that closes its record."""
        depth = 0
        for found in re.compile(r"[()\[\];]|\bend\b", re.IGNORECASE).finditer(self.masked.code, at):
            mark = found.group()
            if mark in "([":
                depth += 1
            elif mark in ")]" and depth:
                depth -= 1
            elif depth == 0:
                return found.start()
        return len(self.masked.code)

    def _variants(self, at: int, parents: list[str], depth: int) -> int:
        """`case … of 1: (…); 2: (…); end`: a record without a name that holds one record an alternative."""
        code = self.masked.code
        slot = len(self._drafts)
        head = re.compile(r"\bof\b", re.IGNORECASE).search(code, at)
        spot = len(code) if head is None else head.end()
        while (found := re.compile(r"\bend\b|\(|\)", re.IGNORECASE).search(code, spot)) is not None:
            if found.group() != "(":
                break
            spot = self._record("", found.start(), found.end(), parents, depth, "record")
        end = len(code) if found is None else found.end()
        draft = Draft(Shape.RECORD, "", at, end, at, parents=parents, language="pascal", text="variant")
        self._drafts.insert(slot, draft)
        return end
