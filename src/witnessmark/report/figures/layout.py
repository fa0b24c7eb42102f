"""One record in two versions, side by side: what stands at which place, and what went."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from witnessmark.model.change import Change, Side
from witnessmark.report.figures.drawing import ROW, WIDTH, box, cut_end, drawing, line, note, words, wrap

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
    y = 44.0
    for change in rows:
        sides = [(46.0, change.old), (right + 4, change.new)]
        texts = [
            wrap(side.text or side.name, int((half - 24) / 7.2), 3) if side else [say("nothing")] for _, side in sides
        ]
        high = ROW + 16 * (max(len(text) for text in texts) - 1)
        at = _place(change)[0]
        if at >= 0:
            parts.append(words(40, y + 20, f"{at:#x}", size=11, anchor="end"))
        for (x, side), text in zip(sides, texts, strict=True):
            scrubbed = change.scrub and side is not None
            parts.append(box(x, y, half - 8, high, thick=scrubbed, dashed=side is None))
            for count, piece in enumerate(text):
                weight = 700 if scrubbed else 400
                parts.append(words(x + 8, y + 20 + count * 16, piece, size=12, weight=weight, right=x + half - 16))
        parts.append(line((46 + half - 8, y + high / 2), (right + 4, y + high / 2), dashed=True))
        y += high + 8
    parts.append(
        note(
            46,
            y + 12,
            say("Framed: words of a protected trait went here. The number is the place in the record, in bytes."),
        )
    )
    told = [f"{_text(change.old)} → {_text(change.new)}: {change.kind}" for change in rows]
    height = y + 20
    title = say("The record in both versions:")
    return drawing(name, f"{title} {record}", "; ".join(told), height, parts)


def _place(change: Change) -> tuple[int, str]:
    side = change.old or change.new
    if side is None or side.offset is None:
        return (-1, side.name if side else "")
    return (side.offset, side.name)


def _text(side: Side | None) -> str:
    return "∅" if side is None else (side.text or side.name)[:200]
