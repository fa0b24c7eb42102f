"""The tree of `{…}` blocks of a masked source text, each with its header, kind and name."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from witnessmark.read.masking import Masked

_HEADER_LIMIT = 4_000
_DEEPEST = 24
_NEAR_BLOCKS = 4_000
_BLOCK_LIMIT = 400_000

ENUM, RECORD, SPACE, FUNCTION, SWITCH, CONTROL, LITERAL, OTHER = (
    "enum", "record", "space", "function", "switch", "control", "literal", "other",
)  # fmt: skip

_KEYWORDS = {
    "enum": ENUM, "NS_ENUM": ENUM, "NS_OPTIONS": ENUM, "CF_ENUM": ENUM,
    "struct": RECORD, "union": RECORD, "class": RECORD, "interface": RECORD, "@interface": RECORD, "record": RECORD,
    "object": RECORD, "protocol": RECORD, "trait": RECORD, "message": RECORD, "service": RECORD, "actor": RECORD,
    "@protocol": RECORD, "@implementation": RECORD, "mixin": RECORD, "oneof": RECORD,
    "impl": SPACE, "extension": SPACE, "namespace": SPACE, "module": SPACE, "package": SPACE, "mod": SPACE,
    "extern": SPACE,
}  # fmt: skip
_MODIFIERS = (
    "public|private|protected|internal|static|final|abstract|sealed|partial|data|open|inner|export|default|declare|const|"
    "typedef|unsafe|readonly|extern|inline|virtual|ref|file|fileprivate|indirect|native|strictfp|packed|volatile|register|"
    "expect|actual|companion|annotation|value|pub(?:\\([^)]*\\))?|__extension__|friend|new|fun|template\\s*<[^{}]*?>"
)
_TYPE = re.compile(
    r"(?:^|[\n;)\]>])\s*(?:(?:" + _MODIFIERS + r")\s+)*"
    r"(enum\s+(?:class|struct)|@interface|@protocol|@implementation|enum|struct|union|class|interface|record|object|protocol|"
    r"trait|message|service|actor|mixin|oneof|impl|extension|namespace|module|package|mod)\b(?=[\s{:(\[<]|$)([^;{}=]*)$"
)
_GO_TYPE = re.compile(r"(?:^|\n|\()\s*(?:type\s+)?(\w+)(?:\[[^\]]*\])?\s+(struct|interface)\s*$")
_GO_START = re.compile(r"^(?:func|type|var|const)\b", re.M)
_GO_RECEIVER = re.compile(r"\bfunc\s*\([^()]*\)\s*(?=\w)")
_NS_ENUM = re.compile(
    r"\b(?:NS_ENUM|NS_OPTIONS|CF_ENUM|CF_OPTIONS|NS_CLOSED_ENUM|NS_ERROR_ENUM)\s*\(\s*[\w ]+,\s*(\w+)\s*\)\s*$"
)
_CONTROL = re.compile(
    r"(?:^|[\s;)}])(if|else|for|foreach|while|do|try|catch|finally|using|lock|synchronized|unsafe|guard|loop|defer|select|fixed|checked)\b[^;]*$"
)
_SWITCH = re.compile(r"(?:^|[\s;)}=(])(switch|when|match)\b\s*([^;{}]*)$")
_CALLABLE = re.compile(
    r"(~?[\w$]+|operator\s*\S{1,3})\s*(?:<[^(){};]*>)?\s*\(((?:[^()]|\([^()]*\))*)\)"
    r"\s*(?:const|noexcept|override|final|volatile|async|throws?|rethrows|where|mutating|[\w<>\[\].,:&*?!|\s()'-]|->|=>)*$"
)
_ARROW = re.compile(r"(?:([\w$]+)\s*[=:]\s*)?(?:async\s*)?(?:\(([^()]*)\)|[\w$]+)\s*=>\s*$")
_LITERAL = re.compile(r"(?:[=:\[(,?]|return|\]|=>)\s*$")
_IDENTIFIER = re.compile(r"[^\W\d]\w*|\$\w+")
_NOT_NAMES = frozenset(
    [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "sizeof",
        "new",
        "delete",
        "throw",
        "else",
        "do",
        "foreach",
        "using",
        "lock",
        "synchronized",
        "when",
        "match",
        "with",
        "await",
        "defined",
        "alignas",
        "alignof",
        "__attribute__",
        "__declspec",
        "decltype",
        "typeof",
        "function",
    ]
)


@dataclass
class Block:
    """One `{…}`: `open` and `close` are the braces' places, `head` is where its header starts."""

    open: int
    close: int
    parent: int
    head: int
    kind: str = OTHER
    name: str = ""
    header: str = ""
    cut: bool = False  # its end lies beyond the decoded part
    bases: str = ""


class Blocks:
    """All blocks of a text, in order of their opening brace."""

    def __init__(self, masked: Masked, language: str) -> None:
        self.masked = masked
        self.language = language
        self.all: list[Block] = []
        self.complete = self._pair()
        self._opens = [block.open for block in self.all]
        self._known: dict[int, bool] = {}

    def _pair(self) -> bool:
        stack: list[int] = []
        last = 0
        code = self.masked.code
        for found in re.finditer(r"[{};]", code):
            at = found.start()
            char = code[at]
            if char == "{":
                if len(self.all) >= _BLOCK_LIMIT:
                    return False
                self.all.append(
                    Block(at, len(code), stack[-1] if stack else -1, max(last, at - _HEADER_LIMIT), cut=True)
                )
                stack.append(len(self.all) - 1)
            elif char == "}" and stack:
                block = self.all[stack.pop()]
                block.close, block.cut = at, False
            last = at + 1
        return True

    def innermost(self, index: int) -> int:
        """The number of the innermost block whose braces enclose a character, or -1."""
        slot = bisect_right(self._opens, index) - 1
        while slot >= 0 and self.all[slot].close < index:
            slot = self.all[slot].parent
        return slot

    def headed(self, index: int) -> int:
        """The number of the block whose header holds a character, or -1."""
        slot = bisect_right(self._opens, index)
        if slot < len(self.all) and self.all[slot].head <= index:
            return slot
        return -1

    def before(self, index: int) -> int:
        """The number of the last block that closes before a character, with only a tail between, or -1."""
        close = self.masked.code.rfind("}", max(0, index - 400), index)
        if close < 0 or ";" in self.masked.code[close:index]:
            return -1
        slot = bisect_right(self._opens, close) - 1
        while slot >= 0 and self.all[slot].close != close:
            slot = self.all[slot].parent
        return slot

    def block(self, number: int) -> Block:
        """A block with its kind and name worked out."""
        block = self.all[number]
        if number not in self._known:
            self._known[number] = True
            self._classify(block)
        return block

    def children(self, number: int) -> list[int]:
        """The numbers of the blocks directly inside one."""
        block = self.all[number]
        out: list[int] = []
        for slot in range(number + 1, min(len(self.all), number + _NEAR_BLOCKS)):
            if self.all[slot].open > block.close or len(out) >= 64:
                break
            if self.all[slot].parent == number:
                out.append(slot)
        return out

    def chain(self, number: int) -> list[Block]:
        """The enclosing blocks, outermost first, the block itself last; of very deep nesting the innermost ones."""
        out: list[Block] = []
        while number >= 0 and len(out) < _DEEPEST:
            out.append(self.block(number))
            number = self.all[number].parent
        return out[::-1]

    def statement_start(self, index: int) -> int:
        """Where the statement or header that holds a character begins."""
        code = self.masked.code
        low = max(0, index - _HEADER_LIMIT)
        return max(code.rfind(mark, low, index) for mark in ";{}") + 1 or low

    def _classify(self, block: Block) -> None:
        header = self.masked.code[block.head : block.open]
        cut = _last_directive(header)
        if self.language == "go":  # whose declarations end without a semicolon
            cut = max([cut, *(found.start() for found in _GO_START.finditer(header))])
        block.head += cut
        header = header[cut:]
        lead = len(header) - len(header.lstrip())
        block.head += lead
        header = block.header = header[lead:].rstrip()
        self._kind(block, header)

    def _kind(self, block: Block, header: str) -> None:
        special = _NS_ENUM.search(header)
        if special:
            block.kind, block.name = ENUM, special.group(1)
            return
        if self.language == "go":
            typed = _GO_TYPE.search(header)
            if typed:
                block.kind, block.name = RECORD, typed.group(1)
                return
        typed = _TYPE.search(header)
        if typed and not self._is_function(typed, header):
            keyword = typed.group(1).split()[0]
            block.kind = _KEYWORDS[keyword]
            block.name, block.bases = type_name(typed.group(2), self.language)
            return
        self._code(block, header)

    def _is_function(self, typed: "re.Match[str]", header: str) -> bool:
        return (
            typed.group(1) in ("struct", "union", "enum")
            and header.endswith(")")
            and "(" in re.sub(r"__\w+\s*\(\(?[^()]*\)?\)", "", typed.group(2))
        )

    def _code(self, block: Block, header: str) -> None:
        if self.language == "go":
            header = _GO_RECEIVER.sub("func ", header)
        switch = _SWITCH.search(header)
        if switch and (
            self.language not in ("c", "cpp", "java", "c-sharp", "javascript") or switch.group(1) == "switch"
        ):
            block.kind, block.name = SWITCH, " ".join(switch.group(2).split()).strip("()")
            return
        if _CONTROL.search(header[-400:]) and not re.search(r"=\s*$", header):
            block.kind = CONTROL
            return
        arrow = _ARROW.search(header)
        if arrow:
            block.kind, block.name = FUNCTION, arrow.group(1) or ""
            return
        if _LITERAL.search(header):
            block.kind, block.name = LITERAL, assigned_name(header)
            return
        call = _CALLABLE.search(header[-1_500:])
        if call and call.group(1) not in _NOT_NAMES:
            block.kind, block.name = FUNCTION, call.group(1)
        elif call and call.group(1) == "function":
            block.kind, block.name = FUNCTION, assigned_name(header[: header.rfind("function")])
        elif header.startswith("extern") or not header:
            block.kind = SPACE if header else OTHER


def _last_directive(header: str) -> int:
    at = header.rfind("#")
    while at > 0 and header[:at].rpartition("\n")[2].strip():
        at = header.rfind("#", 0, at)
    if at < 0 or header[:at].rpartition("\n")[2].strip():
        return 0
    end = header.find("\n", at)
    while end > 0 and header[:end].rstrip(" \t\r").endswith("\\"):
        end = header.find("\n", end + 1)
    return len(header) if end < 0 else end


def type_name(rest: str, language: str) -> tuple[str, str]:
    """The name in what follows `struct`, `class` or `enum`, and what it derives from."""
    rest = re.sub(
        r"\b(?:__attribute__|__declspec|alignas|__aligned|__packed)\s*\(+[^()]*\)+|\[\[[^\]]*\]\]|__packed\b", " ", rest
    )
    cut = re.search(r":(?!:)|\bextends\b|\bimplements\b|\bwhere\b|[(<]", rest)
    own, bases = (rest[: cut.start()], rest[cut.start() :]) if cut else (rest, "")
    names = _IDENTIFIER.findall(own)
    if language == "rust" and " for " in rest:
        names = _IDENTIFIER.findall(rest.partition(" for ")[2].partition("<")[0])
    return (names[-1] if names else ""), " ".join(bases.split())


def assigned_name(header: str) -> str:
    """The name that a literal or function is given: `const char *kRaces[] =` gives `kRaces`."""
    found = re.search(
        r"([\w$]+)[\"']?\s*(?:\[[^\]]*\]\s*)*(?::\s*[\w<>\[\]?,.\s|]+)?(?:=|:|=>|\()\s*(?:new\b[^={]*|[\[({(]\s*)*$",
        header,
    )
    return found.group(1) if found else ""
