"""Read single statements: constants, prototypes, literals, labels on a screen, switches and comparisons."""

import re
from typing import TYPE_CHECKING

from witnessmark.model.observation import Shape
from witnessmark.read.declarations import blocks as kinds
from witnessmark.read.declarations.fields import attach, field_of, pieces
from witnessmark.read.masking import comment_text, string_text
from witnessmark.read.options import REACH, options
from witnessmark.read.source import Draft, Found, Hit

if TYPE_CHECKING:
    from witnessmark.read.declarations.brace import BraceReader

_UI = re.compile(
    r"set(?:Window)?(?:Text|Title|ToolTip|Label|Placeholder\w*|Caption|Hint)\b|\b(?:append|println?|sprintf|s?printf|_stprintf|"
    r"Format|AddString|InsertString|InsertItem|InsertColumn|SetItemText|SetDlgItemText|addItem|AfxMessageBox|MessageBox|"
    r"Console\.Write\w*|label|title|text|caption|tooltip|placeholder|innerHTML|textContent|innerText|message|tr|"
    r"translate|NSLocalizedString|LocalizedString|getString|alert)\b\s*[(=:]|\.Text\s*=|LanType\s*\(",
    re.I,
)
_DEFINE = re.compile(r"[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]*(\([^)\n]*\))?[ \t]*([^\n]*)")
_ASSIGN = re.compile(r"^\s*([^=(){};]*?[\w\]\)$])\s*(?:[-+|&]?=)(?![=>])\s*(.*)$", re.S)
_PROTOTYPE = re.compile(r"([\w$~]+)\s*\(((?:[^()]|\([^()]*\))*)\)\s*(?:const|override|throws[\w\s,.]*|=\s*0)?\s*$")
_LITERAL_REACH = 8_000  # characters
_SIBLING_REACH = 6_000
_SIBLINGS = 30
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_WORDS = frozenset(
    [
        "if",
        "else",
        "return",
        "for",
        "while",
        "new",
        "case",
        "default",
        "break",
        "const",
        "int",
        "char",
        "void",
        "this",
        "self",
        "null",
        "true",
        "false",
    ]
)


def statement(reader: "BraceReader", at: int, hits: list[Hit]) -> Draft | None:
    """What the statement or comment around the first match is."""
    first = hits[0].start
    text, masked = reader.part.text, reader.masked
    define = _define(reader, first)
    if define is not None:
        return define
    comment = masked.comment_at(first)
    if comment is not None and reader._anchor(hits[0]) == first:
        return _comment(reader, comment)
    start, end = _bounds(reader, at, max(hit.end for hit in hits))
    literal = _literal(reader, first, start, end)
    if literal is not None:
        return literal
    switch = _switch(reader, at)
    if switch is not None:
        return switch
    return _plain(reader, start, end, text[start:end])


def _bounds(reader: "BraceReader", at: int, last: int) -> tuple[int, int]:
    code = reader.masked.code
    start = reader.blocks.statement_start(at)
    lead = re.compile(r"\s*").match(code, start)
    start = min(lead.end() if lead else start, at)
    found = re.compile(r"[;{}]").search(code, max(last, at))
    end = min(found.start() + 1 if found else len(code), start + 20_000)
    end = reader._line_end(end, end) if end < len(code) else end
    return start, max(end, last)


def _define(reader: "BraceReader", at: int) -> Draft | None:
    """A `#define`: with its neighbours of the same prefix it is an enum in all but name."""
    text = reader.part.text
    line = text.rfind("\n", 0, at) + 1
    if not _DEFINE.match(text, line):
        return None
    low, high = _define_run(text, line)
    founds = []
    for found in _DEFINE.finditer(text, low, high):
        value = re.split(r"//|/\*", found.group(3))[0].strip()
        founds.append(
            Found(
                found.group(1),
                found.start(1),
                found.start(3) + len(value),
                (found.start(), found.end()),
                value=value or None,
            )
        )
    attach(reader.masked, founds, low, high)
    leading, first = reader._leading(low)
    name = next(f.name for f in founds if f.extent[0] <= at <= f.extent[1])
    shape = Shape.ENUM if len(founds) > 1 else Shape.ASSIGNMENT
    prefix = name.rpartition("_")[0] if shape is Shape.ENUM else name
    return Draft(
        shape, prefix or name, first, high, low, members=founds, comments=leading,
        parents=[*reader.parents_of(low), *reader._banner(first)], uses=(), type="#define",
    )  # fmt: skip


def _define_run(text: str, line: int) -> tuple[int, int]:
    """The lines of `#define` around one (comments between allowed, not blank gaps), at most 200 either side."""
    low, high = line, text.find("\n", line)
    high = len(text) if high < 0 else high
    for _ in range(200):
        above = text.rfind("\n", 0, max(0, low - 1)) + 1
        if low == 0 or not _DEFINE.match(text[above:low]):
            break
        low = above
    for _ in range(200):
        below = text.find("\n", high + 1)
        below = len(text) if below < 0 else below
        if high >= len(text) or not _DEFINE.match(text[high + 1 : below]):
            break
        high = below
    return low, high


def _comment(reader: "BraceReader", comment: tuple[int, int]) -> Draft:
    text = reader.part.text
    words = comment_text(text[comment[0] : comment[1]])
    return Draft(
        Shape.COMMENT, words[:80], comment[0], comment[1], comment[0],
        comments=[words], parents=reader.parents_of(comment[0]),
        neighbours=_code_around(reader, comment),
    )  # fmt: skip


def _code_around(reader: "BraceReader", span: tuple[int, int]) -> list[str]:
    code = reader.masked.code
    before = [line.strip() for line in code[max(0, span[0] - 400) : span[0]].split("\n") if line.strip()]
    after = [line.strip() for line in code[span[1] : span[1] + 400].split("\n") if line.strip()]
    return before[-2:] + after[:2]


def _literal(reader: "BraceReader", at: int, start: int, end: int) -> Draft | None:
    """The list or map of constants that a match stands in."""
    open_ = _opening(reader.masked.code, at)
    if open_ < 0:
        return None
    choices = _choices(reader, open_)
    if choices is not None:
        return choices
    close = _closing(reader.masked.code, open_)
    items = _items(reader, *_near(reader.masked.code, at, open_ + 1, close))
    strings = [i for i in items if i.type == "string"]
    pairs = [i for i in items if i.value is not None]
    if len(items) < 2 or (len(strings) * 2 < len(items) and len(pairs) * 2 < len(items)):
        return None
    attach(reader.masked, items, open_ + 1, close)
    header = reader.masked.code[max(0, open_ - 400) : open_ + 1]
    name = kinds.assigned_name(header[:-1]) or kinds.assigned_name(header)
    flat = all(i.type in ("string", "number") for i in items)
    begin = min(start, open_)
    leading, first = reader._leading(begin)
    outer, beside = _outside(reader, open_)
    parents = [*reader.parents_of(open_), *outer]
    return Draft(
        Shape.LABEL_LIST if flat else Shape.KEY_PATH, name, open_, min(close + 1, len(reader.part.text)), open_,
        members=items,
        comments=leading, parents=[p for p in parents if p != name],
        neighbours=[reader.part.text[first:open_].strip()[:200], *beside],
        uses=(i.name for i in items if i.type == "name"),
    )  # fmt: skip


def _choices(reader: "BraceReader", inner: int) -> Draft | None:
    """The list of choices whose one object opens at `inner`, with the labels of all."""
    code = reader.masked.code
    open_ = _opening(code, inner, _SIBLING_REACH)
    if open_ < 0 or code[open_] not in "[{" or code[inner] != "{":
        return None
    close = _closing(code, open_, REACH)
    items = options(reader.part.text, open_, close)
    if not items:
        return None
    name = kinds.assigned_name(code[max(0, open_ - 400) : open_])
    outer, beside = _outside(reader, open_)
    parents = [*reader.parents_of(open_), *outer]
    return Draft(
        Shape.LABEL_LIST, name, open_, min(close + 1, len(reader.part.text)), open_, members=items,
        comments=reader._leading(open_)[0], parents=[p for p in parents if p != name], neighbours=beside,
    )  # fmt: skip


def _outside(reader: "BraceReader", open_: int) -> tuple[list[str], list[str]]:
    """The names of the literals around a nested one, outermost first, and what stands beside it in them."""
    code, text = reader.masked.code, reader.part.text
    names: list[str] = []
    beside: list[str] = []
    inner = open_
    for _ in range(3):
        outer = _opening(code, inner, _SIBLING_REACH)
        close = _closing(code, outer, _SIBLING_REACH) if outer >= 0 else -1
        if outer < 0 or close - outer >= _SIBLING_REACH:
            break
        name = kinds.assigned_name(code[max(0, outer - 200) : outer])
        names += [name] if name else []
        beside = [line.strip()[:200] for line in re.split(r"\n|\},", text[outer:close]) if line.strip()]
        inner = outer
    own = text[open_ : _closing(code, open_, _SIBLING_REACH)]
    return names[::-1], [line for line in beside if line not in own][:_SIBLINGS]


def _near(code: str, at: int, start: int, end: int) -> tuple[int, int]:
    """The part of a very long literal that is worth reading: whole items to either side of a match."""
    if end - start <= 2 * _LITERAL_REACH:
        return start, end
    low = max(start, code.rfind(",", start, max(start, at - _LITERAL_REACH)) + 1)
    high = code.find(",", min(end, at + _LITERAL_REACH), end)
    return low, end if high < 0 else high


def _opening(code: str, at: int, reach: int = 40_000) -> int:
    """The bracket of the innermost list or map around a place, within a bounded stretch."""
    depth = 0
    low = max(0, at - reach)
    for index in range(min(at, len(code)) - 1, low - 1, -1):
        char = code[index]
        if char in ")]}":
            depth += 1
        elif char in "([{":
            if depth:
                depth -= 1
            elif char == "[" or (
                char == "{" and re.search(r"(?:[=:\[(,{?]|return|\]|=>)\s*$", code[max(0, index - 40) : index])
            ):
                return index
            else:
                return -1
        elif char == ";" and depth == 0:
            return -1
    return -1


def _closing(code: str, open_: int, reach: int = 200_000) -> int:
    depth = 0
    for found in re.compile(r"[()\[\]{}]").finditer(code, open_, open_ + reach):
        depth += 1 if found.group() in "([{" else -1
        if depth == 0:
            return found.start()
    return min(len(code), open_ + reach)


def _items(reader: "BraceReader", start: int, end: int) -> list[Found]:
    out = []
    for left, right in pieces(reader.masked.code, start, end, ",")[:20_000]:
        item = _item(reader, left, right)
        if item is not None:
            out.append(item)
    return out


_KEYED = re.compile(r"\s*(?:\[\s*)?([\"'`][^\n]*?[\"'`]|[\w$.-]+)(?:\s*\])?\s*(?::(?!:)|=>|=(?!=))\s*", re.S)


def _item(reader: "BraceReader", left: int, right: int) -> Found | None:
    code, text = reader.masked.code, reader.part.text
    blank = re.compile(r"\s*").match(code, left, right)
    at = blank.end() if blank else left
    end = at + len(code[at:right].rstrip())
    if at >= end:
        return None
    keyed = _KEYED.match(code, at, end)
    if keyed:
        key = text[keyed.start(1) : keyed.end(1)]
        raw = text[keyed.end() : end].strip()
        kind = _kind(raw)
        return Found(
            string_text(key),
            keyed.start(1),
            end,
            (left, right),
            value=string_text(raw) if kind == "string" else raw,
            type=kind,
        )
    raw = text[at:end]
    strings = reader.masked.strings_in(at, end)
    if len(strings) > 1 and raw[0] in "{[(":  # a row such as {1, "Asian"}
        label = text[strings[0][0] : strings[0][1]]
        return Found(string_text(label), strings[0][0], end, (left, right), value=raw, type="string")
    kind = _kind(raw)
    return Found(string_text(raw) if kind == "string" else raw, at, end, (left, right), type=kind)


def _kind(raw: str) -> str:
    if raw[:1] in "\"'`" or re.match(r"(?:@|L|u8?|_T\(|TEXT\()\"", raw):
        return "string"
    if re.fullmatch(r"[-+]?(?:0x[0-9a-fA-F]+|\d[\d.]*)[uUlLfF]*", raw) or raw in ("true", "false", "null", "None"):
        return "number"
    return "name" if re.fullmatch(r"[\w$.]+", raw) else "other"


def _switch(reader: "BraceReader", at: int) -> Draft | None:
    """The switch whose labels or head hold a match, with all its labels."""
    number = reader.blocks.innermost(at)
    headed = reader.blocks.headed(at)
    if headed >= 0 and reader.blocks.block(headed).kind == kinds.SWITCH:
        number = headed
    while number >= 0 and reader.blocks.block(number).kind in (kinds.OTHER, kinds.CONTROL, kinds.LITERAL):
        number = reader.blocks.all[number].parent
    if number < 0 or reader.blocks.block(number).kind != kinds.SWITCH:
        return None
    block = reader.blocks.block(number)
    code, text = reader.masked.code, reader.part.text
    starts = list(
        re.compile(r"\bcase\b\s*([^:{};]*?)\s*(?::(?!:)|->|=>)|\bdefault\b\s*:|([^\n;{}]+?)\s*(?:->|=>)").finditer(
            code, block.open + 1, block.close
        )
    )[:2_000]
    members = []
    for index, found in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else block.close
        left = found.start(1) if found.group(1) else found.start()
        label = text[left : found.end(1) if found.group(1) else found.end()].strip(" :\n\t")
        body = " ".join(text[found.end() : min(end, found.end() + 300)].split())
        members.append(Found(label, left, found.end(), (found.start(), end), value=body[:200]))
    leading, first = reader._leading(block.head)
    return Draft(
        Shape.SWITCH, block.name, first, block.close + 1, block.head, members=members, comments=leading,
        parents=reader.parents_of(max(0, block.head - 1)), neighbours=_around(reader, first, block.close + 1),
        uses=_NAME.findall(" ".join(m.name for m in members)),
    )  # fmt: skip


def _plain(reader: "BraceReader", start: int, end: int, raw: str) -> Draft:
    code = reader.masked.code[start:end]
    shape, name, members, kind = _describe(reader, start, end, code)
    leading, first = reader._leading(start)
    trailing = [comment_text(reader.part.text[a:b]) for a, b in reader.masked.comments_in(start, end)]
    uses = {word for word in _NAME.findall(code) if word not in _WORDS and len(word) > 2}
    return Draft(
        shape, name, first, end, start, members=members, comments=leading + trailing, type=kind,
        parents=[*reader.parents_of(start), *reader._banner(first)], neighbours=_around(reader, start, end), uses=uses,
    )  # fmt: skip


def _describe(reader: "BraceReader", start: int, end: int, code: str) -> tuple[Shape, str, list[Found], str | None]:
    text = reader.part.text
    bare = code.strip().rstrip(";{}").rstrip()
    strings = reader.masked.strings_in(start, end)
    if _UI.search(code) and strings:
        label = " ".join(string_text(text[a:b]) for a, b in strings[:12])
        items = [Found(string_text(text[a:b]), a, b, (a, b), type="string") for a, b in strings[:200]]
        return Shape.UI_TEXT, label, items, None
    assigned = _ASSIGN.match(bare)
    if assigned and not re.match(r"\s*(?:if|for|while|return|else)\b", bare):
        names = re.findall(r"[\w$.\->\[\]]+", assigned.group(1))
        return (
            Shape.ASSIGNMENT,
            (names[-1] if names else assigned.group(1)),
            [],
            text[start + assigned.start(2) : end].strip(),
        )
    top = reader.blocks.innermost(start)
    outside = top < 0 or reader.blocks.block(top).kind in (kinds.SPACE, kinds.RECORD)
    found = _PROTOTYPE.search(bare)
    if outside and found and found.group(1) not in _WORDS and not strings:
        offset = start + code.find(bare[:20]) if bare else start
        members = []
        for left, right in pieces(reader.masked.code, offset + found.start(2), offset + found.end(2), ",", angles=True)[
            :256
        ]:
            members += field_of(reader.masked, left, right, reader.language)
        return Shape.FUNCTION, found.group(1), members, " ".join(bare[: found.start()].split()) or None
    made = field_of(reader.masked, start, end, reader.language) if outside else []
    if made:
        return Shape.ASSIGNMENT, made[0].name, [], made[0].type
    called = re.search(r"([\w$.>\-:]+)\s*\(", bare)
    return Shape.STATEMENT, called.group(1) if called else bare[:80], [], None


def _around(reader: "BraceReader", start: int, end: int) -> list[str]:
    """The two statements before and after."""
    text = reader.part.text
    before = [line.strip()[:160] for line in text[max(0, start - 600) : start].split("\n")[1:] if line.strip()]
    after = [line.strip()[:160] for line in text[end : end + 600].split("\n")[:-1] if line.strip()]
    return before[-3:] + after[:3]
