"""axe-core on the report, light and dark, wide, zoomed and on a phone; and what print leaves of it."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from witnessmark.case import Case
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.report.casefile.html import render_html

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# 640 pixels at two device pixels each is a window of 1280 at 200 % zoom; 320 is one of 1280 at 400 %.
VIEWS = [("en", 1280, "light"), ("zh", 1280, "dark"), ("ru", 640, "light"), ("fr", 320, "dark"), ("en", 320, "light")]


@pytest.mark.parametrize(("language", "width", "scheme"), VIEWS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser, whole_case: Case, tmp_path: Path, language: str, width: int, scheme: str
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(render_html(dossier_of(whole_case), language=language))
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, device_scale_factor=2, bypass_csp=True
    )
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    result = Axe().run(page, options=RULES)
    assert len(result.response["passes"]) > 15  # it did look
    assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in result.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    context.close()


def test_the_strongest_finding_fits_on_the_first_screen(browser, whole_case: Case, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(render_html(dossier_of(whole_case)))
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(path.as_uri())
    bottom = page.evaluate("document.querySelector('section.first').getBoundingClientRect().bottom")
    assert 0 < bottom < 800
    first = page.locator("section.first").inner_text()
    for said in (
        "wired",
        "ETHNIC_UYGHUR",
        "What it does not show",
        "Innocent reading",
        "1" * 64,
        "downloaded",
        "sdk.zip",
    ):
        assert said in first, said
    context.close()
