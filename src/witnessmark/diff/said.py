"""What the lines of a source file say of sizes and places outside its declarations.

Packing, constants that array lengths name, other names of types, and the attributes of C# and Visual Basic fields. Read
from lines, so that every encoding and every language without a reader is covered; ambiguous words count as unsaid.
"""

import ast
import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

DEFAULT_PACK = 1 << 10
MOST_NAMES = 200_000
DEEPEST = 16
_LARGEST = 1 << 30

Packs = Sequence[tuple[int, int]]
"""From which byte of the file on which packing holds."""

_PRAGMA = re.compile(
    r"#\s*pragma\s+pack\s*\(\s*([^)]*)\)|#\s*include\s*[<\"](?:\w+/)*(psh|pop)pack(\d*)\.h", re.IGNORECASE
)
_DIRECTIVE = re.compile(r"\{\$(A|ALIGN|Z|MINENUMSIZE)\s*([+\-]|\d+)?\s*\}", re.IGNORECASE)
_TAIL = r"\s*[;,]?\s*(?:(?://|/\*|--|\{|#|').*)?$"
_DEFINE = re.compile(r"#\s*define\s+([A-Za-z_]\w*)\s+([\w\s()+\-*/<|]{1,60}?)\s*(?:(?://|/\*).*)?$")
_CONSTANT = re.compile(
    r"(?:[A-Za-z_][\w.]*\s+){0,8}?([A-Za-z_]\w*)\s*(?::\s*[\w.]+\s*|\s+[Aa]s\s+\w+\s*)?:?="
    r"\s*([\w\s()+\-*/<|$&.]{1,60}?)" + _TAIL
)
_TYPEDEF = re.compile(
    r"typedef\s+(?:const\s+)?((?:struct\s+|union\s+|enum\s+)?[A-Za-z_][\w\s]*?[\s*]+)\**([A-Za-z_]\w*)\s*(\[[^\]]*\])?\s*;"
)
_CALLBACK = re.compile(r"typedef\s+[\w\s*]+\(\s*[\w\s]*\*\s*([A-Za-z_]\w*)\s*\)")
_USING = re.compile(r"(?:pub\s+)?(?:using|type)\s+([A-Za-z_]\w*)\s*=?\s*([\w:.]+(?:\s+\w+)?)\s*;?\s*(?://.*)?$")
_PASCAL = re.compile(
    r"([A-Za-z_]\w*)\s*=\s*(?:type\s+)?"
    r"(\^?\s*(?:(?:packed\s+)?(?:array|set|string)\b[^;=]{1,120}|[A-Za-z_][\w.]*))\s*;",
    re.IGNORECASE,
)
_FIELD_OFFSET = re.compile(r"\bFieldOffset\s*\(\s*(?:value\s*:\s*)?(\w+)\s*\)", re.IGNORECASE)
_SIZE_CONST = re.compile(r"\bSizeConst\s*:?=\s*([\w.]+(?:\s*[+\-*]\s*[\w.]+)?)", re.IGNORECASE)
_MARSHAL = re.compile(r"\bUnmanagedType\.(\w+)", re.IGNORECASE)
_HINT = re.compile(r"FieldOffset|SizeConst|UnmanagedType", re.IGNORECASE)


@dataclass(frozen=True)
class Attribute:
    """What an attribute says of the field after it."""

    place: str | None = None  # FieldOffset
    count: str | None = None  # SizeConst
    kind: str | None = None  # UnmanagedType


@dataclass
class Said:
    """Everything of that sort in one file. Names map to the text that they stand for; None where two texts compete."""

    packs: list[tuple[int, int]] = field(default_factory=list)
    enum_sizes: list[tuple[int, int]] = field(default_factory=list)
    constants: dict[str, str | None] = field(default_factory=dict)
    aliases: dict[str, str | None] = field(default_factory=dict)
    attributes: list[tuple[int, Attribute]] = field(default_factory=list)

    def pack_at(self, offset: int) -> int:
        """The packing in force at a byte of the file."""
        return _at(self.packs, offset, DEFAULT_PACK)

    def enum_size_at(self, offset: int) -> int | None:
        """The least size of an enumeration in bytes, where a Delphi directive says one."""
        return _at(self.enum_sizes, offset, 0) or None

    def attribute(self, after: int, before: int) -> Attribute | None:
        """What the attributes between two bytes of the file say, joined."""
        low = bisect_left(self.attributes, after, key=lambda row: row[0])
        high = bisect_right(self.attributes, before, key=lambda row: row[0])
        rows = [row for _, row in self.attributes[low:high]]
        if not rows:
            return None
        return Attribute(
            place=next((row.place for row in rows if row.place), None),
            count=next((row.count for row in rows if row.count), None),
            kind=next((row.kind for row in rows if row.kind), None),
        )

    def number(self, text: str) -> int | None:
        """The value of an array length: a number, a constant, or sums and products of these."""
        return _value(text, self.constants, 0)


def _at(regions: Sequence[tuple[int, int]], offset: int, default: int) -> int:
    slot = bisect_right(regions, offset, key=lambda row: row[0]) - 1
    return regions[slot][1] if slot >= 0 else default


def read_said(lines: Iterable[tuple[int, str]], language: str = "") -> Said:
    """Read the lines of a file with their byte offsets."""
    said = Said()
    stack: list[int] = []
    now = DEFAULT_PACK
    for offset, text in lines:
        if "#" in text and (found := _PRAGMA.match(text)):
            now = _packed(found, stack, now)
            said.packs.append((offset, now))
        elif text.startswith("{$"):
            for found in _DIRECTIVE.finditer(text):
                _directive(found, offset, said)
        if _HINT.search(text):
            said.attributes += _attributes(offset, text)
        if len(said.constants) + len(said.aliases) < MOST_NAMES:
            _names(text, said)
    return said


def _packed(found: re.Match[str], stack: list[int], now: int) -> int:
    words = [word.strip() for word in (found[1] or "").split(",")]
    number = next((int(word) for word in words if word.isdigit() and int(word) in (1, 2, 4, 8, 16)), None)
    if found[2]:
        words, number = (["push"], int(found[3] or 0) or None) if found[2].lower() == "psh" else (["pop"], None)
    if "push" in words:
        stack.append(now)
    if "pop" in words:
        return stack.pop() if stack else DEFAULT_PACK
    if number is not None:
        return number
    return DEFAULT_PACK if words == [""] else now


def _directive(found: re.Match[str], offset: int, said: Said) -> None:
    switch, value = found[1].upper(), found[2] or ""
    number = {"+": 8 if switch in ("A", "ALIGN") else 4, "-": 1}.get(value) or (int(value) if value.isdigit() else 8)
    if number in (1, 2, 4, 8, 16):
        (said.packs if switch in ("A", "ALIGN") else said.enum_sizes).append((offset, number))


def _attributes(offset: int, text: str) -> Iterable[tuple[int, Attribute]]:
    """One row an attribute list, at the place where it stands in its line (blanks joined: never too far right)."""
    for found in re.finditer(r"[\[<][^\[\]<>]*(?:[\]>]|$)|[^\[\]<>]+", text):
        words = found.group()
        place, count, kind = _FIELD_OFFSET.search(words), _SIZE_CONST.search(words), _MARSHAL.search(words)
        if place or count or kind:
            row = Attribute(place and place[1], count and count[1], kind and kind[1])
            yield offset + len(text[: found.start()].encode("utf-8", "replace")), row


def _names(text: str, said: Said) -> None:
    if "typedef" in text:
        if called := _CALLBACK.search(text):
            _put(said.aliases, called[1], "pointer")
        elif found := _TYPEDEF.search(text):
            kind = "pointer" if "*" in text.split(";")[0] else found[1].strip() + (found[3] or "")
            _put(said.aliases, found[2], kind)
    elif found := _DEFINE.match(text):
        _put(said.constants, found[1], found[2])
        if re.match(r"[A-Za-z_][\w ]*$", found[2]):
            _put(said.aliases, found[1], found[2])
    elif "=" in text:
        if found := _CONSTANT.match(text):
            _put(said.constants, found[1], found[2])
        if found := _PASCAL.match(text):
            _put(said.aliases, found[1], "pointer" if found[2].startswith("^") else found[2])
    if text.startswith(("using ", "type ", "pub type ")) and (found := _USING.match(text)):
        _put(said.aliases, found[1], found[2])


def _put(names: dict[str, str | None], name: str, text: str) -> None:
    text = text.strip()
    names[name] = text if names.get(name, text) == text else None


_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Div: operator.floordiv,
}  # fmt: skip
_SUFFIX = re.compile(r"(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)[uUlL]{1,3}\b")
_PASCAL_HEX = re.compile(r"(?<![\w])(?:\$|&[Hh])([0-9a-fA-F]+)")


def _value(text: str, constants: Mapping[str, str | None], depth: int) -> int | None:
    text = _PASCAL_HEX.sub(r"0x\1", _SUFFIX.sub(r"\1", text.strip()))
    if len(text) > 80 or depth > DEEPEST:
        return None
    if text.isdigit() and text.isascii():
        return int(text) if len(text) < 10 else None
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return _reduced(tree, constants, depth)


def _reduced(node: ast.expr, constants: Mapping[str, str | None], depth: int) -> int | None:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int and abs(node.value) < _LARGEST else None
    if isinstance(node, ast.Name | ast.Attribute):
        said = constants.get(node.id if isinstance(node, ast.Name) else node.attr)
        return None if said is None else _value(said, constants, depth + 1)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = (_reduced(side, constants, depth) for side in (node.left, node.right))
        if left is None or right is None or (isinstance(node.op, ast.FloorDiv | ast.Div) and right == 0):
            return None
        out: int = _OPERATORS[type(node.op)](left, right)
        return out if abs(out) < _LARGEST else None
    return None
