"""What stands where a page was, on a site whose frame is most of every page: told apart without one false removal."""

from collections.abc import Callable

import msgspec
import pytest

from watchsite import Clock, Pages, target
from witnessmark.model.sighting import Cause, CheckKind, Sighting, Verdict
from witnessmark.watch.look import Means, look
from witnessmark.watch.store import WatchStore

Make = Callable[..., Means]
NAV = "".join(f"<nav><a href=/c/{n}>Cameras and recorders of the {n} series</a></nav>" for n in "abcdefghijkl")
FOOT = "<footer><p>Sign in | Cookies | Not for sale in all countries</p></footer>"
OWN = "".join(f"<p>Paragraph {n} tells of lenses, mounts and power supplies in plain words.</p>" for n in range(9))
LIST = "".join(
    f"<p>Recorder {n} has sixteen channels, two disks and an alarm input for the {n} door.</p>" for n in "abcdefghi"
)


def framed(inner: str, title: str = "Vendor") -> str:
    return f"<html><head><title>{title}</title></head><body>{NAV}{inner}{FOOT}</body></html>"


PAGE = framed(f"<h1>Camera</h1>{OWN}<p>Detects ethnicity.</p>", "Camera")
UNKNOWN_TONGUE = framed("<h1>Ez dago halakorik</h1><p>Itzuli hasierara, mesedez.</p>", "Ez dago")


@pytest.fixture
def after(pages: Pages, make_means: Make, clock: Clock, store: WatchStore) -> Callable[..., Sighting]:
    """The last of four looks after the site became what `change` makes of it."""

    def run(change: dict[str, tuple[object, ...]], before: dict[str, tuple[object, ...]] | None = None) -> Sighting:
        pages.pages = {"/": (200, framed("<h1>Welcome</h1>")), "/p/camera": (200, PAGE), **(before or {})}
        means, item = make_means(), target(pages.url + "/p/camera", clock)
        for number in range(5):
            looked = look(item, means)
            with store.writing():
                for digest, body in looked.bodies:
                    store.keep_body(digest, body)
            item = msgspec.structs.replace(item, state=looked.state)
            clock.forward(60)
            if number == 0:
                assert looked.sighting.cause is Cause.FIRST_LOOK
                pages.pages.update(change)
        return looked.sighting

    return run


def test_a_notice_in_a_frame_that_is_most_of_the_page_is_a_removal(after: Callable[..., Sighting]) -> None:
    seen = after({"/p/camera": (200, framed("<h1>This product is no longer available</h1>"))})
    assert (seen.verdict, seen.cause) == (Verdict.REMOVED, Cause.SOFT_404)
    assert "Detects ethnicity." in seen.removed_text


def test_an_emptied_page_in_its_frame_is_a_removal_but_not_while_its_heading_stands(
    after: Callable[..., Sighting],
) -> None:
    assert after({"/p/camera": (200, framed(""))}).cause is Cause.EMPTIED
    cut = after({"/p/camera": (200, framed("<h1>Camera</h1>", "Camera"))})
    assert cut.verdict is not Verdict.REMOVED


def test_the_sites_own_404_page_with_another_status_is_known_in_any_language(
    after: Callable[..., Sighting], pages: Pages
) -> None:
    pages.unknown = (404, UNKNOWN_TONGUE)
    seen = after({"/p/camera": (200, UNKNOWN_TONGUE)})
    assert (seen.verdict, seen.cause) == (Verdict.REMOVED, Cause.SOFT_404)
    login = framed("<h1>Ez dago sarbiderik</h1><form><input name=u><input type=password></form>")
    assert after({"/p/camera": (200, login)}).verdict is Verdict.BLOCKED


@pytest.mark.parametrize("path", ["/c/recorders", "/p/recorder"])
def test_an_address_that_leads_to_another_page_of_the_site_is_gone(after: Callable[..., Sighting], path: str) -> None:
    seen = after({"/p/camera": (301, "", "Location", path), path: (200, framed(f"<h1>Recorders</h1>{LIST}"))})
    assert (seen.verdict, seen.cause) == (Verdict.REMOVED, Cause.REDIRECT)


@pytest.mark.parametrize("path", ["/de/", "/zh-cn/index.html"])
def test_an_address_that_leads_to_a_front_page_of_any_language_is_gone(
    after: Callable[..., Sighting], path: str
) -> None:
    seen = after({"/p/camera": (302, "", "Location", path), path: (200, framed("<h1>Start</h1>"))})
    assert (seen.verdict, seen.cause) == (Verdict.REMOVED, Cause.REDIRECT_HOME)


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/de/p/camera", Verdict.UNCLEAR),
        ("/choose?return=/p/camera", Verdict.BLOCKED),
        ("/select-country", Verdict.BLOCKED),
        ("/account/login", Verdict.BLOCKED),
    ],
)
def test_an_address_that_leads_to_a_gate_or_another_language_is_not_gone(
    after: Callable[..., Sighting], path: str, verdict: Verdict
) -> None:
    other = framed("<h1>Kamera</h1>" + LIST.replace("Recorder", "Rekorder").replace("has", "hat"))
    assert after({"/p/camera": (302, "", "Location", path), path: (200, other)}).verdict is verdict


def test_a_site_that_changes_as_a_whole_is_said_to_and_no_page_of_it_called_removed(
    after: Callable[..., Sighting],
) -> None:
    new = "<html><body><h1>All is new</h1><p>Our new site is here. Look around and enjoy it.</p></body></html>"
    seen = after({"/p/camera": (404, "<h1>404</h1>"), "/": (200, new)})
    assert seen.verdict is Verdict.UNCLEAR and seen.suspects is Cause.NOT_FOUND
    assert any("the whole site may be affected" in reason for reason in seen.reasons)
    assert {check.kind: check.supports for check in seen.checks}[CheckKind.CONTROL] is False


def test_another_product_at_the_address_is_a_change_that_names_the_old_text(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    pages.pages = {"/": (200, framed("<h1>Welcome</h1>")), "/p/camera": (200, PAGE)}
    means, item = make_means(), target(pages.url + "/p/camera", clock)
    looked = look(item, means)
    with store.writing():
        for digest, body in looked.bodies:
            store.keep_body(digest, body)
    pages.pages["/p/camera"] = (200, framed(f"<h1>Recorder</h1>{LIST}", "Recorder"))
    seen = look(msgspec.structs.replace(item, state=looked.state), means).sighting
    assert seen.verdict is Verdict.SECTION_REMOVED and "Detects ethnicity." in seen.removed_text
    assert "another text stands at this address" in seen.reasons[0]


@pytest.mark.parametrize(
    "text", ["This content is not available in your country.", "Checking your browser", "请登录后查看"]
)
def test_a_gate_inside_the_sites_frame_is_no_removal(after: Callable[..., Sighting], text: str) -> None:
    assert after({"/p/camera": (200, framed(f"<h1>{text}</h1>"))}).verdict is Verdict.BLOCKED


@pytest.mark.parametrize("text", ["This content is not available in your country.", "Hau ez da denontzat"])
def test_a_gate_in_a_box_that_is_called_a_banner_is_seen(
    after: Callable[..., Sighting], pages: Pages, text: str
) -> None:
    pages.unknown = (200, framed("<div class=banner><p>Ez dago halakorik</p></div>"))
    seen = after({"/p/camera": (200, framed(f"<div class=banner><p>{text} {'x y z ' * 60}</p></div>"))})
    assert seen.verdict is not Verdict.REMOVED


@pytest.mark.parametrize(
    "inner",
    [
        "<object data=/camera.pdf type=application/pdf></object>",
        "<embed src=/camera.pdf>",
        "<iframe src=/camera-inner.html></iframe>",
        "<img src=/camera-page.png>",
    ],
)
def test_a_text_that_became_a_document_a_frame_or_a_picture_is_no_removal(
    after: Callable[..., Sighting], inner: str
) -> None:
    assert after({"/p/camera": (200, framed(inner))}).verdict is Verdict.UNCLEAR


def test_a_page_that_says_it_was_moved_is_no_removal(after: Callable[..., Sighting]) -> None:
    seen = after(
        {"/p/camera": (200, framed("<h1>Camera</h1><p>This page has been moved. <a href=/new>Go there</a></p>"))}
    )
    assert (seen.verdict, seen.cause) == (Verdict.UNCLEAR, Cause.NONE)
    assert "not whether for good" in seen.reasons[0]


def test_a_page_in_chinese_that_says_as_much_in_fewer_signs_is_no_removal(after: Callable[..., Sighting]) -> None:
    text = "".join(f"<p>第{n}段用简单的话介绍镜头、支架和电源。</p>" for n in "一二三四五六七八九")
    assert (
        after({"/p/camera": (200, framed(f"<h1>摄像机</h1>{text}<p>检测族裔。</p>", "摄像机"))}).verdict
        is not Verdict.REMOVED
    )


def test_a_404_for_this_country_only_is_no_removal(after: Callable[..., Sighting], pages: Pages) -> None:
    words = framed("<h1>This content is not available in your country.</h1>")
    assert after({"/p/camera": (404, words)}).verdict is Verdict.BLOCKED
    pages.unknown = (404, words)
    assert after({"/p/camera": (404, words)}).verdict is Verdict.REMOVED


def test_what_is_said_of_a_redirect_claims_no_more_than_was_counted(after: Callable[..., Sighting]) -> None:
    there = framed(f"<h1>Recorders</h1>{LIST}<p>Detects ethnicity.</p>")
    seen = after({"/p/camera": (301, "", "Location", "/p/"), "/p/": (200, there)})
    assert seen.verdict is Verdict.REMOVED and "% of its text stands" in seen.reasons[0]
