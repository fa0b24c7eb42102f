"""Running text of an XML document whose words are cut up by markup."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.unpacker import FormatError

_STEP = 1 << 19  # one that is small makes a huge attribute slow: the parser starts it afresh each time
_MAX_DEPTH = 2_000
_MOST = 128 << 20


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """Which elements (local names) hold text and which end something. Inside a row, a line's end is a blank."""

    text: frozenset[str]
    line: frozenset[str]
    tab: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()
    cell: frozenset[str] = frozenset()
    row: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()  # attributes whose value is shown to a reader (a picture's description)


@dataclass(kw_only=True)
class _State:
    rules: TextRules
    out: list[str] = field(default_factory=list)
    depth: int = 0
    in_text: int = 0
    in_row: int = 0

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise FormatError(f"XML elements nest deeper than {_MAX_DEPTH}")
        local = name.rpartition(":")[2]
        rules = self.rules
        if local in rules.text:
            self.in_text += 1
        if local in rules.row:
            self.in_row += 1
        if local in rules.tab:
            self.out.append("\t")
        elif local in rules.blank:
            self.out.append(" ")
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            if value and key.rpartition(":")[2] in rules.attributes:
                self.out.append(f"\n{value}\n")

    def end(self, name: str) -> None:
        self.depth -= 1
        local = name.rpartition(":")[2]
        rules = self.rules
        if local in rules.text:
            self.in_text -= 1
        if local in rules.row:
            self.in_row -= 1
            self.out.append(" " if self.in_row else "\n")
        elif local in rules.cell:
            self.out.append("\t")
        elif local in rules.line:
            self.out.append(" " if self.in_row else "\n")

    def data(self, text: str) -> None:
        if self.in_text:
            self.out.append(text)


def xml_parser() -> expat.XMLParserType:
    """An expat parser that refuses entity declarations (they are how a small XML file becomes a huge one)."""

    def refuse(*_: object) -> NoReturn:
        raise FormatError("the XML declares entities of its own; they are not expanded")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.EntityDeclHandler = refuse
    return parser


def running_text(blob: Blob, rules: TextRules) -> Iterator[str]:
    """Yield the text in document order. Raises FormatError where the XML is damaged; text before it was given."""
    state = _State(rules=rules)
    parser = xml_parser()
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    parser.CharacterDataHandler = state.data
    for _ in parse_steps(parser, blob):
        yield "".join(state.out)
        state.out.clear()


def parse_steps(parser: expat.XMLParserType, blob: Blob) -> Iterator[None]:
    """Feed a blob to a parser and come back after each 512 KB. Raises FormatError where the XML is damaged."""
    fault: Exception | None = None
    for start, view in blob.windows(_STEP):
        if start >= _MOST:
            raise FormatError(f"only the first {_MOST >> 20} MB of the XML were read", code=ProblemCode.BOUND_BYTES)
        try:
            parser.Parse(bytes(view), start + len(view) >= blob.size)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: an encoding it does not know
            fault = error
        yield None  # also after damage: what was read before it counts
        if fault is not None:
            raise FormatError(f"the XML is damaged: {fault}")
