# ruff: noqa: E501 -- markup is easier to check on one line
"""The case graph: read from CSV, written as CSV, GraphML, FollowTheMoney and a drawing. Same graph, same bytes."""

import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

import msgspec

from witnessmark.errors import UsageError
from witnessmark.model.deployment import CaseGraph, ClaimRole, GraphEdge, GraphNode, NodeKind, TenderReading
from witnessmark.model.fact import Grade, Sha256, UntrustedText

COLUMNS = ("source_kind", "source", "edge", "target_kind", "target", "evidence_sha256", "date", "grade", "says")
STANDING, CANDIDATE = "standing", "candidate"
"""A tenth column: what a program read and nobody confirmed."""
Row = tuple[NodeKind, str, str, NodeKind, str, str, str, Grade, str, bool]
MOST_EDGES = 100_000
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z|\Z")


def node_id(kind: NodeKind, label: str) -> str:
    """A node's id: its kind and its label."""
    return f"{kind}:{' '.join(label.split())}"


def build(rows: Iterable[Row]) -> CaseGraph:
    """A graph from rows of COLUMNS, sorted, each node once."""
    nodes: dict[str, GraphNode] = {}
    edges: dict[tuple[str, ...], GraphEdge] = {}
    for source_kind, source, kind, target_kind, target, evidence, day, grade, says, candidate in rows:
        ends = []
        for node_kind, label in ((source_kind, source), (target_kind, target)):
            key = node_id(node_kind, label)
            nodes.setdefault(key, GraphNode(id=key, kind=node_kind, label=UntrustedText(" ".join(label.split()))))
            ends.append(key)
        edge = GraphEdge(
            source=ends[0],
            target=ends[1],
            kind=kind,
            evidence=Sha256(evidence),
            date=day,
            grade=grade,
            says=UntrustedText(says),
            candidate=candidate,
        )
        edges[(edge.source, edge.target, kind, evidence, day)] = edge
    return CaseGraph(nodes=tuple(nodes[key] for key in sorted(nodes)), edges=tuple(edges[key] for key in sorted(edges)))


def read_csv(data: bytes) -> CaseGraph:
    """A graph entered by hand: one edge a row, with the columns of COLUMNS. Raises UsageError with the line."""
    rows = []
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if set(reader.fieldnames or ()) - {STANDING} != set(COLUMNS):
            hint = f"Columns: {', '.join(COLUMNS)}; and, if wanted, {STANDING} ({CANDIDATE} or nothing)."
            raise UsageError("the table's columns are not the known ones", hint=hint)
        for number, row in enumerate(reader, 2):
            if number > MOST_EDGES:
                raise UsageError(f"more than {MOST_EDGES} edges")
            rows.append(_row(number, {key: (value or "").strip() for key, value in row.items() if key}))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"not CSV in UTF-8: {error}") from error
    return build(rows)


def _row(number: int, row: dict[str, str]) -> Row:
    try:
        source_kind, target_kind, grade = (
            NodeKind(row["source_kind"]),
            NodeKind(row["target_kind"]),
            Grade(row["grade"]),
        )
    except (ValueError, KeyError) as error:
        kinds, grades = ", ".join(NodeKind), ", ".join(Grade)
        raise UsageError(f"line {number}: {error}", hint=f"Kinds: {kinds}. Grades: {grades}.") from error
    if not row["source"] or not row["target"] or not row["edge"]:
        raise UsageError(f"line {number}: source, edge and target are needed")
    if row.get(STANDING, "") not in ("", CANDIDATE):
        raise UsageError(f"line {number}: {STANDING} is {CANDIDATE!r} or nothing")
    if not _HEX.match(row["evidence_sha256"]):
        raise UsageError(f"line {number}: every edge needs the SHA-256 of its evidence (64 small hexadecimal digits)")
    if not _DAY.match(row["date"]):
        raise UsageError(
            f"line {number}: {row['date'][:40]!r} is not a date", hint="Write 2019, 2019-10 or 2019-10-09."
        )
    return (
        source_kind,
        row["source"],
        row["edge"],
        target_kind,
        row["target"],
        row["evidence_sha256"],
        row["date"],
        grade,
        row["says"],
        row.get(STANDING, "") == CANDIDATE,
    )


def of_tender(reading: TenderReading) -> CaseGraph:
    """What a tender paper would say if its candidates were confirmed: buyer, tender, supplier, source."""
    values = {role: [claim.value for claim in reading.claims if claim.role == role] for role in ClaimRole}
    tender = next(iter(values[ClaimRole.ITEM]), reading.document)
    found = re.search(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})", next(iter(values[ClaimRole.DATE]), ""))
    day = f"{found.group(1)}-{int(found.group(2)):02d}-{int(found.group(3)):02d}" if found else ""
    rows: list[Row] = []
    sentence = {claim.value: claim.sentence for claim in reading.claims}
    for buyer in values[ClaimRole.BUYER]:
        rows.append(
            (
                NodeKind.BUYER,
                buyer,
                "tendered",
                NodeKind.TENDER,
                tender,
                reading.sha256,
                day,
                Grade.PROCURED,
                sentence[buyer],
                True,
            )
        )
    for supplier in values[ClaimRole.SUPPLIER]:
        rows.append(
            (
                NodeKind.VENDOR,
                supplier,
                "won",
                NodeKind.TENDER,
                tender,
                reading.sha256,
                day,
                Grade.PROCURED,
                sentence[supplier],
                True,
            )
        )
    rows.append(
        (
            NodeKind.TENDER,
            tender,
            "documented by",
            NodeKind.SOURCE,
            reading.document,
            reading.sha256,
            day,
            Grade.PROCURED,
            "",
            True,
        )
    )
    return build(rows)


def to_csv(graph: CaseGraph) -> bytes:
    """The graph as the table that `read_csv` reads. Cells are not changed: open it as text, not in a spreadsheet."""
    nodes = {node.id: node for node in graph.nodes}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*COLUMNS, STANDING))
    for edge in graph.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        writer.writerow(
            (
                source.kind,
                source.label,
                edge.kind,
                target.kind,
                target.label,
                edge.evidence,
                edge.date,
                edge.grade,
                edge.says,
                CANDIDATE if edge.candidate else "",
            )
        )
    return out.getvalue().encode()


_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def to_graphml(graph: CaseGraph) -> bytes:
    """GraphML with the kind, label, evidence, date and grade as data."""
    keys = (
        ("kind", "node"),
        ("label", "node"),
        ("edge_kind", "edge"),
        ("evidence", "edge"),
        ("date", "edge"),
        ("grade", "edge"),
        ("says", "edge"),
        (STANDING, "edge"),
    )
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    lines += [f'<key id="{name}" for="{kind}" attr.name="{name}" attr.type="string"/>' for name, kind in keys]
    lines.append('<graph id="case" edgedefault="directed">')
    numbers = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        lines.append(
            f'<node id="{numbers[node.id]}"><data key="kind">{node.kind}</data><data key="label">{_xml(node.label)}</data></node>'
        )
    for edge in graph.edges:
        facts = (
            ("edge_kind", edge.kind),
            ("evidence", edge.evidence),
            ("date", edge.date),
            ("grade", edge.grade),
            ("says", edge.says),
            (STANDING, CANDIDATE if edge.candidate else ""),
        )
        data = "".join(f'<data key="{name}">{_xml(value)}</data>' for name, value in facts)
        lines.append(
            f"<edge source={quoteattr(numbers[edge.source])} target={quoteattr(numbers[edge.target])}>{data}</edge>"
        )
    return "\n".join([*lines, "</graph>", "</graphml>", ""]).encode()


_FTM_SCHEMA = {
    NodeKind.VENDOR: "Company",
    NodeKind.BUYER: "PublicBody",
    NodeKind.TENDER: "Contract",
    NodeKind.SOURCE: "Document",
}


def to_ftm(graph: CaseGraph) -> bytes:
    """FollowTheMoney JSON lines. FtM has no product, capability or finding: they become `Thing`
    with our kind in the summary.
    """
    lines = []
    for node in graph.nodes:
        schema = _FTM_SCHEMA.get(node.kind, "Thing")
        properties: dict[str, list[str]] = {"title" if schema in ("Contract", "Document") else "name": [node.label]}
        if schema == "Thing":
            properties["summary"] = [f"witnessmark:{node.kind}"]
        lines.append(
            msgspec.json.encode({"id": node.id, "caption": node.label, "schema": schema, "properties": properties})
        )
    for number, edge in enumerate(graph.edges):
        properties = {
            "subject": [edge.source],
            "object": [edge.target],
            "role": [edge.kind],
            "summary": [
                edge.says,
                f"evidence sha256:{edge.evidence}; grade {edge.grade}{'; candidate' if edge.candidate else ''}",
            ],
        }
        if edge.date:
            properties["date"] = [edge.date]
        lines.append(
            msgspec.json.encode(
                {
                    "id": f"edge:{number}",
                    "schema": "UnknownLink",
                    "properties": {k: [v for v in vs if v] for k, vs in properties.items()},
                }
            )
        )
    return b"\n".join([*lines, b""])


_COLUMNS = {
    NodeKind.BUYER: 0,
    NodeKind.TENDER: 1,
    NodeKind.VENDOR: 2,
    NodeKind.PRODUCT: 3,
    NodeKind.CAPABILITY: 4,
    NodeKind.FINDING: 5,
    NodeKind.SOURCE: 6,
    NodeKind.LISTING: 6,
}
_BOX, _PITCH, _ROW = 190, 330, 70
"""Width of a box, from column to column, from row to row."""


def to_svg(graph: CaseGraph, most: int = 200) -> str:
    """A drawing in columns (buyer, tender, vendor, product, capability, finding, source; those that are there)."""
    nodes = graph.nodes[:most]
    used = sorted({_COLUMNS[node.kind] for node in nodes})
    rows: dict[int, int] = {}
    at: dict[str, tuple[int, int]] = {}
    for node in nodes:
        column = used.index(_COLUMNS[node.kind])
        at[node.id] = (20 + column * _PITCH, 20 + rows.get(column, 0) * _ROW)
        rows[column] = rows.get(column, 0) + 1
    width, height = 40 + _BOX + _PITCH * max(0, len(used) - 1), 40 + _ROW * max(rows.values(), default=1)
    edges = [edge for edge in graph.edges if edge.source in at and edge.target in at]
    says = f"{len(nodes)} things in columns by their sort, {len(edges)} ties between them as lines."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" aria-labelledby="graph-t graph-d" font-family="sans-serif" font-size="12">'
        f'<title id="graph-t">Case graph</title><desc id="graph-d">{says}</desc>'
    ]
    parts += [_line(edge, at[edge.source], at[edge.target]) for edge in edges]
    parts += [_box(node, *at[node.id]) for node in nodes]
    return "\n".join([*parts, "</svg>", ""])


def _line(edge: GraphEdge, one: tuple[int, int], other: tuple[int, int]) -> str:
    """A tie from the side of one box to the near side of the other, with what it says on a white ground."""
    (x1, y1), (x2, y2) = one, other
    start, end = (x1 + _BOX, x2) if x1 < x2 else (x1, x2 + _BOX) if x1 > x2 else (x1 + _BOX, x2 + _BOX)
    bend = 60 if x1 == x2 else 0
    says = _drawn(f"{edge.kind}, {edge.date or 'no date'}, {edge.grade}, evidence {edge.evidence[:16]}")
    label = _drawn(edge.kind if len(edge.kind) <= 22 else edge.kind[:21] + "…")
    path = f"M{start} {y1 + 20}C{start + bend} {y1 + 20} {end + bend} {y2 + 20} {end} {y2 + 20}"
    return (
        f'<path d="{path}" fill="none" stroke="#555"><title>{says}</title></path>'
        f'<text x="{(start + end + bend) // 2}" y="{(y1 + y2) // 2 + 16}" text-anchor="middle" font-size="10" fill="#333" stroke="#fff" stroke-width="3" paint-order="stroke">{label}</text>'
    )


def _box(node: GraphNode, x: int, y: int) -> str:
    label = node.label[:400]
    shown = _drawn(label if len(label) <= 26 else label[:25] + "…")
    return (
        f'<g><rect x="{x}" y="{y}" width="{_BOX}" height="40" rx="4" fill="#fff" stroke="#333"/><title>{_drawn(label)}</title>'
        f'<text x="{x + 8}" y="{y + 15}" fill="#555" font-size="10">{node.kind}</text><text x="{x + 8}" y="{y + 31}" fill="#000">{shown}</text></g>'
    )


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def _drawn(text: str) -> str:
    """Text for the drawing: markup disarmed, and what is invisible or turns the reading direction made visible."""
    return html.escape("".join("\ufffd" if unicodedata.category(char) in _UNSEEN else char for char in text))
