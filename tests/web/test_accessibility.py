"""axe-core on every page, light and dark, wide and on a phone; and the keyboard alone."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from web.captured import archive, capture
from web.served import Served, a_finding, a_gap, a_report, served
from web.test_graph import TIE
from web.test_structures import a_structure
from witnessmark.case import create_case
from witnessmark.case.progress import record_review
from witnessmark.model.case import Verdict
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Kind

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/findings", "/findings?q=nothing", "/finding/f000001", "/finding/f000001/beside/f000002", "/timeline",
    "/entry/1", "/coverage?code=encrypted", "/watching?url=https://vendor.example/cam/", "/screening", "/graph",
    "/sealing", "/people", "/replay/2", "/replay/2/beside/3", "/nothing",
)  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "iframes": False}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    path: Path = tmp_path_factory.mktemp("axe") / "case"
    with create_case(path, title="T", vendor="Hikvision", actor=Actor(name="A.")) as case:
        findings = (
            a_finding(1, structure=a_structure("a", "EM_ETHNIC", "c")),
            a_finding(2),
            a_finding(3, kind=Kind.ADJACENT),
            *(a_finding(n) for n in range(10, 20)),
        )
        case.record(EventKind.SCANNED, a_report(*findings, problems=(a_gap("a password is needed"),) * 8))
        capture(case, archive())
        capture(case, archive().replace(b"x", b"x"))
        record_review(case, "f000001", ("A.",), Verdict.AGREE, "read it", actor=Actor(name="C."))
    with served(path, run_jobs=False) as site:
        visitor = site.visitor("B.")
        visitor.get("/graph")
        visitor.post("/graph/enter", **TIE)
        visitor.post("/screening/ask", name="Hikvision", as_of="2020-01-01")
        yield site


def a_page(browser, site: Served, **context) -> Page:
    page = browser.new_context(**context).new_page()
    page.goto(f"http://127.0.0.1:{site.port}/open?token={site.desk.sessions.link('B.')}")
    page.wait_for_url(f"http://127.0.0.1:{site.port}/")
    return page


WIDE = {"width": 1200, "height": 800}
SIZES = {"runOnly": {"type": "rule", "values": ["target-size", "meta-viewport"]}, "iframes": False}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "iframes": False}


@pytest.mark.parametrize(
    ("context", "options"),
    [
        ({"viewport": WIDE, "color_scheme": "light"}, RULES),
        ({"viewport": WIDE, "color_scheme": "dark", "locale": "zh-CN"}, CONTRAST),
        ({"viewport": {"width": 360, "height": 700}, "locale": "ru-RU"}, SIZES),
    ],
    ids=["light", "dark, Chinese", "phone, Russian"],
)
def test_axe_finds_nothing_on_any_page(browser, site: Served, context, options):
    page, axe, looked = a_page(browser, site, **context), Axe(), 0
    found: list[str] = []
    for path in PAGES:
        page.goto(f"http://127.0.0.1:{site.port}{path}")
        result = axe.run(page, options=options)
        looked += len(result.response["passes"])
        found += [f"{path}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in result.response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, "scrolls sideways")
    assert found == [] and looked >= len(PAGES)


def test_everything_is_reached_with_the_keyboard_and_the_focus_is_seen(browser, site: Served):
    page = a_page(browser, site, viewport={"width": 1200, "height": 800})
    for path in ("/", "/findings", "/finding/f000001", "/graph", "/sealing", "/coverage"):
        page.goto(f"http://127.0.0.1:{site.port}{path}")
        wanted = page.evaluate(
            "[...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')]"
            ".filter(e => e.checkVisibility() && !(e.type === 'radio' && !e.checked)).length"
        )
        seen, unseen = 0, []
        for _ in range(wanted + 40):
            page.keyboard.press("Tab")
            tag, outline = page.evaluate(
                "[document.activeElement.tagName + ' ' + document.activeElement.textContent.slice(0, 20),"
                " getComputedStyle(document.activeElement).outlineStyle]"
            )
            if tag.startswith("BODY"):
                break
            seen += 1
            if outline == "none":
                unseen.append(tag)
        assert seen >= wanted * 0.95, (path, seen, wanted)
        assert unseen == [], path


def test_the_first_stop_skips_to_the_content(browser, site: Served):
    page = a_page(browser, site)
    page.goto(f"http://127.0.0.1:{site.port}/findings")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
