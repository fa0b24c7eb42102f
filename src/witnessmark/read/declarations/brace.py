"""Read the declarations around matches in C, C++, Objective-C, C#, Java, Kotlin, Swift, Go, Rust, JavaScript."""

import re
from collections.abc import Iterator

from witnessmark.model.observation import Observation, Shape
from witnessmark.read.declarations import blocks as kinds
from witnessmark.read.declarations.blocks import Block, Blocks
from witnessmark.read.declarations.fields import attach, enum_members, pieces, record_fields
from witnessmark.read.declarations.statements import statement
from witnessmark.read.masking import Masked, comment_text, mask
from witnessmark.read.source import Draft, Found, Hit, Part, finish

_TYPE_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_PLAIN = frozenset(
    [
        "int",
        "char",
        "unsigned",
        "signed",
        "long",
        "short",
        "void",
        "float",
        "double",
        "bool",
        "boolean",
        "byte",
        "BYTE",
        "WORD",
        "DWORD",
        "BOOL",
        "UINT",
        "INT",
        "CHAR",
        "HWND",
        "LPVOID",
        "string",
        "String",
        "public",
        "private",
        "static",
        "final",
        "const",
        "struct",
        "enum",
        "union",
        "class",
        "list",
        "List",
        "Map",
        "Integer",
        "Long",
        "Double",
        "Boolean",
        "uint8_t",
        "uint16_t",
        "uint32_t",
        "uint64_t",
        "int8_t",
        "int16_t",
        "int32_t",
        "int64_t",
        "size_t",
        "method",
        "internal",
        "protected",
        "readonly",
        "ushort",
        "uint",
        "ulong",
        "sbyte",
        "decimal",
        "object",
        "Object",
        "var",
        "let",
        "any",
        "number",
        "null",
        "None",
        "Optional",
        "volatile",
        "extern",
        "IntPtr",
        "Pointer",
    ]
)
_REFER = re.compile(
    r"(?:详见|参考|参见|参照|对应|见|取值|refer(?:\s+to)?:?|see(?:\s+also)?:?|ref(?:erence)?:?|@link|@see|cref=\"|см\.?)\s*#?\s*([A-Za-z_]\w{3,})",
    re.I,
)
_CONSTANT = re.compile(r"\b(?:static|const|final)\b|^\s*$")
_NEAR = 3


class BraceReader:
    """The structures of one decoded part of a brace-language file."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.language = part.source.language
        self.masked: Masked = mask(part.text, self.language)
        self.blocks = Blocks(self.masked, self.language)
        self.cut = False  # a structure with a match reaches beyond the part
        self._banners: dict[int, str] = {}
        self._budget = 8 * len(part.text) + 4_000_000  # characters of block text, counted once a reading

    def observations(self) -> Iterator[Observation]:
        """One observation for each structure that matches stand in, in order of place."""
        grouped: dict[tuple[int, str, int], list[Hit]] = {}
        for hit in self.part.hits:
            grouped.setdefault(self._owner(hit), []).append(hit)
        # one list of labels or run of #defines is met once through each of its items
        same: dict[tuple[int, int, Shape, str], tuple[Draft, list[Hit]]] = {}
        for (_, how, number), hits in sorted(grouped.items(), key=lambda item: item[0]):
            draft = self._draft(how, number, hits) if self._affordable(how, number) else None
            draft = draft or statement(self, hits[0].start, hits)
            if draft is not None:
                key = (draft.start, draft.end, draft.shape, draft.name)
                same.setdefault(key, (draft, []))[1].extend(hits)
        for draft, hits in same.values():
            yield finish(self.part, draft, sorted(hits, key=lambda hit: (hit.start, hit.end, hit.match.term)))

    def _affordable(self, how: str, number: int) -> bool:
        """Whether a block may still be read whole: nested blocks that never end must not be read again and again."""
        if how != "block":
            return True
        block = self.blocks.all[number]
        self._budget -= block.close - block.open
        return self._budget >= 0

    def outline(self) -> Iterator[Observation]:
        """Every enum, record and function, matches or not."""
        for number in range(len(self.blocks.all)):
            block = self.blocks.block(number)
            if block.kind in (kinds.ENUM, kinds.RECORD, kinds.FUNCTION):
                draft = self._draft("block", number, []) if self._affordable("block", number) else None
                if draft is not None:
                    yield finish(self.part, draft, [])

    # --- which structure a match stands in -----------------------------------------------------------------------

    def _owner(self, hit: Hit) -> tuple[int, str, int]:
        at = self._anchor(hit)
        number = self.blocks.innermost(at)
        headed = self.blocks.headed(at)
        if headed >= 0 and self._heads(headed, at):
            return self._settle(headed, at, in_header=True)
        tail = self.blocks.before(at)
        if tail >= 0 and self.blocks.all[tail].parent == number and self._is_tail(tail, at):
            return self.blocks.all[tail].open, "block", tail
        return self._settle(number, at, in_header=False)

    def _anchor(self, hit: Hit) -> int:
        """Where a match counts as standing: a comment belongs to the code that it is about."""
        comment = self.masked.comment_at(hit.start)
        if comment is None:
            return hit.start
        code, text = self.masked.code, self.part.text
        line = text.rfind("\n", 0, comment[0]) + 1
        if code[line : comment[0]].strip():
            return line + len(code[line : comment[0]].rstrip()) - 1  # trails code on its own line
        after = re.compile(r"\s*").match(code, comment[1])
        follow = after.end() if after else comment[1]
        if follow >= len(code) or self._apart(comment[1], follow):
            return hit.start
        return follow

    def _apart(self, end: int, follow: int) -> bool:
        """Whether more than one empty line, comments not counted, parts a comment from what follows."""
        return re.search(r"\n[ \t\r]*\n[ \t\r]*\n", self.part.text[end:follow]) is not None

    def _heads(self, number: int, at: int) -> bool:
        block = self.blocks.block(number)
        return block.head <= at and block.kind in (
            kinds.ENUM, kinds.RECORD, kinds.FUNCTION, kinds.SWITCH, kinds.LITERAL, kinds.SPACE, kinds.CONTROL,
        )  # fmt: skip

    def _is_tail(self, number: int, at: int) -> bool:
        block = self.blocks.block(number)
        return block.kind in (kinds.ENUM, kinds.RECORD) and bool(
            re.match(r"[\w\s*,()]*$", self.masked.code[block.close + 1 : at])
        )

    def _settle(self, number: int, at: int, *, in_header: bool) -> tuple[int, str, int]:
        """Walk outwards to the first block that means something by itself."""
        block = self.blocks.block(number) if number >= 0 else None
        if block is not None and in_header and block.kind in (kinds.SWITCH, kinds.CONTROL, kinds.LITERAL, kinds.SPACE):
            return block.head, "statement", block.head
        while block is not None and block.kind == kinds.OTHER and block.parent >= 0:
            number = block.parent
            block = self.blocks.block(number)
        if block is None or block.kind in (kinds.SPACE, kinds.OTHER):
            return self._loose(at)
        if block.kind in (kinds.ENUM, kinds.RECORD):
            return block.open, "block", number
        if block.kind == kinds.FUNCTION and (in_header or self._accessor(block)):
            outer = self.blocks.block(block.parent) if block.parent >= 0 else None
            if outer is not None and outer.kind == kinds.RECORD and self._accessor(block):
                return outer.open, "block", block.parent
            return block.open, "block", number
        return self._loose(at)

    def _accessor(self, block: Block) -> bool:
        """A getter or setter of one line or so: it belongs to its class, not to itself."""
        inner = self.masked.code[block.open : block.close]
        return len(inner) < 160 and inner.count(";") <= 1 and bool(re.match(r"(?:get|set|is)[A-Z_]", block.name))

    def _loose(self, at: int) -> tuple[int, str, int]:
        return self.blocks.statement_start(at), "statement", at

    # --- what the structure is -----------------------------------------------------------------------------------

    def _draft(self, how: str, number: int, hits: list[Hit]) -> Draft | None:
        if how == "statement":
            return statement(self, number, hits)
        block = self.blocks.block(number)
        self.cut = self.cut or block.cut
        if block.kind == kinds.ENUM:
            return self._enum(number, block)
        if block.kind == kinds.RECORD:
            return self._record(number, block)
        return self._function(number, block)

    def _enum(self, number: int, block: Block) -> Draft:
        members = enum_members(self.masked, block.open + 1, block.close, self.language)
        loose = attach(self.masked, members, block.open + 1, self._line_end(block.close - 1, block.close))
        return self._typed(number, block, Shape.ENUM, members, loose)

    def _record(self, number: int, block: Block) -> Draft:
        members = [*self._header_fields(block), *record_fields(self.masked, block.open + 1, block.close, self.language)]
        loose = attach(self.masked, members, block.open + 1, block.close)
        shape = Shape.ENUM if _all_constants(members) else Shape.RECORD
        return self._typed(number, block, shape, members, loose)

    def _typed(self, number: int, block: Block, shape: Shape, members: list[Found], loose: list[str]) -> Draft:
        leading, first = self._leading(block.head)
        name, aliases, end = self._names(block)
        name_at = self._name_place(block, name)
        inner = [self.blocks.block(child).name for child in self.blocks.children(number)[:40]]
        types = " ".join(found.type or "" for found in members)
        words = " ".join([types, block.bases])
        return Draft(
            shape, name, first, end, name_at,
            members=members,
            comments=leading + loose,
            parents=[*self._parents(number), *self._banner(first)],
            neighbours=[child for child in inner if child],
            uses=self._uses(words, [*leading, *(c for found in members for c in found.comments)]),
            aliases=aliases,
            type=block.bases or None,
        )  # fmt: skip

    def _header_fields(self, block: Block) -> list[Found]:
        """The parameters of a primary constructor: Kotlin `class X(val race: String)`, Java and C# records."""
        code = self.masked.code
        open_ = code.find("(", block.head, block.open)
        if open_ < 0 or self.language not in ("kotlin", "java", "c-sharp", "scala"):
            return []
        close = code.rfind(")", open_, block.open)
        return self._parameters(open_ + 1, close)

    def _parameters(self, start: int, end: int) -> list[Found]:
        out: list[Found] = []
        for left, right in pieces(self.masked.code, start, end, ",", angles=True)[:256]:
            out += parameter(self.masked, left, right, self.language)
        return out

    def _function(self, number: int, block: Block) -> Draft:
        code = self.masked.code
        open_ = code.find("(", block.head, block.open)
        at = code.rfind(block.name, block.head, block.open) if block.name else block.head
        if named := _call(code, block.name, block.head, block.open):
            at, open_ = named
        members = self._parameters(open_ + 1, _closing(code, open_, block.open)) if open_ >= 0 else []
        leading, first = self._leading(block.head)
        attach(self.masked, members, open_ + 1, block.open)
        returns = " ".join(code[block.head : max(block.head, at)].split())
        return Draft(
            Shape.FUNCTION, block.name, first, block.open, max(at, block.head),
            members=members, comments=leading, parents=[*self._parents(number), *self._banner(first)],
            uses=self._uses(" ".join([returns, *(m.type or "" for m in members)]), leading),
            type=returns or None, text=self.part.text[first : min(block.close + 1, block.open + 600)],
        )  # fmt: skip

    # --- names, comments, parents --------------------------------------------------------------------------------

    def _names(self, block: Block) -> tuple[str, list[str], int]:
        """The name, the other names, and where the declaration ends (after `} NAME, *PNAME;`)."""
        code = self.masked.code
        end = block.close + 1
        stop = code.find(";", end, end + 400)
        tail = code[end:stop] if stop >= 0 else ""
        c_like = self.language in ("c", "cpp", "objc")
        if not c_like or "{" in tail or "}" in tail or not re.match(r"[\w\s*,()\[\]]*$", tail):
            return block.name, [], min(end, len(code))
        tail = re.sub(r"__\w+\s*\(+[^()]*\)+", " ", tail)
        names = [n for n in re.findall(r"[A-Za-z_]\w*", tail) if not n.startswith("__")]
        if not names:
            return block.name, [], stop + 1 if stop >= 0 else end
        return names[0], [block.name, *names[1:]], self._line_end(stop + 1, stop + 1)

    def _line_end(self, index: int, least: int) -> int:
        end = self.part.text.find("\n", index)
        end = len(self.part.text) if end < 0 else end
        return end if not self.masked.code[index:end].strip() else least

    def _name_place(self, block: Block, name: str) -> int:
        for wanted in (block.name, name):
            if wanted:
                at = self.masked.code.find(wanted, block.head, block.open)
                if at >= 0:
                    return at
        return min(block.head, len(self.part.text))

    def _leading(self, head: int) -> tuple[list[str], int]:
        """The comments right above a declaration, and where the first of them starts."""
        out: list[str] = []
        first = head
        text = self.part.text
        for left, right in reversed(self.masked.comments_in(max(0, head - 6_000), head)):
            between = text[right:first]
            if between.strip() or between.count("\n") > 2 or len(out) >= 40 or self._trails(left):
                break
            out.append(comment_text(text[left:right]))
            first = left
        return [words for words in reversed(out) if words], first

    def _trails(self, left: int) -> bool:
        line = self.part.text.rfind("\n", 0, left) + 1
        return bool(self.masked.code[line:left].strip())

    def _banner(self, first: int) -> list[str]:
        """The nearest section comment above: one with a rule of signs, such as `////// 人脸检测 //////`."""
        for left, right in reversed(self.masked.comments_in(max(0, first - 20_000), first)[-60:]):
            if left not in self._banners:
                self._banners[left] = _banner_words(self.part.text[left:right])
            if words := self._banners[left]:
                return [words]
        return []

    def _parents(self, number: int) -> list[str]:
        return [block.name for block in self.blocks.chain(self.blocks.all[number].parent) if block.name]

    def parents_of(self, at: int) -> list[str]:
        """The names of the blocks around a character, outermost first."""
        return [block.name for block in self.blocks.chain(self.blocks.innermost(at)) if block.name]

    def _uses(self, code: str, comments: list[str]) -> set[str]:
        out = {word for word in _TYPE_WORD.findall(code) if word not in _PLAIN}
        for comment in comments[:2_000]:
            out.update(_REFER.findall(comment))
            out.update(re.findall(r"\b(?:EM|NET|DEV|DH|CFG|ENUM)_[A-Z][A-Z0-9_]{3,}\b", comment))
        return set(sorted(out)[:400])


_RULE = re.compile(r"([/*=#\-])\1{5,}")
_RULES = re.compile(r"[/*=#\-]{3,}")


def _banner_words(comment: str) -> str:
    return comment_text(_RULES.sub(" ", comment))[:120] if _RULE.search(comment) else ""


_ARGUMENTS = re.compile(r"\s*(?:<[^()]*>)?\s*\(")


def _call(code: str, name: str, start: int, end: int) -> tuple[int, int] | None:
    """Where a name stands before a bracket, and where that bracket is."""
    at = code.find(name, start, end) if name else -1
    while at >= 0:
        if found := _ARGUMENTS.match(code, at + len(name), end):
            return at, found.end() - 1
        at = code.find(name, at + 1, end)
    return None


def parameter(masked: Masked, left: int, right: int, language: str) -> list[Found]:
    """One parameter of a function."""
    from witnessmark.read.declarations.fields import field_of

    return field_of(masked, left, right, language)


def _closing(code: str, open_: int, limit: int) -> int:
    depth = 0
    for found in re.compile(r"[()]").finditer(code, open_, limit):
        depth += 1 if found.group() == "(" else -1
        if depth == 0:
            return found.start()
    return limit


def _all_constants(members: list[Found]) -> bool:
    """A class or interface of nothing but constants is an enum in all but name."""
    values = [m for m in members if m.value is not None and re.fullmatch(r"[-+()\w.\"' |<]+", m.value)]
    return len(members) >= 2 and len(values) == len(members)
