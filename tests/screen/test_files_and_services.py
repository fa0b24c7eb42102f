import json
import multiprocessing
import signal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.errors import UsageError
from witnessmark.knowledge.sanctions import load_relations
from witnessmark.model.deployment import ClaimRole, NodeKind
from witnessmark.model.fact import Grade
from witnessmark.screen.batch import Row, as_csv_rows, as_json_row, read_csv_rows, read_rows, screen_rows
from witnessmark.screen.dates import day
from witnessmark.screen.graph import COLUMNS, build, of_tender, read_csv, to_csv, to_ftm, to_graphml, to_svg
from witnessmark.screen.makers import Makers
from witnessmark.screen.parallel import screen_in_parallel
from witnessmark.screen.suppliers import names_in
from witnessmark.screen.tenders import read_tender
from witnessmark.screen.yente import YenteService
from witnessmark.screen.yente_request import Wish

ROWS = [
    b'{"id": "a", "query": "Hikvision", "as_of": "2019-01-01"}',
    b"",
    b'{"id": "b", "query": "Nobody At All", "lang": "en"}',
]


def test_a_batch_answers_in_order_with_the_promised_fields(screener):
    answers = [as_json_row(row) for row in screen_rows(screener, read_rows(ROWS), today="2026-01-01")]
    assert [row["id"] for row in answers] == ["a", "b"]
    first = answers[0]["candidates"][0]
    assert {"entry", "list", "name", "score", "listed", "listed_from", "listed_until", "citation", "reasons"} <= set(
        first
    )
    assert {row["entry"]: row["listed"] for row in answers[0]["candidates"]} == {
        "bis-entity-list:2": False,
        "ndaa-889:10": True,
    }
    assert answers[1]["candidates"] == []


def test_two_workers_give_the_same_answers_in_the_same_order(screener):
    rows = [Row(id=str(number), query=name) for number, name in enumerate(("Hikvision", "大华技术", "Nobody") * 60)]
    one = list(screen_in_parallel(screener, rows, today="2026-01-01", jobs=1))
    assert list(screen_in_parallel(screener, rows, today="2026-01-01", jobs=2)) == one


def test_workers_end_even_where_the_caller_swallows_the_signal_that_ends_them(screener):
    rows = [Row(id=str(number), query="Hikvision") for number in range(130)]
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        assert len(list(screen_in_parallel(screener, rows, today="2026-01-01", jobs=2))) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    assert multiprocessing.active_children() == []


def test_csv_rows_are_read_and_written(screener):
    rows = list(read_csv_rows("\ufeffid,query,as_of\n1,海康威视,\n".encode()))
    (answer,) = screen_rows(screener, rows, today="2026-01-01")
    assert [row[4] for row in as_csv_rows(answer)] == ["bis-entity-list:2", "ndaa-889:10"]


@pytest.mark.parametrize(
    "line",
    [b"{", b'{"query": 3}', b'{"query": "x", "as_of": "soon"}', b'{"query": "x", "as_of": "2019-02-30"}', b"\xff"],
)
def test_a_bad_batch_row_is_named(line):
    with pytest.raises(UsageError):
        list(read_rows([line]))


@given(st.text(max_size=20))
def test_only_days_are_days(text):
    try:
        assert day(text) == text
    except UsageError as error:
        assert error.hint


CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "components": [{"name": "x", "supplier": {"name": "Hikvision"}, "publisher": "Dahua Technology"}],
}
SPDX = {"spdxVersion": "SPDX-2.3", "creationInfo": {"creators": ["Tool: x", "Organization: Acme (mail@example.org)"]},
        "packages": [{"name": "p", "supplier": "Organization: Hikvision", "originator": "NOASSERTION"}]}  # fmt: skip


def test_suppliers_are_read_from_bills_of_materials_and_scan_reports():
    assert [row.name for row in names_in(json.dumps(CYCLONEDX).encode(), "a")] == ["Hikvision", "Dahua Technology"]
    assert [row.name for row in names_in(json.dumps(SPDX).encode(), "b")] == ["Acme", "Hikvision"]
    assert [
        row.name for row in names_in(b"SPDXVersion: SPDX-2.3\nPackageSupplier: Organization: Hikvision\n", "c")
    ] == ["Hikvision"]
    report = {"findings": [], "identities": [{"publisher": "Hikvision", "place": "a.exe"}]}
    assert [row.name for row in names_in(json.dumps(report).encode(), "d")] == ["Hikvision"]


def test_a_mac_prefix_and_an_fcc_id_name_their_maker():
    known = load_relations()
    makers = Makers(known.identifier, known.firm)
    text = "link/ether 44:19:b6:00:11:22, FCC ID: SVN-DHIPC1; 00:00:00:00:00:00"
    assert [name for name, _ in makers.named_in(text)] == [
        "Hangzhou Hikvision Digital Technology Co., Ltd.",
        "Zhejiang Dahua Technology Co., Ltd.",
    ]
    assert not any("00-11-22" in code or "00:11:22" in code for _, code in makers.named_in(text))
    report = {"findings": [{"excerpt": text}]}
    assert [row.place for row in names_in(json.dumps(report).encode(), "r", makers)] == [
        "MAC prefix 44-19-B6",
        "FCC grantee code SVN",
    ]


@given(st.binary(max_size=200).filter(lambda data: b"SPDX" not in data))
def test_other_files_have_no_suppliers(data):
    with pytest.raises(UsageError):
        names_in(data, "x")


def service(screener):
    return YenteService(screener, version="1")


def test_a_yente_client_gets_its_answer(screener):
    body = json.dumps({"queries": {"q": {"schema": "Company", "properties": {"name": ["大华技术"]}}}}).encode()
    answer = service(screener).match("default", body, today="2026-01-01")["responses"]["q"]
    assert (answer["status"], answer["results"][0]["id"], answer["results"][0]["schema"]) == (
        200,
        "bis-entity-list:1",
        "LegalEntity",
    )
    assert answer["results"][0]["match"] is True
    assert answer["results"][0]["features"]
    before = service(screener).match("default", body, today="2018-01-01")["responses"]["q"]["results"][0]
    assert (before["listed"], before["match"]) == (False, False)


def test_a_yente_search_pages(screener):
    found = service(screener).search("bis-entity-list", "Hikvision", today="2026-01-01", wish=Wish(limit=1))
    assert [row["id"] for row in found["results"]] == ["bis-entity-list:2"]
    with pytest.raises(UsageError):
        service(screener).search("no-such-list", "x", today="2026-01-01")


@given(st.binary(max_size=100))
def test_a_malformed_match_request_is_refused(screener, body):
    with pytest.raises(UsageError):
        service(screener).match("default", body, today="2026-01-01")


NOTICE = """中标公告
项目名称：样例市视频监控系统采购项目
采购单位
样例市公安局
中标供应商名称：样例视觉技术有限公司
中标金额（万元）：1,234.56万元
公告日期：2018年5月3日
联系人电话：13800138000
Contract awarded to Sample Vision Ltd. for cameras; questions to jane@example.org.
Заказчик: ГКУ "Безопасный образец"
Цена контракта: 12 500 000,00 руб.
"""


def test_a_tender_gives_candidates_with_their_sentences():
    reading = read_tender(NOTICE, document="notice.txt", data=NOTICE.encode())
    found = {(claim.role, claim.value) for claim in reading.claims}
    assert (ClaimRole.BUYER, "样例市公安局") in found
    assert (ClaimRole.SUPPLIER, "样例视觉技术有限公司") in found
    assert (ClaimRole.ITEM, "样例市视频监控系统采购项目") in found
    assert (ClaimRole.AMOUNT, "1,234.56万元") in found
    assert (ClaimRole.DATE, "2018年5月3日") in found
    assert (ClaimRole.SUPPLIER, "Sample Vision Ltd.") in found
    assert (ClaimRole.BUYER, 'ГКУ "Безопасный образец"') in found
    assert all(claim.value in claim.sentence and claim.line for claim in reading.claims)


def test_personal_data_in_a_tender_is_not_repeated():
    text = "Supplier: Sample Vision Ltd., phone 13800138000, jane@example.org\n采购单位：样例局 联系电话 0571-12345678 身份证 11010519491231002X"
    printed = msgspec.json.encode(read_tender(text, document="n", data=b"")).decode()
    for secret in ("13800138000", "jane@example.org", "0571-12345678", "11010519491231002X"):
        assert secret not in printed


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_is_read_as_a_tender(text):
    assert read_tender(text, document="x", data=b"").lines <= 20_000


def graph():
    return of_tender(read_tender(NOTICE, document="notice.txt", data=NOTICE.encode()))


def test_the_graph_goes_out_as_csv_and_comes_back():
    assert read_csv(to_csv(graph())) == graph()


def test_every_edge_has_digest_date_and_grade():
    assert all(
        len(edge.evidence) == 64 and edge.grade == Grade.PROCURED and edge.date == "2018-05-03"
        for edge in graph().edges
    )


def test_the_graph_is_drawn_and_exported_without_letting_markup_through():
    rows = [
        (NodeKind.VENDOR, "<script>&\x00", "sold", NodeKind.PRODUCT, '"x"', "a" * 64, "2020", Grade.NAMED, "<b>", False)
    ]
    hostile = build(rows)
    assert "<script>" not in to_svg(hostile)
    assert b"<script>" not in to_graphml(hostile)
    assert [json.loads(line)["schema"] for line in to_ftm(hostile).splitlines()] == ["Thing", "Company", "UnknownLink"]


@pytest.mark.parametrize(
    "change",
    [("source_kind", "firm"), ("grade", "certain"), ("evidence_sha256", "abc"), ("date", "soon"), ("source", "")],
)
def test_a_wrong_edge_is_refused_with_its_line(change):
    row = dict(zip(COLUMNS, ("vendor", "A", "sold", "product", "B", "a" * 64, "2020-01-01", "named", ""), strict=True))
    row[change[0]] = change[1]
    with pytest.raises(UsageError, match="line 2"):
        read_csv((",".join(COLUMNS) + "\n" + ",".join(row[c] for c in COLUMNS) + "\n").encode())
