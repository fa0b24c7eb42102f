"""Python source as logical lines: comments blank, strings hollow, every offset kept."""

import re
from dataclasses import dataclass

from witnessmark.read.masking import Masked, without_mark

_TOKEN = re.compile(
    r"#[^\n]*|(?:[rRbBuUfF]{0,2})(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?)",
    re.S,
)
_BLANK = re.compile(r"[^\n]")
_LOGICAL = re.compile(r"[()\[\]{}\n]")


@dataclass
class Line:
    """One logical line (brackets and triple quotes joined)."""

    start: int
    end: int
    indent: int


def mask_python(text: str) -> Masked:
    """Comments blank, strings hollow, offsets kept."""
    comments, strings, parts, last = [], [], [], 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        token = text[start:end]
        parts.append(text[last:start])
        if token.startswith("#"):
            comments.append((start, end))
            parts.append(" " * len(token))
        else:
            strings.append((start, end))
            parts.append('"' + _BLANK.sub(" ", token[1:-1]).replace("\n", "\r") + '"' if len(token) > 1 else '"')
        last = end
    parts.append(text[last:])
    return Masked(text, without_mark("".join(parts)), comments, strings)


def logical_lines(code: str) -> list[Line]:
    """Physical lines joined where a bracket is open; an unclosed bracket joins at most 5,000 lines."""
    out: list[Line] = []
    start = depth = joined = 0
    for found in _LOGICAL.finditer(code + "\n"):
        char = found.group()
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth = max(0, depth - 1)
        elif depth and joined < 5_000 and not re.match(r"(?:class|def)\s+\w+", code[found.end() : found.end() + 40]):
            joined += 1
        else:
            raw = code[start : found.start()]
            if raw.strip():
                lead = len(raw) - len(raw.lstrip())
                width = len(raw[:lead].rpartition("\n")[2].expandtabs(8))
                out.append(Line(start + lead, start + len(raw.rstrip()), width))
            start, depth, joined = found.end(), 0, 0
    return out


def kind_of(raw: str) -> str:
    """What sort of literal this is: a string, a number or something else."""
    if re.match(r"[rRbBuUfF]{0,2}[\"']", raw):
        return "string"
    return "number" if re.fullmatch(r"[-+]?[\d.xXa-fA-F]+|True|False|None", raw) else "other"


def closing(code: str, open_: int, limit: int) -> int:
    """Where the bracket at `open_` is closed; `limit` if it is not before that."""
    depth = 0
    for found in re.compile(r"[()\[\]{}]").finditer(code, open_, limit):
        depth += 1 if found.group() in "([{" else -1
        if depth == 0:
            return found.start()
    return limit
