"""The whole way in a real browser: upload, finding, review by keyboard, sealed export."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from web.captured import archive, capture
from web.served import FIRMWARE, Served, served
from witnessmark.case import create_case
from witnessmark.model.case import Review
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.seal.verify import verify_bundle

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path: Path):
    create_case(tmp_path / "case", title="Examplia", vendor="Examplia", actor=Actor(name="A.")).close()
    with served(tmp_path / "case") as site:
        yield site


def someone(browser, site: Served, name: str, said: list[str], **context) -> Page:
    """A person in a browser of their own; what its console complains of is collected."""
    page = browser.new_context(viewport={"width": 1200, "height": 800}, **context).new_page()
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"http://127.0.0.1:{site.port}/open?token={site.desk.sessions.link(name)}")
    page.wait_for_url(f"http://127.0.0.1:{site.port}/")
    return page


def upload(page: Page) -> None:
    page.set_input_files("#file", FIRMWARE)
    page.fill("#reason", "built for the demo")
    page.get_by_role("button", name="Keep and scan").click()


def test_from_upload_to_review_to_sealed_export(browser, site: Served):
    said: list[str] = []
    collector = someone(browser, site, "A.", said)
    upload(collector)
    expect(collector.locator(".state").first).to_have_text("done", timeout=90_000)

    reviewer = someone(browser, site, "B.", said)
    reviewer.goto(f"http://127.0.0.1:{site.port}/findings")
    reviewer.locator(".rows a").first.click()
    expect(reviewer.locator("#keys")).to_be_visible()  # the script runs
    title = reviewer.locator("article h2").inner_text()
    reviewer.keyboard.press("a")
    expect(reviewer.locator("#reason")).to_be_focused()
    reviewer.keyboard.type("read the manual and the header")
    reviewer.keyboard.press("Control+Enter")
    expect(reviewer.locator(".said")).to_contain_text("Recorded in the journal")
    assert reviewer.locator("article h2").inner_text() != title  # on to the next one
    ((event, review),) = site.desk.case.payloads(Review)
    assert (event.actor.name, review.reason) == ("B.", "read the manual and the header")
    expect(reviewer.locator("#keys")).to_be_visible()
    reviewer.keyboard.press("p")
    expect(reviewer.locator("article h2")).to_have_text(title)

    for purpose in ("harm check", "privacy check"):
        reviewer.goto(f"http://127.0.0.1:{site.port}/sealing")
        reviewer.select_option("#purpose", purpose)
        reviewer.fill("#text", "nothing in it")
        reviewer.get_by_role("button", name="Write into the journal").click()
    reviewer.fill("#incomplete", "the vendor does not exist")
    reviewer.fill("#passphrase", "not needed here")
    reviewer.get_by_role("button", name="Write the bundle").click()
    with reviewer.expect_download() as download:
        reviewer.get_by_role("link", name=re.compile(r"export-.*\.zip")).click()
    assert verify_bundle(Path(download.value.path())).holds
    assert any(event.type is EventKind.EXPORTED for event in site.desk.events())
    assert said == []


def test_it_works_without_script_and_on_a_phone(browser, site: Served):
    page = someone(browser, site, "A.", [], java_script_enabled=False)
    page.set_viewport_size({"width": 360, "height": 700})
    upload(page)
    site.settle()
    for path in ("/", "/findings", "/timeline", "/coverage", "/sealing", "/people", "/screening", "/watching"):
        page.goto(f"http://127.0.0.1:{site.port}{path}")
        assert page.locator("h1").count() == 1, path
        box = page.locator("main").bounding_box()
        assert box is not None and box["width"] <= 360, path
    page.goto(f"http://127.0.0.1:{site.port}/findings")
    page.locator(".rows a").first.click()
    page.locator("input[value=adjacent]").check()
    page.fill("#reason", "mine")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("needs somebody else")


def test_a_captured_page_is_seen_and_can_do_nothing(browser, tmp_path: Path):
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        capture(case, archive())
    with served(tmp_path / "case", run_jobs=False) as site:
        asked: list[str] = []
        page = someone(browser, site, "B.", [])
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{site.port}/replay/1")
        copy = page.frame_locator("iframe.replay")
        expect(copy.locator("h1")).to_have_text("人脸属性: 维族 built")
        assert copy.locator("#here").evaluate("image => image.naturalWidth") == 1
        assert copy.locator("h1").evaluate("h1 => getComputedStyle(h1).color") == "rgb(1, 2, 3)"
        assert copy.locator("h1").evaluate("h1 => self.origin") == "null"
        copy.locator("#link").click()
        copy.locator("#send").click()
        expect(copy.frame_locator("#inner").locator("p")).to_have_text("inner")
        page.wait_for_timeout(500)
        assert copy.locator("h1").evaluate("h1 => document.title") == "摄像机"  # no script of the page ran
        assert page.url == f"http://127.0.0.1:{site.port}/replay/1"
        assert site.desk.replays is not None
        ours = (f"http://127.0.0.1:{site.port}/", site.desk.replays.origin + "/", "data:")
        assert [url for url in asked if not url.startswith(ours)] == []


def test_progress_is_told_without_loading_the_page_again(browser, tmp_path: Path):
    create_case(tmp_path / "case", title="T", actor=Actor(name="A.")).close()
    packed = tmp_path / "many.zip"
    with zipfile.ZipFile(packed, "w") as package:
        for number in range(8_000):
            package.writestr(f"face{number}.h", f"/* {number} */ enum FACE_ETHNIC {{ ETHNIC_UYGHUR, ETHNIC_OTHER }};")
    with served(tmp_path / "case") as site:
        page = someone(browser, site, "A.", [])
        page.set_input_files("#file", packed)
        page.get_by_role("button", name="Keep and scan").click()
        expect(page.locator(".state").first).to_be_visible()
        page.evaluate("window.kept = true")
        told: set[str] = set()
        while page.evaluate("window.kept === true") and len(told) < 3:
            told.add(page.locator(".news").first.inner_text())
        assert len(told) == 3, told  # three different pieces of news on one and the same page
        page.get_by_role("button", name="Cancel job").click()
        expect(page.locator(".state").first).to_have_text("cancelled")
        assert [event.type for event in site.desk.events()] == ["case-opened", "added"]
