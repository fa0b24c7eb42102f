"""Read the declarations around matches in Python source: by indentation, so that half a file is read too."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from witnessmark.model.observation import Observation, Shape
from witnessmark.read.declarations.brace import _PLAIN, _REFER, _all_constants
from witnessmark.read.declarations.fields import attach, pieces
from witnessmark.read.declarations.python_lines import Line, closing, kind_of, logical_lines, mask_python
from witnessmark.read.masking import string_text
from witnessmark.read.source import Draft, Found, Hit, Part, finish

_HEAD = re.compile(r"(?:async\s+)?(class|def)\s+(\w+)\s*(.*)", re.S)
_ENUM_BASES = re.compile(r"\b(?:\w*Enum|IntFlag|Flag|TextChoices|IntegerChoices|Choices)\b")
_ASSIGN = re.compile(r"([^=]+?)\s*(?::\s*([^=]+?))?\s*=(?!=)\s*(.*)", re.S)
_FIELD = re.compile(r"(\w+)\s*(?::\s*([^=]+?))?\s*(?:=(?!=)\s*(.*))?$", re.S)
_CONTROL = re.compile(r"(if|elif|while|match|case)\b\s*(.*?):", re.S)
_COMPARE = re.compile(r"([\w.\[\]\"']+)\s*(?:==|in|is)\s*([^:\n]+?)\s*(?::|\band\b|\bor\b|$)")
_UI = re.compile(
    r"\b(?:set\w*Text|setTitle|setLabel|addItems?|print|_translate|tr|gettext|_|QLabel|Label|append|setToolTip|title|add_argument)\s*\("
)
_WORD = re.compile(r"[A-Za-z_]\w{2,}")


class PythonReader:
    """The structures of one decoded part of a Python file."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.masked = mask_python(part.text)
        self.lines = logical_lines(self.masked.code)
        self._starts = [line.start for line in self.lines]
        self.cut = False

    def observations(self) -> Iterator[Observation]:
        """One observation for each structure that matches stand in, in order of place."""
        grouped: dict[tuple[int, str], list[Hit]] = {}
        for hit in self.part.hits:
            grouped.setdefault(self._owner(hit), []).append(hit)
        for (number, how), hits in sorted(grouped.items(), key=lambda item: item[0]):
            yield finish(self.part, self._draft(number, how, hits), hits)

    def outline(self) -> Iterator[Observation]:
        """Every class and function, and every list or dictionary of labels at module level."""
        for number, line in enumerate(self.lines):
            head = self._head(line)
            if head is not None:
                how = "class" if head.group(1) == "class" else "def"
                yield finish(self.part, self._draft(number, how, []), [])

    # --- which structure -----------------------------------------------------------------------------------------

    def _owner(self, hit: Hit) -> tuple[int, str]:
        if not self.lines:
            return -1, "comment"
        number = self._line_at(hit.start)
        if number < 0 or self.lines[number].end <= hit.start:
            trailing = number >= 0 and "\n" not in self.part.text[self.lines[number].end : hit.start]
            if not trailing:
                number = self._after(hit.start)
        if number < 0:
            return -1, "comment"
        line = self.lines[number]
        head = self._head(line)
        if head is not None:
            return number, "class" if head.group(1) == "class" else "def"
        if self._is_docstring(number):
            owner = self._enclosing(number)
            return (owner, self._how(owner)) if owner >= 0 else (number, "docstring")
        owner = self._enclosing(number)
        if owner >= 0 and self._how(owner) == "class":
            return owner, "class"
        return number, "line"

    def _line_at(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1

    def _after(self, index: int) -> int:
        number = bisect_right(self._starts, index)
        if number >= len(self.lines):
            return -1
        return number if self.part.text[index : self.lines[number].start].count("\n") <= 4 else -1

    def _head(self, line: Line) -> "re.Match[str] | None":
        return _HEAD.match(self.masked.code, line.start, line.end)

    def _how(self, number: int) -> str:
        head = self._head(self.lines[number])
        return "class" if head and head.group(1) == "class" else "def"

    def _is_docstring(self, number: int) -> bool:
        return bool(
            re.match(r"[rRbBuUfF]{0,2}\"", self.masked.code[self.lines[number].start : self.lines[number].start + 3])
        )

    def _enclosing(self, number: int) -> int:
        """The class or function whose body a line is in, or -1."""
        indent = self.lines[number].indent
        for back in range(number - 1, max(-1, number - 6_000), -1):
            line = self.lines[back]
            if line.indent < indent:
                indent = line.indent
                if self._head(line):
                    return back
        return -1

    def parents(self, number: int) -> list[str]:
        """Names of the classes and functions around a line, outermost first."""
        out: list[str] = []
        while number >= 0 and len(out) < 12:
            number = self._enclosing(number)
            head = self._head(self.lines[number]) if number >= 0 else None
            if head:
                out.append(head.group(2))
        return out[::-1]

    def _body(self, number: int) -> tuple[int, int]:
        """The numbers of the first and one past the last logical line in the body of a class or function."""
        indent = self.lines[number].indent
        last = number + 1
        while last < len(self.lines) and self.lines[last].indent > indent:
            last += 1
        self.cut = self.cut or (last == len(self.lines) and not self.part.whole)
        return number + 1, last

    # --- what it is ----------------------------------------------------------------------------------------------

    def _draft(self, number: int, how: str, hits: list[Hit]) -> Draft:
        if how == "comment" or number < 0:
            return self._comment(hits)
        if how == "class":
            return self._class(number)
        if how == "def":
            return self._def(number)
        if how == "docstring":
            line = self.lines[number]
            text = string_text(self.part.text[line.start : line.end].strip("\"' \n"))
            return Draft(Shape.COMMENT, text[:80], line.start, line.end, line.start, comments=[text], type="docstring")
        return self._line(number, hits)

    def _comment(self, hits: list[Hit]) -> Draft:
        span = self.masked.comment_at(hits[0].start) or (hits[0].start, hits[0].end)
        words = self.part.text[span[0] : span[1]].lstrip("# ")
        return Draft(Shape.COMMENT, words[:80], span[0], span[1], span[0], comments=[words])

    def _class(self, number: int) -> Draft:
        line = self.lines[number]
        head = self._head(line)
        name, rest = (head.group(2), head.group(3)) if head else ("", "")
        first, last = self._body(number)
        members, doc, inner = self._members(first, last)
        end = self._stop(last, line.end)
        loose = attach(self.masked, members, line.end, end)
        bases = rest.strip("():\n ")
        enum = bool(_ENUM_BASES.search(bases)) or _all_constants(members)
        leading, start = self._leading(line.start)
        types = " ".join([bases, *(m.type or "" for m in members)])
        comments = [*leading, *doc, *loose]
        uses = {word for word in _WORD.findall(types) if word not in _PLAIN}
        for comment in [*comments, *(c for m in members for c in m.comments)]:
            uses.update(_REFER.findall(comment))
        return Draft(
            Shape.ENUM if enum else Shape.RECORD, name, start, end,
            line.start + (head.start(2) - line.start if head else 0),
            members=members, comments=comments, parents=self.parents(number), neighbours=inner, uses=uses,
            type=bases or None,
        )  # fmt: skip

    def _stop(self, last: int, least: int) -> int:
        """The end of the line, trailing comment included, before logical line `last`."""
        end = self.lines[last - 1].end if 0 < last <= len(self.lines) else least
        stop = self.part.text.find("\n", end)
        return len(self.part.text) if stop < 0 else stop

    def _members(self, first: int, last: int) -> tuple[list[Found], list[str], list[str]]:
        members: list[Found] = []
        doc: list[str] = []
        inner: list[str] = []
        indent = self.lines[first].indent if first < last else 0
        for number in range(first, min(last, first + 20_000)):
            line = self.lines[number]
            head = self._head(line)
            if line.indent > indent and not (head is None and self._in_init(number)):
                continue
            if head:
                inner.append(head.group(2))
                if head.group(1) == "def":
                    members.append(Found(head.group(2), head.start(2), line.end, (line.start, line.end), type="method"))
            elif self._is_docstring(number) and number == first:
                doc.append(" ".join(self.part.text[line.start : line.end].strip("\"' \n").split()))
            else:
                members += self._field(line)
        return members, doc, inner

    def _in_init(self, number: int) -> bool:
        """Whether a line assigns `self.x` directly in `__init__`: that is where Python declares fields."""
        line = self.lines[number]
        if not self.part.text.startswith("self.", line.start):
            return False
        owner = self._enclosing(number)
        head = self._head(self.lines[owner]) if owner >= 0 else None
        return head is not None and head.group(2) == "__init__"

    def _field(self, line: Line) -> list[Found]:
        code, text = self.masked.code, self.part.text
        if code.startswith(("_fields_", "__slots__", "_anonymous_"), line.start):
            return self._tuples(line)
        at = line.start + 5 if text.startswith("self.", line.start) else line.start
        found = _FIELD.match(code, at, line.end)
        if found is None or found.group(1) in ("pass", "return") or (found.group(2) is None and found.group(3) is None):
            return []
        value = text[found.start(3) : line.end].strip().rstrip(",") if found.group(3) is not None else None
        kind = text[found.start(2) : found.end(2)] if found.group(2) else None
        return [Found(found.group(1), found.start(1), line.end, (line.start, line.end), value=value, type=kind)]

    def _tuples(self, line: Line) -> list[Found]:
        """ctypes `_fields_ = [("name", type), …]`."""
        code, text = self.masked.code, self.part.text
        open_ = re.compile(r"[\[(]").search(code, line.start, line.end)
        if open_ is None:
            return []
        out = []
        for left, right in pieces(code, open_.end(), max(open_.end(), line.end - 1), ","):
            strings = self.masked.strings_in(left, right)
            if not strings:
                continue
            a, b = strings[0]
            rest = text[b:right].split("#")[0].strip(" ,)\n")
            paren = code.find(")", b, right)
            rest = text[b:paren].strip(" ,") if paren >= 0 and code[b:paren].count("(") == 0 else rest
            out.append(Found(string_text(text[a:b]), a + 1, right, (left, right), type=rest or None))
        return out

    def _def(self, number: int) -> Draft:
        line = self.lines[number]
        head = self._head(line)
        name = head.group(2) if head else ""
        open_ = self.masked.code.find("(", line.start, line.end)
        close = self.masked.code.rfind(")", line.start, line.end)
        members: list[Found] = []
        if 0 <= open_ < close:
            for left, right in pieces(self.masked.code, open_ + 1, close, ",")[:256]:
                members += self._parameter(left, right)
        first, last = self._body(number)
        doc = []
        if first < last and self._is_docstring(first):
            doc.append(self.part.text[self.lines[first].start : self.lines[first].end].strip("\"' \n"))
        leading, start = self._leading(line.start)
        returns = re.search(r"->\s*([^:]+):?\s*$", self.masked.code[line.start : line.end])
        end = self.lines[first].end if doc else line.end
        return Draft(
            Shape.FUNCTION, name, start, end, head.start(2) if head else line.start, members=members,
            comments=[*leading, *doc], parents=self.parents(number), type=returns.group(1).strip() if returns else None,
            uses={w for m in members for w in _WORD.findall(m.type or "")},
            text=self.part.text[start : min(self._stop(last, line.end), start + 1_500)],
        )  # fmt: skip

    def _parameter(self, left: int, right: int) -> list[Found]:
        found = re.compile(r"\s*\*{0,2}(\w+)\s*(?::\s*([^=]+))?(?:=\s*(.*))?", re.S).match(
            self.masked.code, left, right
        )
        if found is None:
            return []
        text = self.part.text
        kind = text[found.start(2) : found.end(2)].strip() if found.group(2) else None
        value = text[found.start(3) : found.end(3)].strip() if found.group(3) else None
        return [Found(found.group(1), found.start(1), right, (left, right), type=kind, value=value)]

    def _leading(self, head: int) -> tuple[list[str], int]:
        out: list[str] = []
        first = head
        text = self.part.text
        for left, right in reversed(self.masked.comments_in(max(0, head - 4_000), head)):
            line = text.rfind("\n", 0, left) + 1
            if text[right:first].strip() or text[right:first].count("\n") > 2 or self.masked.code[line:left].strip():
                break
            out.append(text[left:right].strip("# \t"))
            first = left
        return [words for words in reversed(out) if words], first

    def _line(self, number: int, hits: list[Hit]) -> Draft:
        line = self.lines[number]
        text, code = self.part.text, self.masked.code
        leading, start = self._leading(line.start)
        end = self._stop(number + 1, line.end)
        comments = leading + [text[a + 1 : b].strip() for a, b in self.masked.comments_in(line.start, end)]
        draft = self._literal(number, hits) or self._branches(number) or self._simple(line, code[line.start : line.end])
        draft.start, draft.end = min(start, draft.start), max(end, draft.end)
        draft.comments = [*comments, *draft.comments]
        draft.parents = self.parents(number)
        if not draft.neighbours:
            near = self.lines[max(0, number - 3) : number] + self.lines[number + 1 : number + 4]
            draft.neighbours = [text[n.start : n.end].strip()[:160] for n in near]
        draft.uses = {*draft.uses, *(w for w in _WORD.findall(code[line.start : line.end]) if w not in _PLAIN)}
        return draft

    def _literal(self, number: int, hits: list[Hit]) -> Draft | None:
        line = self.lines[number]
        code = self.masked.code
        from witnessmark.read.declarations.statements import _opening

        # the first match is often the name that the list is given to: ask the next ones too
        opened = (_opening(code[: line.end], hit.start) for hit in hits[:16])
        open_ = next((place for place in opened if place >= line.start), -1)
        if open_ < 0:
            return None
        close = closing(code, open_, line.end)
        items = self._items(open_ + 1, close)
        if len(items) < 2 or sum(1 for i in items if i.type in ("string", "number")) * 2 < len(items):
            return None
        attach(self.masked, items, open_ + 1, close)
        named = _ASSIGN.match(code, line.start, line.end)
        keyed = re.search(r"[\"']?(\w+)[\"']?\s*[:=]\s*$", self.part.text[max(line.start, open_ - 80) : open_])
        name = keyed.group(1) if keyed else named.group(1).strip() if named else ""
        flat = all(item.type in ("string", "number") for item in items)
        return Draft(
            Shape.LABEL_LIST if flat else Shape.KEY_PATH,
            name,
            open_,
            min(close + 1, line.end),
            line.start,
            members=items,
        )

    def _items(self, start: int, end: int) -> list[Found]:
        out = []
        code, text = self.masked.code, self.part.text
        for left, right in pieces(code, start, end, ",")[:20_000]:
            blank = re.compile(r"\s*").match(code, left, right)
            at = blank.end() if blank else left
            stop = at + len(code[at:right].rstrip())
            if at >= stop:
                continue
            colon = pieces(code, at, stop, ":")
            key_end = colon[0][1]
            raw = text[at:key_end].strip()
            value = text[key_end + 1 : stop].strip() if key_end < stop else None
            kind = kind_of(raw if value is None else value)
            out.append(
                Found(
                    string_text(raw),
                    at,
                    stop,
                    (left, right),
                    value=None if value is None else string_text(value) if kind == "string" else value,
                    type=kind,
                )
            )
        return out

    def _branches(self, number: int) -> Draft | None:
        """An if/elif chain (or match) that compares one value with labels."""
        line = self.lines[number]
        if not _CONTROL.match(self.masked.code, line.start, line.end):
            return None
        same = [
            n
            for n in range(max(0, number - 200), min(len(self.lines), number + 200))
            if self.lines[n].indent == line.indent
        ]
        low = high = same.index(number)
        while low > 0 and self._word(same[low]) in ("elif", "case", "else"):
            low -= 1
        while high + 1 < len(same) and self._word(same[high + 1]) in ("elif", "else", "case"):
            high += 1
        members, tested = [], ""
        for n in same[low : high + 1]:
            made, subject = self._branch(n)
            tested = tested or subject
            members += made
        if not members:
            return None
        end = self._body(same[high])[1]
        return Draft(
            Shape.SWITCH,
            tested,
            self.lines[same[low]].start,
            self._stop(end, line.end),
            self.lines[same[low]].start,
            members=members,
        )

    def _word(self, number: int) -> str:
        found = re.compile(r"\w+").match(self.masked.code, self.lines[number].start)
        return found.group() if found else ""

    def _branch(self, number: int) -> tuple[list[Found], str]:
        line = self.lines[number]
        raw = self.part.text[line.start : line.end]
        found = _COMPARE.search(raw)
        if found is None:
            return [], ""
        last = self._body(number)[1]
        body = " ".join(self.part.text[line.end : self._stop(last, line.end)].split())
        at = line.start + found.start(2)
        extent = (line.start, self._stop(last, line.end))
        return [Found(found.group(2), at, line.start + found.end(2), extent, value=body[:200])], found.group(1)

    def _simple(self, line: Line, code: str) -> Draft:
        text = self.part.text
        strings = self.masked.strings_in(line.start, line.end)
        if _UI.search(code) and strings:
            items = [Found(string_text(text[a:b]), a, b, (a, b), type="string") for a, b in strings[:200]]
            return Draft(
                Shape.UI_TEXT, " ".join(i.name for i in items[:12]), line.start, line.end, line.start, members=items
            )
        assigned = _ASSIGN.match(code)
        if (
            assigned
            and not re.match(r"\s*(?:if|for|while|return|assert|elif)\b", code)
            and "(" not in assigned.group(1)
        ):
            value = text[line.start + assigned.start(3) : line.end].strip()
            return Draft(Shape.ASSIGNMENT, assigned.group(1).strip(), line.start, line.end, line.start, type=value)
        called = re.search(r"([\w.]+)\s*\(", code)
        return Draft(
            Shape.STATEMENT, called.group(1) if called else code.strip()[:80], line.start, line.end, line.start
        )
