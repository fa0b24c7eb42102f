from pathlib import Path

import pytest

from web.served import Served, a_finding, a_report, served
from witnessmark.case import create_case
from witnessmark.errors import UsageError
from witnessmark.model.deployment import CaseGraph
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Sha256
from witnessmark.pipeline.case_graph import graph_of_ties, ties_of
from witnessmark.screen.graph import read_csv, to_csv, to_ftm
from witnessmark.screen.graph_ftm import read_ftm

EVIDENCE = "4" * 64
TIE = {
    "source_kind": "buyer",
    "source": "Bureau <b>",
    "edge": "bought",
    "target_kind": "product",
    "target": "sdk.zip",
    "evidence_sha256": EVIDENCE,
    "date": "2019-10",
    "grade": "procured",
    "says": "the bureau buys",
}


@pytest.fixture
def site(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", vendor="Examplia", actor=Actor(name="A.")) as case:
        case.record(EventKind.SCANNED, a_report(a_finding(1)))
    with served(tmp_path / "case", run_jobs=False) as site:
        yield site


def test_vendor_product_capability_and_finding_are_tied_by_the_scans(site: Served):
    page = site.visitor().get("/graph").text
    for words in ("named as vendor of", "would have", "attribute classification: sdk.zip", "2" * 64, "<svg"):
        assert words in page, words


def test_a_tie_is_entered_with_evidence_date_and_grade_and_goes_into_the_journal(site: Served):
    visitor = site.visitor("B.")
    visitor.get("/graph")
    for missing in ("evidence_sha256", "date", "source", "edge"):
        assert visitor.post("/graph/enter", **{**TIE, missing: ""}).status == 400, missing
    assert visitor.post("/graph/enter", **{**TIE, "grade": "certain"}).status == 400
    page = visitor.post("/graph/enter", **TIE).text
    assert "Bureau &lt;b&gt;" in page and "Bureau <b>" not in page and "entered by <bdi>B.</bdi>" in page
    ((event, graph),) = site.desk.case.payloads(CaseGraph)
    assert (event.actor.name, graph.edges[0].evidence, graph.edges[0].date) == ("B.", EVIDENCE, "2019-10")
    assert read_csv(visitor.get("/graph.csv").body).edges == graph.edges


def test_a_tie_is_withdrawn_with_a_reason_and_the_journal_keeps_both(site: Served):
    visitor = site.visitor("B.")
    visitor.get("/graph")
    visitor.post("/graph/enter", **TIE)
    (tie,) = ties_of(site.desk.case)
    assert visitor.post("/graph/withdraw", tie=tie.name, reason="").status == 400
    assert visitor.post("/graph/withdraw", tie="x", reason="r").status == 400
    assert "the wrong bureau" not in visitor.get("/graph").text
    visitor.post("/graph/withdraw", tie=tie.name, reason="the wrong bureau")
    assert ties_of(site.desk.case) == []
    assert "the wrong bureau" in visitor.get("/timeline").text and len(list(site.desk.case.payloads(CaseGraph))) == 1


def upload(site: Served, name: bytes, data: bytes) -> str:
    visitor = site.visitor("B.")
    visitor.get("/graph")
    body = b"\r\n".join(
        [
            b'--edge\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + visitor.csrf.encode(),
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\n' + data,
            b"--edge--\r\n",
        ]
    )
    visitor.request("POST", "/graph/file", body, content_type="multipart/form-data; boundary=edge")
    return visitor.get("/graph").text


def a_graph() -> CaseGraph:
    return read_csv((",".join(TIE) + "\n" + ",".join(TIE.values()) + "\n").encode())


@pytest.mark.parametrize(("name", "write"), [(b"ties.csv", to_csv), (b"ties.ftm.json", to_ftm)])
def test_ties_come_from_csv_and_from_ftm(site: Served, name: bytes, write):
    assert "entered by <bdi>B.</bdi>" in upload(site, name, write(a_graph()))
    (edge,) = graph_of_ties(ties_of(site.desk.case)).edges
    assert (edge.kind, edge.date, edge.grade, edge.evidence) == ("bought", "2019-10", "procured", EVIDENCE)
    assert any(item.role == "graph" for item in site.desk.case.items())  # the file itself is kept


def test_a_foreign_ftm_tie_rests_on_the_file_and_is_only_named():
    lines = (
        b'{"id": "a", "schema": "Company", "caption": "A", "properties": {}}\n'
        b'{"id": "b", "schema": "Company", "properties": {"name": ["B"]}}\n'
        b'{"id": "o", "schema": "Ownership", "properties": {"owner": ["a"], "asset": ["b"], "startDate": ["2018-01-02"]}}\n'
    )
    graph = read_ftm(lines, Sha256(EVIDENCE))
    assert [(e.kind, e.date, e.grade, e.evidence) for e in graph.edges] == [
        ("ownership", "2018-01-02", "named", EVIDENCE)
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"",
        b'{"id": "o", "schema": "Ownership", "properties": {"owner": ["gone"], "asset": ["b"]}}',
        b'{"id": "a", "schema": "Vessel"}\n{"id": "o", "schema": "UnknownLink", "properties": {"subject": ["a"], "object": ["a"]}}',
    ],
)  # fmt: skip
def test_ftm_that_does_not_say_who_is_tied_is_refused(line: bytes):
    with pytest.raises(UsageError):
        read_ftm(line, Sha256(EVIDENCE))
