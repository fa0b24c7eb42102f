"""A page at two looks, side by side: what went is framed and struck, what came is dashed."""

from collections.abc import Callable

from markupsafe import Markup

from witnessmark.report.casefile.pages import PageChange, PageRow
from witnessmark.report.figures.drawing import WIDTH, box, drawing, hatch, note, words, wrap

Say = Callable[[str], str]
MOST = 36
_HALF = (WIDTH - 24) / 2
_LINE = 17


def before_after_figure(name: str, change: PageChange, say: Say) -> Markup:
    """Two sheets. Each block stands beside its counterpart; a hole is where a block went or came."""
    rows = change.rows[:MOST]
    parts = [
        words(2, 14, f"{say('Before')}  {change.before_at[:19]}Z", size=12, weight=700),
        words(_HALF + 22, 14, f"{say('After')}  {change.after_at[:19]}Z", size=12, weight=700),
    ]
    y = 24.0
    for number, row in enumerate(rows):
        y += _row(f"{name}-{number}", row, y, parts, say)
    if len(change.rows) > MOST:
        parts.append(words(2, y + 14, f"… {len(change.rows) - MOST}", size=12))
        y += 20
    parts.append(note(2, y + 16, say("− struck and framed: gone · + dashed: new · thin: unchanged")))
    gone = [row.old for row in change.rows if row.old is not None and not row.unchanged]
    new = [row.new for row in change.rows if row.new is not None and not row.unchanged]
    told = " ".join([say("Gone:"), " / ".join(gone[:40]) or "–", say("New:"), " / ".join(new[:40]) or "–"])
    title = say("The page before and after:")
    return drawing(name, f"{title} {change.url}", told[:6000], y + 24, parts)


def _row(name: str, row: PageRow, y: float, parts: list[str], say: Say) -> float:
    if row.left_out:
        unchanged = say("unchanged:")
        parts.append(words(WIDTH / 2, y + 14, f"… {unchanged} {row.left_out}", size=11, anchor="middle"))
        return 22.0
    sides = [(2.0, row.old, "− "), (_HALF + 22, row.new, "+ ")]
    wrapped = [
        wrap(f"{'' if row.unchanged else sign}{text}", int((_HALF - 16) / 7.1), 4) if text is not None else []
        for _, text, sign in sides
    ]
    tall = max(1, *(len(one) for one in wrapped)) * _LINE + 8
    for (x, text, sign), shown in zip(sides, wrapped, strict=True):
        if text is None:
            parts.append(hatch(name, x, y, _HALF, tall))
            continue
        gone = not row.unchanged and sign == "− "
        parts.append(box(x, y, _HALF, tall, thick=gone, dashed=not row.unchanged and not gone))
        for at, piece in enumerate(shown):
            parts.append(
                words(
                    x + 8, y + 16 + at * _LINE, piece,
                    size=12, weight=700 if gone else 400, right=x + _HALF - 8, struck=gone,
                )
            )  # fmt: skip
    return tall + 5
