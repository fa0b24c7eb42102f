"""What happened when: one mark a moment, top to bottom, with the time that passed between."""

from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import Markup

from witnessmark.model.sighting import Moment
from witnessmark.report.figures.drawing import ROW, WIDTH, cut_end, drawing, line, words

Say = Callable[[str], str]
MOST = 40
_SHAPES = {
    "captured": "●", "downloaded": "●", "imported": "●", "contacted": "◆", "answered": "▲", "no-answer": "△",
    "removed": "✕", "section-removed": "✕", "changed": "■", "published": "★", "corrected": "☆", "sealed": "▣",
    "screened": "⚑",
}  # fmt: skip


def timeline_figure(name: str, moments: Sequence[Moment], say: Say) -> Markup:
    """The first moments of a long list are drawn; the table below it has all."""
    parts: list[str] = []
    axis = 150
    shown = moments[:MOST]
    for number, moment in enumerate(shown):
        y = 6 + number * (ROW + 8)
        if number:
            gap = passed(shown[number - 1].at, moment.at)
            parts.append(line((axis, y - 16), (axis, y + 5), dashed=bool(gap)))
            if gap:
                parts.append(words(axis - 14, y - 2, gap, size=11, anchor="end"))
        parts += [
            words(axis - 14, y + 17, moment.at[:16].replace("T", " "), size=12, anchor="end"),
            words(axis, y + 19, _SHAPES.get(moment.kind, "○"), size=15, anchor="middle"),
            words(axis + 16, y + 17, say(moment.kind), weight=700),
            words(axis + 150, y + 17, cut_end(moment.says or moment.url, 60), size=12),
        ]
    description = "; ".join(f"{moment.at[:16]} {moment.kind}: {moment.says[:120]}" for moment in shown)
    height = 10 + max(1, len(shown)) * (ROW + 8)
    assert axis < WIDTH
    return drawing(name, say("What happened when"), description, height, parts)


def passed(before: str, after: str) -> str:
    """Days or hours between two times, if there was an hour at least."""
    try:
        seconds = (datetime.fromisoformat(after[:19]) - datetime.fromisoformat(before[:19])).total_seconds()
    except ValueError:
        return ""
    if seconds >= 2 * 86_400:
        return f"+ {seconds / 86_400:.0f} d"
    return f"+ {seconds / 3600:.0f} h" if seconds >= 3600 else ""
