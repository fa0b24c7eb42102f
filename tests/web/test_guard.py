from pathlib import Path

import pytest

from web.served import Served, Visitor, a_finding, a_report, served
from witnessmark.case import create_case
from witnessmark.model.evidence import Actor, EventKind


@pytest.fixture
def site(tmp_path: Path):
    with create_case(tmp_path / "case", title="T <b>", actor=Actor(name="A.")) as case:
        case.record(EventKind.SCANNED, a_report(a_finding(1)))
    with served(tmp_path / "case", run_jobs=False) as site:
        yield site


def test_a_link_opens_the_case_once(site: Served):
    token = site.desk.sessions.link("B.")
    first = Visitor(port=site.port).get(f"/open?token={token}")
    assert first.status == 200
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert Visitor(port=site.port).get(f"/open?token={token}").status == 403
    assert Visitor(port=site.port).get("/open?token=").status == 403


def test_nothing_is_shown_without_a_session(site: Served):
    stranger = Visitor(port=site.port)
    for path in ("/", "/findings", "/jobs.json", "/report.html", "/bundle/x.zip", "/picture/" + "0" * 64):
        assert stranger.get(path).status == 401, path


def test_another_host_name_is_refused_though_it_leads_here(site: Served):
    visitor = site.visitor()
    for host in ("evil.example", f"evil.example:{site.port}", "127.0.0.1", f"127.0.0.1:{site.port + 1}", ""):
        reply = visitor.get("/", Host=host or " ")
        assert reply.status in (400, 421), host
        assert b"T &lt;b&gt;" not in reply.body
    assert visitor.get("/", Host=f"localhost:{site.port}").status == 200


def test_another_site_can_neither_read_nor_change(site: Served):
    visitor = site.visitor()
    visitor.get("/people")
    assert visitor.get("/", sec_fetch_site="cross-site").status == 403
    body = f"csrf={visitor.csrf}&name=X".encode()
    kind = "application/x-www-form-urlencoded"
    refused = visitor.request("POST", "/people/name", body, content_type=kind, Origin="http://evil.example")
    assert refused.status == 403
    assert visitor.request("POST", "/people/name", body, content_type=kind, sec_fetch_site="same-site").status == 403
    assert visitor.request("POST", "/people/name", body, content_type=kind, Origin="null").status == 303


def test_a_form_needs_its_own_session_s_token(site: Served):
    one, other = site.visitor("B."), site.visitor("C.")
    one.get("/people")
    other.get("/people")
    assert one.post("/people/name", csrf="", name="X").status == 403
    assert one.post("/people/name", csrf=other.csrf, name="X").status == 403
    assert "The journal will say: X." in one.post("/people/name", name="X").text


def test_every_answer_binds_the_browser(site: Served):
    visitor = site.visitor()
    for path in ("/", "/nothing", "/static/page.js", "/static/report.css", "/jobs.json"):
        headers = visitor.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_path_does_not_leave_the_static_folder(site: Served):
    visitor = site.visitor()
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/bundle/..%2f..%2fjournal.jsonl", "/bundle/case.json"):
        assert visitor.get(path).status in (400, 404), path


def test_programs_use_a_key_and_only_for_the_lists(site: Served):
    visitor = site.visitor()
    page = visitor.get("/screening").text
    key = page.partition("ApiKey ")[2].partition("<")[0].strip()
    program = Visitor(port=site.port)
    assert program.get("/search/default?q=x").status == 401
    assert visitor.get("/search/default?q=x").status == 401  # a cookie is no key
    answer = program.get("/search/default?q=Hikvision", Authorization=f"ApiKey {key}")
    assert answer.status == 200 and b'"results"' in answer.body
    asked = b'{"queries": {"q": {"schema": "Company", "properties": {"name": ["Hikvision"]}}}}'
    matched = program.request("POST", "/match/default", asked, Authorization=f"ApiKey {key}")
    assert matched.status == 200 and b"responses" in matched.body
    assert program.request("POST", "/match/default", b"{", Authorization=f"ApiKey {key}").status == 400
    assert program.get("/findings", Authorization=f"ApiKey {key}").status == 401
