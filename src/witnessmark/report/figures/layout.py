"""One record in two versions, side by side: what stands at which place, and what went."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from witnessmark.model.change import Change, Side
from witnessmark.report.figures.drawing import ROW, WIDTH, box, cut, cut_end, drawing, line, words

Say = Callable[[str], str]
MOST = 30


def layout_figure(name: str, record: str, changes: Sequence[Change], say: Say) -> Markup:
    """Rows in the order of their place in the record. A thick outline: words of a protected trait went here."""
    rows = sorted(changes, key=_place)[:MOST]
    half = (WIDTH - 50) / 2
    right = 46 + half
    parts = [
        words(46, 16, cut_end(record, 84), weight=700),
        words(46, 36, say("Old"), size=12),
        words(right + 4, 36, say("New"), size=12),
    ]
    for number, change in enumerate(rows):
        y = 44 + number * (ROW + 8)
        at = _place(change)[0]
        if at >= 0:
            parts.append(words(40, y + 20, f"{at:#x}", size=11, anchor="end"))
        for x, side in ((46.0, change.old), (right + 4, change.new)):
            parts.append(box(x, y, half - 8, ROW, thick=change.scrub and side is not None, dashed=side is None))
            shown = say("nothing") if side is None else cut(side.text or side.name, int((half - 24) / 8))
            parts.append(words(x + 8, y + 20, shown, size=12, weight=700 if change.scrub and side else 400))
        parts.append(line((46 + half - 8, y + ROW / 2), (right + 4, y + ROW / 2), dashed=True))
    told = [f"{_text(change.old)} → {_text(change.new)}: {change.kind}" for change in rows]
    height = 50 + len(rows) * (ROW + 8)
    title = say("The record in both versions:")
    return drawing(name, f"{title} {record}", "; ".join(told), height, parts)


def _place(change: Change) -> tuple[int, str]:
    side = change.old or change.new
    if side is None or side.offset is None:
        return (-1, side.name if side else "")
    return (side.offset, side.name)


def _text(side: Side | None) -> str:
    return "∅" if side is None else (side.text or side.name)[:200]
