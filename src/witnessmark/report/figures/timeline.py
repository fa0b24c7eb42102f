"""What happened when: one mark a moment, top to bottom, with the time that passed between."""

from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import Markup

from witnessmark.model.sighting import Moment
from witnessmark.report.figures.drawing import ROW, WIDTH, cut_end, drawing, line, words

Say = Callable[[str], str]
MOST = 40
# Outlines around (0, 0): what each kind of event looks like does not depend on colour or on a font that has it.
_CIRCLE = "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z"
_DIAMOND = "M0 -8L8 0L0 8L-8 0z"
_UP, _RIGHT = "M0 -8L8 7L-8 7z", "M-6 -8L9 0L-6 8z"
_CROSS = "M-7 -4L-4 -7L0 -3L4 -7L7 -4L3 0L7 4L4 7L0 3L-4 7L-7 4L-3 0z"
_SQUARE = "M-6 -6H6V6H-6z"
_STAR = "M0 -9L2.6 -3L9 -2.6L4 1.6L5.6 8L0 4.4L-5.6 8L-4 1.6L-9 -2.6L-2.6 -3z"
_SHAPES = {
    "captured": (_CIRCLE, True), "downloaded": (_CIRCLE, True), "imported": (_CIRCLE, True), "same": (_CIRCLE, False),
    "contacted": (_DIAMOND, True), "answered": (_UP, True), "no-answer": (_UP, False), "removed": (_CROSS, True),
    "section-removed": (_CROSS, False), "changed": (_SQUARE, True), "published": (_STAR, True),
    "corrected": (_STAR, False), "sealed": (_SQUARE, False), "screened": (_DIAMOND, False), "listed": (_RIGHT, True),
    "no-longer-listed": (_RIGHT, False),
}  # fmt: skip


def _mark(kind: str, x: float, y: float) -> str:
    path, full = _SHAPES.get(kind, (_CIRCLE, False))
    look = 'class="full"' if full else 'class="box" fill="#fff"'
    return f'<path {look} transform="translate({x:g} {y:g})" d="{path}" stroke="#000"/>'


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
            _mark(moment.kind, axis, y + 13),
            words(axis + 16, y + 17, say(moment.kind), weight=700),
            words(axis + 164, y + 17, cut_end(moment.says or moment.url, 54), size=12),
        ]
    description = "; ".join(f"{moment.at[:16]} {say(moment.kind)}: {moment.says[:120]}" for moment in shown)
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
