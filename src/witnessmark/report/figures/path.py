"""The way into the containers, as stairs that go down to the place."""

from collections.abc import Callable

from markupsafe import Markup

from witnessmark.model.artifact import Locator
from witnessmark.report import wording
from witnessmark.report.figures.drawing import ROW, WIDTH, box, cut, drawing, line, words

Say = Callable[[str], str]
STEP = 22
MOST = 40


def path_figure(name: str, locator: Locator, say: Say, *, width: int = WIDTH) -> Markup:
    """One box a container, each inside the one above; the last one, with a thick outline, holds the words."""
    steps: list[str] = list(locator.path)
    if len(steps) > MOST:
        steps = [*steps[: MOST // 2], f"… {len(steps) - MOST} …", *steps[-MOST // 2 :]]
    steps = [step.rstrip("/").rpartition("/")[2] or step for step in steps]
    parts: list[str] = []
    for depth, step in enumerate(steps):
        x, y = 4 + min(depth, width // 40) * STEP, 4 + depth * (ROW + 6)
        last = depth == len(steps) - 1
        if depth:
            above = 4 + min(depth - 1, width // 40) * STEP + 10
            parts.append(line((above, y - 6), (above, y + ROW / 2), (x, y + ROW / 2)))
        how = locator.via[depth - 1] if 0 < depth <= len(locator.via) and len(steps) == len(locator.path) else ""
        if last and wording.place(locator, say):
            how = wording.place(locator, say)
        label = cut(step, int((width - x - 30) / 8.2 - len(how) * 0.85))
        parts += [box(x, y, width - x - 4, ROW, thick=last), words(x + 10, y + 20, label, weight=700 if last else 400)]
        if how:
            parts.append(words(width - 14, y + 20, how, size=12, anchor="end"))
    description = say("From the outermost file to the one that holds the words:") + " " + wording.way_in(locator)
    return drawing(
        name, say("The way in through the containers"), description, 8 + len(steps) * (ROW + 6), parts, width=width
    )
