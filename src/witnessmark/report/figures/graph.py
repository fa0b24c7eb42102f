"""Who and what is tied to whom, in three bands of three columns; a broken line is a candidate, not a fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from witnessmark.model.deployment import CaseGraph, GraphEdge, GraphNode, NodeKind
from witnessmark.report.figures.drawing import WIDTH, box, cut_end, drawing, line, note, words, wrap

Say = Callable[[str], str]
MOST_ROWS = 20
_BOX, _HIGH, _STEP = 172, 58, 70
_COLUMN_STEP = (WIDTH - _BOX - 4) / 2
_TENDER = frozenset({NodeKind.BUYER, NodeKind.TENDER})
_LEFT = {NodeKind.VENDOR: 0, NodeKind.SOURCE: 0, NodeKind.BUYER: 0, NodeKind.PRODUCT: 1, NodeKind.TENDER: 1}


@dataclass(frozen=True)
class _Band:
    """One subject: its heading, its nodes by column, and its ties."""

    title: str
    columns: tuple[list[GraphNode], list[GraphNode], list[GraphNode]]
    edges: list[GraphEdge]


def graph_figure(name: str, graph: CaseGraph, say: Say) -> Markup:
    """What files contain and where they came from; tender papers; names on lists."""
    parts: list[str] = []
    y, left = 0.0, 0
    for band in _bands(graph, say):
        parts.append(words(2, y + 16, band.title, size=12, weight=700))
        high, undrawn = _draw(band, y + 24, parts, say)
        y += high + 32
        left += undrawn
    legend = say("A broken line is a candidate or an unconfirmed reading.")
    over = say("Not drawn:")
    parts.append(note(2, y + 8, f"{legend} {over} {left}" if left else legend))
    told = "; ".join(told_edge(edge, graph, say) for edge in graph.edges[:200])
    return drawing(name, say("Who is tied to whom"), told, y + 16, parts)


def told_edge(edge: GraphEdge, graph: CaseGraph, say: Say) -> str:
    """One tie in words."""
    label = {node.id: node.label for node in graph.nodes}
    day = f", {edge.date}" if edge.date else ""
    return f"{label[edge.source]} → {say(edge.kind)} → {label[edge.target]} ({say(edge.grade.value)}{day})"


def _bands(graph: CaseGraph, say: Say) -> list[_Band]:
    kinds = {node.id: node.kind for node in graph.nodes}

    def subject(edge: GraphEdge) -> int:
        ends = {kinds[edge.source], kinds[edge.target]}
        return 1 if ends & _TENDER else 2 if NodeKind.LISTING in ends else 0

    titles = (say("What files contain, and where they came from"), say("What tender papers seem to say"),
              say("Names on lists"))  # fmt: skip
    bands = []
    for number, title in enumerate(titles):
        edges = [edge for edge in graph.edges if subject(edge) == number]
        inside = {end for edge in edges for end in (edge.source, edge.target)}
        columns: tuple[list[GraphNode], list[GraphNode], list[GraphNode]] = ([], [], [])
        for node in sorted(graph.nodes, key=lambda node: (list(NodeKind).index(node.kind), node.id)):
            if node.id in inside:
                columns[_column(node.kind, number)].append(node)
        if edges:
            bands.append(_Band(title, columns, edges))
    return bands


def _column(kind: NodeKind, band: int) -> int:
    if band == 1 and kind in (NodeKind.VENDOR, NodeKind.SOURCE):
        return 2
    return _LEFT.get(kind, 2)


def _draw(band: _Band, top: float, parts: list[str], say: Say) -> tuple[float, int]:
    """Draw one band; its height, and how many boxes found no room."""
    rows = min(MOST_ROWS, max(len(column) for column in band.columns))
    at: dict[str, tuple[float, float]] = {}
    for number, column in enumerate(band.columns):
        shift = (rows - min(len(column), MOST_ROWS)) * _STEP / 2
        for row, node in enumerate(column[:MOST_ROWS]):
            at[node.id] = (2 + number * _COLUMN_STEP, top + shift + row * _STEP)
    drawn = [edge for edge in band.edges if edge.source in at and edge.target in at]
    parts += [line(*_ends(edge, at), dashed=edge.candidate) for edge in drawn]
    parts += _labels(drawn, at, say)
    for node in (node for column in band.columns for node in column[:MOST_ROWS]):
        x, y = at[node.id]
        parts += [
            box(x, y, _BOX, _HIGH, thick=node.kind is NodeKind.VENDOR),
            words(x + 8, y + 15, say(node.kind), size=11),
        ]
        for count, piece in enumerate(wrap(node.label, 23, 2)):
            parts.append(words(x + 8, y + 32 + count * 16, piece, size=12, weight=700, right=x + _BOX - 8))
    return rows * _STEP, sum(max(0, len(column) - MOST_ROWS) for column in band.columns)


def _ends(edge: GraphEdge, at: dict[str, tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """From the right side of the box that stands more to the left to the left side of the other one."""
    (x1, y1), (x2, y2) = sorted((at[edge.source], at[edge.target]))
    return (x1 + _BOX, y1 + _HIGH / 2), (x2, y2 + _HIGH / 2)


def _labels(edges: Sequence[GraphEdge], at: dict[str, tuple[float, float]], say: Say) -> list[str]:
    """The kind of each tie at the end that fewer ties share, so that words do not lie on one another."""
    out: list[str] = []
    taken: set[tuple[int, int]] = set()
    for edge in edges:
        (x1, y1), (x2, y2) = _ends(edge, at)
        for share in (0.5, 0.3, 0.7, 0.15, 0.85):
            y = y1 + (y2 - y1) * share - 4
            place = (round(x1), round(y / 14))
            if place not in taken:
                break
        taken.add(place)
        room = int((_COLUMN_STEP - _BOX) / 6)
        out.append(words((x1 + x2) / 2, y, cut_end(say(edge.kind), room), size=11, anchor="middle", halo=True))
    return out
