"""The pen: shapes and text that are safe, measured, and readable in print."""

import unicodedata
from collections.abc import Sequence

from markupsafe import Markup

from witnessmark.report.escape import html

WIDTH = 720
ROW = 30


def wide(text: str) -> int:
    """Columns that text takes: two for a wide character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def cut(text: str, columns: int) -> str:
    """Text that fits, with the middle left out: the ends of a path say most."""
    if len(text) <= columns and wide(text) <= columns:
        return text
    columns = max(columns, 4)
    head, tail = text[: columns // 3], text[-columns:]
    while wide(head) + wide(tail) + 1 > columns and tail:
        tail = tail[1:]
    return f"{head}…{tail}"


def cut_end(text: str, columns: int) -> str:
    """A sentence that fits, with its end left out."""
    if len(text) <= columns and wide(text) <= columns:
        return text
    head = text[:columns]
    while wide(head) + 1 > columns and head:
        head = head[:-1]
    return f"{head}…"


def words(x: float, y: float, text: str, *, size: int = 13, weight: int = 400, anchor: str = "start") -> str:
    """One line of text. A text that turns direction stays by itself."""
    extra = f' font-weight="{weight}"' if weight != 400 else ""
    extra += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}"{extra}>{html(text)}</text>'


def box(x: float, y: float, width: float, height: float, *, thick: bool = False, dashed: bool = False) -> str:
    """A box; a thick outline stands for "the finding is here", a dashed one for what is gone."""
    stroke = ' stroke-width="3"' if thick else ""
    stroke += ' stroke-dasharray="5 4"' if dashed else ""
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect class="box" fill="#fff" stroke="#000" rx="4" {place}{stroke}/>'


def line(*points: tuple[float, float], dashed: bool = False) -> str:
    """A line through points."""
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    broken = ' stroke-dasharray="3 4"' if dashed else ""
    return f'<polyline class="line" fill="none" stroke="#555" points="{path}"{broken}/>'


def drawing(name: str, title: str, description: str, height: float, parts: Sequence[str]) -> Markup:
    """The whole figure. `name` makes its ids unique on the page."""
    head = (
        f'<svg class="figure" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{html(title)}</title>'
        f'<desc id="{name}-d">{html(description)}</desc>'
    )
    return Markup(head + "".join(parts) + "</svg>")
