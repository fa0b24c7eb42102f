"""The elements of a page or XML file, by a tolerant tokenizer that keeps every offset."""

import re
from dataclasses import dataclass, field
from html import unescape

from witnessmark.read.source import Part

TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[!?][^>]*>?|</?([A-Za-z_@][\w:.-]*)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>",
    re.S,
)
ATTRIBUTE = re.compile(r"([\w:@.#-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
FLOW = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "li",
        "td",
        "th",
        "dd",
        "dt",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "caption",
        "figcaption",
        "body",
        "main",
        "pre",
    ]
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "title"})
LABELS = frozenset(
    [
        "label",
        "option",
        "button",
        "a",
        "span",
        "th",
        "td",
        "li",
        "legend",
        "string",
        "text",
        "value",
        "source",
        "translation",
        "property",
        "item",
        "menuitem",
        "summary",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "title",
        "el-option",
        "el-checkbox",
        "el-radio",
        "el-form-item",
        "el-table-column",
    ]
)
_MOST_NODES = 400_000


@dataclass
class Node:
    """An element: its tag, its place, the element around it, and its attributes' place."""

    tag: str
    start: int
    inner: int
    parent: int
    end: int
    close: int
    attributes: tuple[int, int] = (0, 0)


@dataclass
class Run:
    """A stretch of text between two tags."""

    start: int
    end: int
    owner: int
    words: str = field(default="")


class MarkupTree:
    """The elements of one decoded part. A part may start and end anywhere; tags need not match."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.cut = False
        self.nodes = [Node("", 0, 0, -1, len(part.text), len(part.text))]
        self.runs: list[Run] = []
        self._parse()
        self._starts = [node.start for node in self.nodes]
        self._run_starts = [run.start for run in self.runs]
        self.is_html = bool(
            re.search(r"<(?:html|body|div|table|template|span|p|h[1-6]|input|ul|img)\b", part.text[:200_000], re.I)
        )

    def _parse(self) -> None:
        text = self.part.text
        stack = [0]
        at = 0
        for found in TAG.finditer(text):
            if len(self.nodes) >= _MOST_NODES:
                self.cut = True
                break
            self._run(at, found.start(), stack[-1])
            at = found.end()
            tag = (found[1] or "").lower()
            if not tag:
                if found.group().startswith("<![CDATA["):
                    self._run(found.start() + 9, max(found.start() + 9, found.end() - 3), stack[-1])
                continue
            if text[found.start() + 1] == "/":
                self._leave(tag, stack, found.start(), found.end())
                continue
            self._enter(tag, stack, found)
        self._run(at, len(text), stack[-1])

    def _enter(self, tag: str, stack: list[int], found: re.Match[str]) -> None:
        if tag in ("li", "td", "th", "tr", "p", "option", "dt", "dd") and self.nodes[stack[-1]].tag == tag:
            self._leave(tag, stack, found.start(), found.start())
        size = len(self.part.text)
        self.nodes.append(Node(tag, found.start(), found.end(), stack[-1], size, size, found.span(2)))
        if tag in _VOID or found.group().endswith("/>"):
            self.nodes[-1].close = self.nodes[-1].end = found.end()
        else:
            stack.append(len(self.nodes) - 1)

    def _leave(self, tag: str, stack: list[int], close: int, end: int) -> None:
        for depth in range(len(stack) - 1, max(0, len(stack) - 24), -1):
            if self.nodes[stack[depth]].tag == tag:
                for number in stack[depth:]:
                    self.nodes[number].close, self.nodes[number].end = close, end
                del stack[depth:]
                return

    def _run(self, start: int, end: int, owner: int) -> None:
        words = self.part.text[start:end]
        if words.strip() and self.nodes[owner].tag not in ("style",):
            self.runs.append(Run(start, end, owner, " ".join(unescape(words).split())))
