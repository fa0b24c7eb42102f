"""The pen: shapes and text that are safe, measured, and readable in print."""

import unicodedata
from collections.abc import Sequence

from markupsafe import Markup

from witnessmark.report.escape import html

WIDTH = 720
ROW = 30


def wide(text: str) -> int:
    """Columns that text takes: two for a wide character."""
    return sum(2 if char == "█" or unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


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


def wrap(text: str, columns: int, most: int) -> list[str]:
    """Lines of at most so many columns, broken behind blanks and signs; the last of `most` lines is cut."""
    out: list[str] = []
    rest = " ".join(text[: columns * most * 4].split())
    while rest and len(out) < most:
        if wide(rest) <= columns:
            return [*out, rest]
        if len(out) == most - 1:
            return [*out, cut_end(rest, columns)]
        end = fits = 0
        used = 0
        for at, char in enumerate(rest):
            used += wide(char)
            if used > columns:
                break
            fits = at + 1
            if char == " " or (char in "-._/,;" and at):
                end = at + 1
        end = end or max(1, fits)
        out.append(rest[:end].rstrip())
        rest = rest[end:].strip()
    return out


def leftwards(text: str) -> bool:
    """Whether the first strong letter reads from right to left."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL", "L"):
            return kind != "L"
    return False


def words(  # noqa: PLR0913 - one pen, many nibs
    x: float,
    y: float,
    text: str,
    *,
    size: int = 13,
    weight: int = 400,
    anchor: str = "start",
    right: float | None = None,
    halo: bool = False,
    struck: bool = False,
) -> str:
    """One line of text. One that reads from the right begins at `right`, where that is given. `halo` clears a line."""
    turned = leftwards(text)
    if turned and right is not None:
        x = right
    extra = f' font-weight="{weight}"' if weight != 400 else ""
    extra += f' text-anchor="{anchor}"' if anchor != "start" else ""
    extra += ' direction="rtl"' if turned else ""
    extra += ' class="halo"' if halo else ""
    extra += ' text-decoration="line-through"' if struck else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}"{extra}>{html(text)}</text>'


def note(x: float, y: float, text: str) -> str:
    """A small line under a figure."""
    return words(x, y, text, size=11)


def hatch(name: str, x: float, y: float, width: float, height: float) -> str:
    """A hatched hole: nothing stands here."""
    return (
        f'<pattern id="{name}-h" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line class="line" stroke="#888" x1="0" y1="0" x2="0" y2="8"/></pattern>'
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="url(#{name}-h)"/>'
    )


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


def drawing(
    name: str, title: str, description: str, height: float, parts: Sequence[str], *, width: float = WIDTH
) -> Markup:
    """The whole figure. `name` makes its ids unique on the page."""
    head = (
        f'<svg class="figure" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{html(title)}</title>'
        f'<desc id="{name}-d">{html(description)}</desc>'
    )
    return Markup(head + "".join(parts) + "</svg>")
