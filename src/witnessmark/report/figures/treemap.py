"""Where the findings sit: containers side by side by depth, each as tall as the findings that it holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from witnessmark.model.finding import Finding
from witnessmark.report.figures.drawing import WIDTH, box, cut, drawing, words, wrap

Say = Callable[[str], str]
COLUMNS = 5
ROW = 46
MOST_LEAVES = 60


@dataclass
class _Node:
    name: str
    numbers: list[int] = field(default_factory=list)
    inside: dict[str, "_Node"] = field(default_factory=dict)

    def leaves(self) -> int:
        return sum(node.leaves() for node in self.inside.values()) or 1


def treemap_figure(name: str, findings: Sequence[Finding], say: Say) -> Markup:
    """A tree laid on its side. Every cell names its container and the numbers of the findings below it."""
    top = _Node("")
    for number, finding in enumerate(findings, 1):
        node = top
        for step in _folded(finding.locator.path):
            node = node.inside.setdefault(step, _Node(step))
            node.numbers.append(number)
    left = _prune(top, MOST_LEAVES)
    depth = max(1, _depth(top))
    parts: list[str] = []
    _draw(top, 0, 2, (WIDTH - 4) / depth, parts)
    if left:
        parts.append(words(4, top.leaves() * ROW + 20, say("Containers not drawn:") + f" {left}", size=12))
    description = "; ".join(f"{node.name}: {_numbers(node.numbers)}" for node in _walk(top))[:4000]
    height = top.leaves() * ROW + (30 if left else 4)
    return drawing(name, say("Which containers hold which findings"), description, height, parts)


def _folded(path: Sequence[str]) -> list[str]:
    """At most so many steps, the middle ones in one."""
    steps = [step.rstrip("/").rpartition("/")[2] or step for step in path]
    if len(steps) <= COLUMNS:
        return steps
    return [*steps[:2], " › ".join(steps[2 : -COLUMNS + 3]), *steps[-COLUMNS + 3 :]]


def _prune(top: _Node, most: int) -> int:
    """Drop the smallest containers until it fits; how many went."""
    dropped = 0
    while top.leaves() > most:
        parents = [node for node in (top, *_walk(top)) if len(node.inside) > 1] or [top]
        parent = max(parents, key=lambda node: len(node.inside))
        parent.inside.pop(min(parent.inside, key=lambda key: (len(parent.inside[key].numbers), key)))
        dropped += 1
    return dropped


def _walk(node: _Node) -> list[_Node]:
    found: list[_Node] = []
    for key in sorted(node.inside):
        found += [node.inside[key], *_walk(node.inside[key])]
    return found


def _depth(node: _Node) -> int:
    return max((1 + _depth(inner) for inner in node.inside.values()), default=0)


def _draw(node: _Node, depth: int, y: float, width: float, parts: list[str]) -> None:
    for key in sorted(node.inside):
        inner = node.inside[key]
        height = inner.leaves() * ROW
        x = 2 + depth * width
        parts.append(box(x + 1, y + 1, width - 2, height - 2, thick=not inner.inside))
        numbers = _numbers(inner.numbers)
        room = int((width - 14) / 7.2)
        lines = wrap(inner.name, room, 2) if len(inner.name) <= 2 * room - 4 else [cut(inner.name, room)]
        if len(lines) > 1 and height < 2 * ROW and len(numbers) + len(lines[1]) + 1 > room:
            lines = [cut(inner.name, room)]
        parts += [words(x + 7, y + 19 + at * 16, text, size=12) for at, text in enumerate(lines)]
        below = y + 19 + 16 * (1 if len(lines) == 1 or height < 2 * ROW else 2)
        parts.append(words(x + width - 7, below, numbers, size=12, weight=700, anchor="end"))
        _draw(inner, depth + 1, y, width, parts)
        y += height


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) if len(numbers) <= 4 else f"{numbers[0]} … {numbers[-1]} ({len(numbers)})"
