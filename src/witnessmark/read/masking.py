"""Blank out comments and strings of a brace language, so that structure can be found by plain searching."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

Span = tuple[int, int]

_BLOCK = r"/\*.*?(?:\*/|\Z)"
_LINE = r"//[^\n]*"
_DOUBLE = r'"(?:\\.|[^"\\\n])*"?'
_CHAR = r"'(?:\\[^\n]{1,8}|[^'\\\n])'"
_SINGLE = r"'(?:\\.|[^'\\\n])*'?"
_TICK = r"`(?:\\.|[^`\\])*(?:`|\Z)"
_TRIPLE = r'"""(?:.*?)(?:"""|\Z)'
_VERBATIM = r'@"(?:[^"]|"")*"'
_REGEX = (
    r"(?:(?<=[=(,:!&|?;\[])|(?<=[=(,:&|?] )|(?<=return ))/(?![*/\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*"
)
_HASH = r"#[^\n]*"

_TOKENS = {
    "c": (_LINE, _BLOCK, _DOUBLE, _CHAR),
    "c-sharp": (_VERBATIM, _LINE, _BLOCK, _TRIPLE, _DOUBLE, _CHAR),
    "java": (_LINE, _BLOCK, _TRIPLE, _DOUBLE, _CHAR),
    "go": (_LINE, _BLOCK, _TICK, _DOUBLE, _CHAR),
    "javascript": (_LINE, _BLOCK, _REGEX, _TICK, _DOUBLE, _SINGLE),
    "php": (_LINE, _BLOCK, _HASH, _DOUBLE, _SINGLE),
    "protobuf": (_LINE, _BLOCK, _DOUBLE, _SINGLE),
}
_FAMILY = {
    "cpp": "c", "objc": "c", "rust": "c", "kotlin": "java", "swift": "java", "scala": "java", "groovy": "java",
    "dart": "javascript", "typescript": "javascript",
}  # fmt: skip
_PATTERNS = {name: re.compile("|".join(f"(?:{part})" for part in parts), re.S) for name, parts in _TOKENS.items()}
_NOT_LINE_END = re.compile(r"[^\n]")


@dataclass
class Masked:
    """`code` is as long as `text`; comments are blanks in it, and strings are their quotes around blanks."""

    text: str
    code: str
    comments: list[Span] = field(default_factory=list)
    strings: list[Span] = field(default_factory=list)

    def string_at(self, index: int) -> Span | None:
        """The string literal around a character, quotes included."""
        return _around(self.strings, index)

    def comment_at(self, index: int) -> Span | None:
        """The comment around a character."""
        return _around(self.comments, index)

    def comments_in(self, start: int, end: int) -> list[Span]:
        """The comments that start in the half-open range, in order."""
        return self.comments[bisect_left(self.comments, (start, -1)) : bisect_left(self.comments, (end, -1))]

    def strings_in(self, start: int, end: int) -> list[Span]:
        """The string literals that start in the half-open range, in order."""
        return self.strings[bisect_left(self.strings, (start, -1)) : bisect_left(self.strings, (end, -1))]


def _around(spans: list[Span], index: int) -> Span | None:
    slot = bisect_right(spans, (index, 1 << 60)) - 1
    if slot >= 0 and spans[slot][0] <= index < spans[slot][1]:
        return spans[slot]
    return None


def mask(text: str, language: str) -> Masked:
    """Find comments and strings of one language family; linear in the text."""
    pattern = _PATTERNS[_FAMILY.get(language, language if language in _PATTERNS else "c")]
    comments: list[Span] = []
    strings: list[Span] = []
    parts: list[str] = []
    last = 0
    for found in pattern.finditer(text):
        start, end = found.span()
        token = text[start:end]
        parts.append(text[last:start])
        if token.startswith(("//", "/*", "#")):
            comments.append((start, end))
            parts.append(_blank(token))
        else:
            strings.append((start, end))
            parts.append(_hollow(token))
        last = end
    parts.append(text[last:])
    return Masked(text, without_mark("".join(parts)), comments, strings)


def without_mark(code: str) -> str:
    """Code with a blank for the byte order mark at its start, which would hide the first declaration."""
    return " " + code[1:] if code.startswith("\ufeff") else code


def _blank(token: str) -> str:
    return _NOT_LINE_END.sub(" ", token) if "\n" in token else " " * len(token)


def _hollow(token: str) -> str:
    if len(token) < 2:
        return '"' * len(token)
    return '"' + _blank(token[1:-1]) + '"'


_COMMENT_EDGE = re.compile(
    r"^(?:///?<?|//!<?|/\*+<?!?|#+)[ \t]*|\s*\**/$|^[ \t]*\*(?!/)[ \t]?|"
    r"</?(?:summary|remarks|para|p|br|value|returns)\s*/?>",
    re.M,
)


def comment_text(raw: str) -> str:
    """The words of a comment without its marks, lines joined by a space."""
    return " ".join(_COMMENT_EDGE.sub(" ", raw).split())


def string_text(raw: str) -> str:
    """The inside of a string literal, with simple escapes resolved."""
    inner = raw[1:] if raw[:1] in "\"'`" else raw
    inner = inner[1:] if raw.startswith('@"') else inner
    inner = inner[:-1] if inner[-1:] in "\"'`" else inner
    if "\\" in inner:
        inner = _ESCAPE.sub(_unescape, inner)
    return inner


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def _unescape(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2)
    if code:
        return chr(int(code, 16))
    return _SIMPLE.get(found.group(3), found.group(3))
