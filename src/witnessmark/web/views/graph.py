"""The case graph: vendor, product, capability, finding, buyer, tender, source; entering ties by form and by file."""

import csv
import hashlib
import io

from markupsafe import Markup
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import UsageError
from witnessmark.model.deployment import CaseGraph, GraphEdge, GraphNode, NodeKind
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Grade, Sha256, UntrustedText
from witnessmark.pipeline.case_graph import WITHDRAWN, graph_of_ties, ties_of
from witnessmark.screen.graph import COLUMNS, node_id, read_csv, to_csv, to_ftm, to_graphml, to_svg
from witnessmark.screen.graph_ftm import read_ftm
from witnessmark.web.desk import Desk
from witnessmark.web.language import say
from witnessmark.web.pages import back, desk_of, posted, session_of, show, text

MOST_FILE = 16 << 20
MOST_DRAWN = 120
MOST_ROWS = 500
MOST_ITEMS = 200
UNKNOWN = Sha256("0" * 64)
FORMS = {
    "csv": (to_csv, "text/csv;charset=utf-8"),
    "graphml": (to_graphml, "application/graphml+xml"),
    "ftm.json": (to_ftm, "application/jsonl"),
}


def graph(request: Request) -> Response:
    """The drawing, the same as a table, and the forms."""
    desk = desk_of(request)
    behind = desk.fresh()
    with desk.lock:
        ties = ties_of(desk.case)
        items = desk.case.items()[:MOST_ITEMS]
    found = derived(request, desk)
    whole = _merged(graph_of_ties(ties), found)
    drawn = CaseGraph(nodes=whole.nodes[:MOST_DRAWN], edges=whole.edges)
    return show(
        request,
        "graph.html",
        title=say(request, "Graph"),
        drawing=Markup(to_svg(drawn, MOST_DRAWN)) if whole.edges else "",  # our own code; it escapes what it prints
        hidden=max(0, len(whole.nodes) - MOST_DRAWN),
        ties=ties[:MOST_ROWS],
        more=max(0, len(ties) - MOST_ROWS),
        found=found,
        labels={node.id: node for node in whole.nodes},
        kinds=[kind.value for kind in NodeKind],
        grades=[grade.value for grade in Grade],
        items=items,
        given={name: request.query_params.get(name, "")[:400] for name in COLUMNS},
        forms=list(FORMS),
        behind=behind,
    )


def derived(request: Request, desk: Desk) -> CaseGraph:
    """What the scans themselves tie: the vendor named by the case, the files, what they would do, the findings."""
    nodes: dict[str, GraphNode] = {}
    edges: list[GraphEdge] = []

    def node(kind: NodeKind, label: str) -> str:
        key = node_id(kind, label)
        nodes.setdefault(key, GraphNode(id=key, kind=kind, label=UntrustedText(" ".join(label.split()))))
        return key

    def tie(source: str, kind: str, target: str, evidence: Sha256, grade: Grade) -> None:
        edges.append(GraphEdge(source=source, target=target, kind=kind, evidence=evidence, date="", grade=grade))

    for container, capability, number, name in desk.search.holdings():
        held = desk.search.finding(name)
        if held is None:
            continue
        record = held[1]
        evidence = record.locator.top_sha256 or record.locator.sha256 or UNKNOWN
        product = node(NodeKind.PRODUCT, container)
        ability = node(NodeKind.CAPABILITY, f"{say(request, capability.replace('_', ' '))}: {container}")
        if desk.case.head.vendor:
            tie(
                node(NodeKind.VENDOR, desk.case.head.vendor),
                say(request, "named as vendor of"),
                product,
                evidence,
                Grade.NAMED,
            )
        tie(product, say(request, "would have"), ability, evidence, record.grade)
        shown = node(NodeKind.FINDING, f"{record.title} [{record.id}]")
        tie(ability, say(request, "shown by, of %(number)s", number=number), shown, evidence, record.grade)
    return CaseGraph(nodes=tuple(nodes.values()), edges=tuple(dict.fromkeys(edges)))


def _merged(*graphs: CaseGraph) -> CaseGraph:
    nodes = {node.id: node for each in graphs for node in each.nodes}
    edges = {edge: None for each in graphs for edge in each.edges}
    return CaseGraph(nodes=tuple(nodes.values()), edges=tuple(edges))


def enter(request: Request, desk: Desk, form: FormData) -> Response:
    """Record one tie with its evidence, date and grade."""
    if not text(form, "date", 10):
        raise UsageError(
            say(request, "every tie needs a date"), hint=say(request, "Write 2019, 2019-10 or 2019-10-09.")
        )
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerow({name: " ".join(text(form, name, 2_000).split()) for name in COLUMNS})
    try:
        found = read_csv(out.getvalue().encode())
    except UsageError as error:
        raise UsageError(str(error).removeprefix("line 2: "), hint=error.hint) from error
    _record(request, desk, found, text(form, "reason", 4_000))
    return back(request, "/graph", say(request, "Recorded in the journal."))


def take_in(request: Request, desk: Desk, form: FormData) -> Response:
    """Record the ties of a CSV table or of FollowTheMoney entities; the file itself is kept in the case."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise UsageError(say(request, "no file was chosen"))
    data = file.file.read(MOST_FILE + 1)
    if len(data) > MOST_FILE:
        raise UsageError(say(request, "the file is longer than %(size)s MiB", size=MOST_FILE >> 20))
    name = str(file.filename)[:1000]
    evidence = Sha256(hashlib.sha256(data).hexdigest())
    found = read_csv(data) if name.lower().endswith(".csv") else read_ftm(data, evidence)
    item = desk.case.item(desk.case.put(data), name=name, role="graph")
    with desk.lock:
        actor = Actor(name=session_of(request).actor or "not stated")
        desk.case.record(EventKind.NOTE, found, inputs=(item,), actor=actor, reason=text(form, "reason", 4_000))
    return back(request, "/graph", say(request, "Recorded in the journal: %(number)s ties.", number=len(found.edges)))


def _record(request: Request, desk: Desk, found: CaseGraph, reason: str) -> None:
    with desk.lock:
        actor = Actor(name=session_of(request).actor or "not stated")
        desk.case.record(EventKind.NOTE, found, actor=actor, reason=reason)


def withdraw(request: Request, desk: Desk, form: FormData) -> Response:
    """Take a tie back, or reject a candidate; the journal keeps both and why."""
    name, reason = text(form, "tie", 400), text(form, "reason", 4_000)
    if not reason:
        raise UsageError(say(request, "why is it taken back? The journal needs a reason"))
    with desk.lock:
        if name not in {tie.name for tie in ties_of(desk.case)}:
            raise UsageError(say(request, "the case has no such tie"))
        actor = Actor(name=session_of(request).actor or "not stated")
        desk.case.append(EventKind.NOTE, purpose=WITHDRAWN + name, text=UntrustedText(reason), actor=actor)
    return back(request, "/graph", say(request, "Recorded in the journal."))


def download(request: Request) -> Response:
    """The entered ties and candidates as a file for other programs."""
    desk, form = desk_of(request), request.path_params["form"]
    if form not in FORMS:
        raise UsageError(say(request, "there is no such form"), hint=", ".join(FORMS))
    with desk.lock:
        found = graph_of_ties(ties_of(desk.case))
    write, media_type = FORMS[form]
    headers = {"content-disposition": f'attachment; filename="graph.{form}"'}
    return Response(write(found), media_type=media_type, headers=headers)


ROUTES: list[BaseRoute] = [
    Route("/graph", graph),
    Route("/graph/enter", posted(enter), methods=["POST"]),
    Route("/graph/file", posted(take_in), methods=["POST"]),
    Route("/graph/withdraw", posted(withdraw), methods=["POST"]),
    Route("/graph.{form}", download),
]
