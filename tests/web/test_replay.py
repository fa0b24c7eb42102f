import http.client
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from web.captured import PAGE, PIXEL, SITE, archive, capture
from web.served import Served, served
from witnessmark.case import create_case
from witnessmark.model.evidence import Actor
from witnessmark.model.fact import UntrustedText
from witnessmark.model.sighting import Sighting, Verdict
from witnessmark.pipeline.replay_pages import rewritten_css, rewritten_html
from witnessmark.pipeline.watching import new_target
from witnessmark.watch.store import Settings, WatchStore


@pytest.fixture
def site(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        capture(case, archive())
        capture(case, archive()[:900])
        capture(case, archive()[:300])
    with served(tmp_path / "case", run_jobs=False) as site:
        yield site


def elsewhere(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Ask the replay's own server."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
    connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""), headers=headers)
    answer = connection.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    connection.close()
    return found


def frame(site: Served, path: str = "/replay/1") -> str:
    return re.search(r'<iframe[^>]* src="([^"]+)"', site.visitor().get(path).text).group(1)


def test_a_captured_page_is_framed_from_another_origin_and_says_what_it_is(site: Served):
    reply = site.visitor().get("/replay/1")
    assert "This is a copy, not the live site." in reply.text
    assert "https://vendor.example/cam/" in reply.text and "维族" not in reply.text
    assert re.search(r"<iframe[^>]* sandbox=\"\"", reply.text)
    address = frame(site)
    assert urlsplit(address).port != site.port
    assert f"frame-src http://127.0.0.1:{urlsplit(address).port}" in reply.headers["content-security-policy"]
    digest = re.search(r"SHA-256 of what was received</dt><dd class=\"hash\">([0-9a-f]{64})", reply.text).group(1)
    assert f"{digest[:16]}" in reply.text


def test_the_policy_of_a_replayed_page_runs_nothing_and_reaches_nothing(site: Served):
    address = frame(site)
    status, headers, body = elsewhere(address)
    policy = headers["content-security-policy"]
    parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert status == 200 and parts["sandbox"] == ""
    assert parts["default-src"] == parts["script-src"] == parts["connect-src"] == parts["form-action"] == "'none'"
    origin = address.rpartition("/")[0].partition("/" + urlsplit(address).path.split("/")[1])[0]
    assert parts["img-src"] == f"{origin} data:" and parts["frame-src"] == origin
    assert "set-cookie" not in headers and headers["x-content-type-options"] == "nosniff"
    text = body.decode()
    assert "维族 built" in text  # the page as its scripts had built it comes first
    for word in ("<script", "onload", "http-equiv", "srcdoc", "formaction", " ping=", "<object", "<base"):
        assert word not in text, word
    links = re.findall(r"(?:src|href|srcset|action)=\"([^\"]*)\"", text)
    assert links and all(re.match(r"/[0-9a-f]+/1/(?:\d+|absent\?)", link) for link in links), links
    assert 'title="link to https://vendor.example/buy"' in text


def test_as_the_server_sent_it_with_its_own_encoding_and_its_files(site: Served):
    page = frame(site, "/replay/1?answer=0")
    text = elsewhere(page)[2].decode()
    assert "人脸属性: 维族<" in text
    image = re.search(r'id="here" src="([^"]+)"', text).group(1)
    origin = f"http://{urlsplit(page).netloc}"
    status, headers, body = elsewhere(origin + image)
    assert (status, headers["content-type"], body) == (200, "image/png", PIXEL)  # the redirect was followed
    style = re.search(r'rel="stylesheet" href="([^"]+)"', text).group(1)
    assert b'url("/' in elsewhere(origin + style)[2]


def test_what_was_not_captured_is_said_plainly(site: Served):
    page = frame(site)
    origin = f"http://{urlsplit(page).netloc}"
    absent = re.search(r'"(/[0-9a-f]+/1/absent[^"]*)"', elsewhere(page)[2].decode()).group(1)
    status, headers, body = elsewhere(origin + absent.replace("&amp;", "&"))
    assert status == 404 and b"was not captured" in body and headers["content-type"].startswith("text/plain")
    script = next(n for n in range(7) if b"a script" in elsewhere(page.rpartition("/")[0] + f"/{n}")[2])
    assert elsewhere(page.rpartition("/")[0] + f"/{script}")[0] == 404
    assert "https://vendor.example/gone.png" in site.visitor().get("/replay/1").text


def test_nobody_without_the_token_or_under_another_name_gets_anything(site: Served):
    page = urlsplit(frame(site))
    origin = f"http://{page.netloc}"
    token = page.path.split("/")[1]
    for path in (
        "/",
        "/1/0",
        f"/{'0' * len(token)}/1/0",
        f"/{token}/1/99",
        f"/{token}/1/../../etc/passwd",
        f"/{token}/9/0",
    ):
        assert elsewhere(origin + path)[0] == 404, path
    for host in ("evil.example", f"localhost:{page.port}", f"127.0.0.1:{site.port}"):
        assert elsewhere(page.geturl(), Host=host)[0] == 421
    assert site.visitor().get(page.path).status == 404  # the case page itself gives out nothing of it
    assert site.visitor().get("/replay/0").status == 404


def test_a_torn_archive_shows_what_came_before(site: Served):
    for number in (2, 3):
        text = site.visitor().get(f"/replay/{number}").text
        assert "damaged" in text and "<iframe" in text


@given(st.text(max_size=200))
def test_any_style_sheet_is_rewritten(text: str):
    rewritten_css(text, "https://a.example/", lambda url: "/x")


@given(st.lists(st.sampled_from(["<a href=//[x>", "<base href='http://[::'>", "<img srcset=', , x 2x'>", "<style>", "</style>", "<svg>", "<template>", "<p style='a:url(", "<!--", "维", "\0"]), max_size=12))  # fmt: skip
def test_any_page_is_rewritten(pieces: list[str]):
    out = rewritten_html("".join(pieces), "https://a.example/", lambda url: "/x")
    assert "<script" not in out


def test_a_page_nested_ten_thousand_deep_is_rewritten():
    out = rewritten_html("<div>" * 10_000 + PAGE, "https://a.example/", lambda url: "/x")
    assert "evil.example/form" not in out


def test_a_look_that_saw_words_go_leads_to_the_page_before_and_after(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        before = capture(case, archive())
        after = capture(case, archive(PAGE.replace(": 维族", "")))
        url = UntrustedText(SITE)
        look = Sighting(url=url, at=after.t_utc, verdict=Verdict.SECTION_REMOVED, removed_text=(UntrustedText("维族"),))
    store = WatchStore(tmp_path / "watch.sqlite")
    with store.writing():
        store.put(new_target(SITE, Settings(), datetime(2020, 11, 28, tzinfo=UTC)))
        store.add_sighting(replace(look, at="2020-01-01T00:00:00Z", verdict=Verdict.SAME, removed_text=()))
        store.add_sighting(replace(look, at="2099-01-01T00:00:00Z"))
    store.close()
    with served(tmp_path / "case", run_jobs=False) as site:
        visitor = site.visitor()
        page = visitor.get(f"/watching?url={SITE}").text
        assert "<del>维族</del>" in page and f'href="/replay/{before.seq}"' in page
        assert f'href="/replay/{after.seq}">The page before</a>' in page  # the last capture before the look
        both = visitor.get(f"/replay/{before.seq}/beside/{after.seq}").text
        assert re.search(r"<td>changed</td><td[^>]*>人脸属性<del>: 维族 built</del></td><td[^>]*>人脸属性", both), both
        assert visitor.get(f"/replay/{before.seq}/beside/0").status == 404


@pytest.mark.parametrize(
    "page",
    [
        "<div><template shadowrootmode=open><link rel=preconnect href=https://there.example></template></div>",
        "<div><template shadowrootmode=open><a href=https://there.example>x</a></template></div>",
        "<math href=https://there.example><mtext>x</mtext></math>",
        "<math><mrow xlink:href=https://there.example>x</mrow></math>",
        "<link rel=preload imagesrcset='https://there.example 1x'>",
        "<svg><use href=https://there.example#a></use></svg>",
    ],
)
def test_no_element_is_left_that_would_lead_to_the_site(page: str):
    """`preconnect` in a declared shadow tree is not held by the policy: a browser made the connection."""
    assert "there.example" not in rewritten_html(page, "https://o.example/", lambda url: "/placed")


def test_a_drawing_may_use_its_own_parts_again():
    assert 'href="#a"' in rewritten_html("<svg><use href=#a></use></svg>", "https://o.example/", lambda url: "/placed")
