"""Each look ends in a labelled Sighting; `removed` is said only when nothing speaks against it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from testsite.server import Site
from watchsite import PAGE, Clock, Pages, local_fetch, target
from witnessmark.model.fact import Sha256
from witnessmark.model.sighting import Cause, CheckKind, Sighting, Verdict
from witnessmark.net import Limits, Policy
from witnessmark.net.politeness import Politeness
from witnessmark.watch.look import Means, look
from witnessmark.watch.looking import Answer, fetcher
from witnessmark.watch.outcome import iso
from witnessmark.watch.store import Target, WatchStore

Make = Callable[..., Means]


def again(item: Target, means: Means, clock: Clock, store: WatchStore, times: int = 1) -> tuple[Target, Sighting]:
    """Look `times` times, a minute apart."""
    for _ in range(times):
        looked = look(item, means)
        with store.writing():
            for digest, body in looked.bodies:
                store.keep_body(Sha256(digest), body)
        item = msgspec.structs.replace(item, state=looked.state)
        clock.forward(60)
    return item, looked.sighting


def first(pages: Pages, means: Means, clock: Clock, store: WatchStore, path: str = "/camera") -> Target:
    item, sighting = again(target(pages.url + path, clock), means, clock, store)
    assert (sighting.verdict, sighting.cause) == (Verdict.SAME, Cause.FIRST_LOOK)
    return item


def test_a_removal_is_confirmed_by_three_looks_and_every_check(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    means = make_means()
    item = first(pages, means, clock, store)
    del pages.pages["/camera"]
    item, one = again(item, means, clock, store)
    item, two = again(item, means, clock, store)
    assert [(s.verdict, s.suspects, s.confirmations) for s in (one, two)] == [
        (Verdict.UNCLEAR, Cause.NOT_FOUND, 1),
        (Verdict.UNCLEAR, Cause.NOT_FOUND, 2),
    ]
    item, three = again(item, means, clock, store)
    assert three.verdict is Verdict.REMOVED
    assert {check.kind: check.supports for check in three.checks} == {
        CheckKind.CONTROL: True,
        CheckKind.SIBLING: True,
        CheckKind.BROWSER: True,
    }
    asked = len(pages.asked)
    item, four = again(item, means, clock, store)
    assert four.verdict is Verdict.REMOVED and len(pages.asked) == asked + 1
    pages.pages["/camera"] = (200, PAGE)
    _, back = again(item, means, clock, store)
    assert (back.verdict, back.cause) == (Verdict.SAME, Cause.RESTORED)


def still_there(url: str) -> Answer:
    raise AssertionError(url)


def test_a_browser_that_still_sees_the_page_contradicts(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    plain = make_means()
    item = first(pages, plain, clock, store)
    saved = plain.fetch(item.url)
    del pages.pages["/camera"]
    item, last = again(item, replace(plain, browser=lambda _: saved), clock, store, times=4)
    assert (last.verdict, last.cause, last.suspects) == (Verdict.BLOCKED, Cause.OTHER_CLIENT, None)
    assert [check.supports for check in last.checks if check.kind is CheckKind.BROWSER] == [False]
    assert item.state.last_present == last.at and item.state.first_absent == ""


def test_without_a_browser_or_with_a_dead_site_nothing_is_called_removed(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    means = make_means(None)
    item = first(pages, means, clock, store)
    del pages.pages["/camera"]
    _, last = again(item, means, clock, store, times=4)
    assert last.verdict is Verdict.UNCLEAR
    pages.pages.clear()
    _, last = again(item, make_means(), clock, store, times=4)
    assert last.verdict is Verdict.UNCLEAR
    assert [check.supports for check in last.checks if check.kind is CheckKind.CONTROL] == [False]


def test_a_front_page_that_became_something_else_speaks_against_a_removal(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    means = make_means()
    item = first(pages, means, clock, store)
    notice = "<html><body><h1>Nous revenons</h1><p>Le site ouvre de nouveau demain matin.</p></body></html>"
    pages.pages = {"/": (200, notice), "/camera": (404, notice)}
    _, last = again(item, means, clock, store, times=4)
    assert last.verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("answer", "verdict", "cause"),
    [
        ((503, "<h1>later</h1>"), Verdict.UNREACHABLE, Cause.MAINTENANCE),
        ((500, "<h1>oops</h1>"), Verdict.UNREACHABLE, Cause.SERVER_ERROR),
        ((451, ""), Verdict.BLOCKED, Cause.LEGAL),
        ((403, ""), Verdict.BLOCKED, Cause.FORBIDDEN),
        ((429, "", "Retry-After", "120"), Verdict.BLOCKED, Cause.RATE_LIMIT),
        ((200, "<title>Robot check</title><div id=px-captcha></div>"), Verdict.BLOCKED, Cause.CAPTCHA),
        ((200, "<form><p>Kennung</p><input><input type=password></form>"), Verdict.BLOCKED, Cause.LOGIN),
        ((200, "<h1>Sorry</h1><p>This product is not offered in your country.</p>"), Verdict.BLOCKED, Cause.REGION),
        ((302, "", "Location", "/account/login"), Verdict.BLOCKED, Cause.LOGIN),
        ((200, "<p>" + "A quite different page without anything in common. " * 9), Verdict.UNCLEAR, Cause.NONE),
        ((418, ""), Verdict.UNCLEAR, Cause.OTHER_STATUS),
    ],
)
def test_each_answer_has_its_label(
    pages: Pages,
    make_means: Make,
    clock: Clock,
    store: WatchStore,
    answer: tuple[object, ...],
    verdict: Verdict,
    cause: Cause,
) -> None:
    means = make_means()
    item = first(pages, means, clock, store)
    pages.pages["/account/login"] = (200, "<h1>Partners</h1><p>Continue with your company's account.</p>")
    pages.pages["/camera"] = answer
    item, last = again(item, means, clock, store, times=4)
    assert (last.verdict, last.cause) == (verdict, cause)
    assert item.state.reference is not None and item.state.last_present < last.at
    pages.pages["/camera"] = (200, PAGE)
    assert again(item, means, clock, store)[1].verdict is Verdict.SAME


def test_a_host_in_trouble_is_asked_less_often(pages: Pages, make_means: Make, clock: Clock, store: WatchStore) -> None:
    means = make_means()
    item = first(pages, means, clock, store)
    pages.pages["/camera"] = (503, "", "Retry-After", "7200")
    looked = look(item, means)
    assert (looked.next_at - clock.now).total_seconds() == 7200


WIRE = {
    "/truncated-page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 90000\r\n\r\n<h1>Camera</h1>",
    "/silent": b"",
}


@pytest.mark.parametrize(
    ("path", "verdict", "cause"),
    [
        ("/truncated-page", Verdict.UNREACHABLE, Cause.CUT),
        ("/truncated-chunks", Verdict.UNCLEAR, Cause.OTHER_STATUS),
        ("/garbage", Verdict.UNREACHABLE, Cause.PROTOCOL),
        ("/header-bomb", Verdict.UNREACHABLE, Cause.PROTOCOL),
        ("/loop", Verdict.UNREACHABLE, Cause.PROTOCOL),
        ("/to-metadata", Verdict.UNREACHABLE, Cause.REFUSED),
        ("/to-file", Verdict.UNREACHABLE, Cause.REFUSED),
    ],
)
def test_a_server_that_lies_or_breaks_off_is_unreachable_and_not_removed(
    make_site: Callable[..., Site],
    clock: Clock,
    store: WatchStore,
    make_means: Make,
    path: str,
    verdict: Verdict,
    cause: Cause,
) -> None:
    site = make_site(extra=WIRE)
    looked = look(target(site.url + path, clock), make_means())
    if path == "/truncated-chunks":
        assert looked.sighting.verdict in (Verdict.UNREACHABLE, Verdict.UNCLEAR)
        return
    assert (looked.sighting.verdict, looked.sighting.cause) == (verdict, cause)


def test_a_certificate_that_does_not_hold_and_a_name_that_does_not_resolve_are_told_apart(
    make_site: Callable[..., Site], chains: dict[str, Path], clock: Clock, store: WatchStore, make_means: Make
) -> None:
    site = make_site("expired")
    policy = Policy(allow_hosts=frozenset({"localhost"}), ca_file=chains["ca"], limits=Limits(idle_seconds=2))
    over_tls = fetcher(policy, Politeness(0), clock)
    assert over_tls(site.url + "/").seen.failure is Cause.TLS
    assert local_fetch(clock)("http://name.invalid/").seen.failure is Cause.DNS
    assert local_fetch(clock)("http://localhost:9/").seen.failure is Cause.REFUSED
    assert local_fetch(clock)("http://10.1.2.3/").seen.failure is Cause.REFUSED


def test_a_trickle_and_a_body_without_end_are_cut_and_labelled(clock: Clock) -> None:
    import socket
    import threading
    import time

    listener = socket.create_server(("127.0.0.1", 0))

    def serve(endless: bool) -> None:
        sock, _ = listener.accept()
        sock.recv(4096)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        try:
            while True:
                sock.sendall(b"<p>more</p>" * (5_000 if endless else 1))
                time.sleep(0 if endless else 0.05)
        except OSError:
            sock.close()

    for endless, limits in ((True, {"body_bytes": 2_000_000}), (False, {"total_seconds": 0.5})):
        thread = threading.Thread(target=serve, args=(endless,))
        thread.start()
        answer = local_fetch(clock, **limits)(f"http://localhost:{listener.getsockname()[1]}/")
        assert answer.seen.complete is False or answer.seen.failure is Cause.TIMEOUT
        thread.join(5)
    listener.close()


def test_a_changed_page_names_what_went_and_becomes_the_new_reference(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    means = make_means()
    item = first(pages, means, clock, store)
    pages.pages["/camera"] = (200, PAGE.replace("<p>Detects ethnicity.</p>", ""))
    item, last = again(item, means, clock, store)
    assert (last.verdict, last.removed_text) == (Verdict.SECTION_REMOVED, ("Detects ethnicity.",))
    assert again(item, means, clock, store)[1].verdict is Verdict.SAME


def test_a_moved_page_a_replaced_file_and_a_withdrawn_one(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    pages.pages["/sdk.zip"] = (200, "PK old", "Content-Type", "application/zip")
    means = make_means()
    page, sdk = (first(pages, means, clock, store, path) for path in ("/camera", "/sdk.zip"))
    pages.pages["/old/camera"] = (200, PAGE)
    pages.pages["/camera"] = (301, "", "Location", "/old/camera")
    assert again(page, means, clock, store)[1].verdict is Verdict.MOVED
    pages.pages["/sdk.zip"] = (200, "PK new", "Content-Type", "application/zip")
    assert again(sdk, means, clock, store)[1].cause is Cause.REPLACED
    pages.pages["/sdk.zip"] = (302, "", "Location", "/")
    _, last = again(sdk, means, clock, store, times=3)
    assert (last.verdict, last.cause) == (Verdict.REMOVED, Cause.WITHDRAWN)


def test_two_versions_in_turn_are_no_news_and_a_removal_among_them_still_is(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    versions = [PAGE.replace("<h1>", f"<p>{text}</p><h1>") for text in ("Ask our experts today", "Order the catalogue")]
    means = make_means()
    turn = {"n": 0}
    own = means.fetch

    def flip(url: str) -> Answer:
        if url.endswith("/camera"):
            turn["n"] += 1
            pages.pages["/camera"] = (200, versions[turn["n"] % 2])
        return own(url)

    flipping = replace(means, fetch=flip)
    item = first(pages, flipping, clock, store)
    for _ in range(4):
        item, last = again(item, flipping, clock, store)
        assert last.verdict is Verdict.SAME
    versions = [text.replace("<p>Detects ethnicity.</p>", "") for text in versions]
    _, last = again(item, flipping, clock, store)
    assert last.removed_text == ("Detects ethnicity.",)


def test_a_feed_is_compared_by_its_entries(pages: Pages, make_means: Make, clock: Clock, store: WatchStore) -> None:
    entry = "<item><title>{0}</title><link>/{0}</link></item>"
    feed = "<?xml version='1.0'?><rss><channel><lastBuildDate>{}</lastBuildDate>{}</channel></rss>"
    kind = ("Content-Type", "application/rss+xml")
    pages.pages["/feed"] = (200, feed.format("Mon", entry.format("alpha") + entry.format("beta")), *kind)
    means = make_means()
    item = target(pages.url + "/feed", clock, follow=5)
    looked = look(item, means)
    assert looked.listed == (pages.url + "/alpha", pages.url + "/beta")
    item, _ = again(item, means, clock, store)
    pages.pages["/feed"] = (200, feed.format("Tue", entry.format("alpha") + entry.format("beta")), *kind)
    assert again(item, means, clock, store)[1].verdict is Verdict.SAME
    pages.pages["/feed"] = (200, feed.format("Tue", entry.format("gamma") + entry.format("alpha")), *kind)
    assert again(item, means, clock, store)[1].verdict is Verdict.CHANGED


def test_a_large_file_is_not_downloaded_at_every_look(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    big = "PK" + "x" * 1_100_000
    header = ("Content-Type", "application/zip", "ETag", '"one"')
    pages.pages["/sdk.zip"] = (200, big, *header)
    means = make_means()
    item = first(pages, means, clock, store, "/sdk.zip")
    item, quiet = again(item, means, clock, store, times=3)
    assert quiet.verdict is Verdict.SAME and "not downloaded again" in quiet.reasons[0]
    assert pages.asked.count("/sdk.zip") == 1 and pages.asked.count("HEAD /sdk.zip") == 3
    clock.forward(7 * 3600)
    item, whole = again(item, means, clock, store)
    assert whole.digest is not None and pages.asked.count("/sdk.zip") == 2
    pages.pages["/sdk.zip"] = (200, big[:-1] + "y", *header[:3], '"two"')
    assert again(item, means, clock, store)[1].cause is Cause.REPLACED


def test_a_page_that_scripts_build_is_said_to_be_thin_and_can_be_watched_with_a_browser(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    plain = make_means()
    built = plain.fetch(pages.url + "/camera")
    pages.pages["/app"] = (200, "<body><div id=app></div><script src=/app.js></script></body>")
    assert "--with-browser" in look(target(pages.url + "/app", clock), plain).sighting.reasons[-1]
    item = target(pages.url + "/app", clock, with_browser=True)
    browser = replace(plain, browser=lambda url: built if url.endswith("/app") else plain.fetch(url))
    looked = look(item, browser)
    assert looked.sighting.digest == built.seen.digest and len(looked.sighting.reasons) == 1


def test_a_shell_that_scripts_fill_is_looked_at_with_the_browser_from_the_first_look_on(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    plain = make_means()
    shell = "<body><div id=app></div><script src=/app.js></script></body>"
    built = {"/app": plain.fetch(pages.url + "/camera")}
    pages.pages["/app"] = (200, shell)
    means = replace(plain, browser=lambda url: built.get(url.removeprefix(pages.url)) or plain.fetch(url))
    item, sighting = again(target(pages.url + "/app", clock), means, clock, store)
    assert item.state.scripted and "with a browser each time" in sighting.reasons[-1]
    less = PAGE.replace("<p>Detects ethnicity.</p>", "")
    pages.pages["/less"] = (200, less)
    seen = plain.fetch(pages.url + "/less")
    built["/app"] = replace(seen, seen=replace(seen.seen, url=item.url, final_url=item.url))
    assert again(item, means, clock, store)[1].removed_text == ("Detects ethnicity.",)


def test_after_the_question_a_page_is_looked_at_every_30_s_then_every_5_min_then_daily(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    item = first(pages, make_means(), clock, store)
    known = make_means().fetch(item.url)
    means = replace(make_means(), fetch=lambda _: replace(known, at=clock.now))
    asked = clock.now
    state = msgspec.structs.replace(item.state, contacted_at=iso(asked))
    settings = msgspec.structs.replace(item.settings, interval=7 * 86_400.0)
    item = msgspec.structs.replace(item, state=state, settings=settings)
    gaps: dict[float, list[float]] = {}
    while (clock.now - asked).total_seconds() < 6 * 86_400:
        looked = look(item, means)
        gap = (looked.next_at - clock.now).total_seconds()
        gaps.setdefault(gap, []).append((clock.now - asked).total_seconds())
        item = msgspec.structs.replace(item, state=looked.state)
        clock.now = looked.next_at
    assert {gap: len(at) for gap, at in gaps.items()} == {30.0: 241, 300.0: 552, 86_400.0: 4}
    assert max(gaps[30.0]) == 7_200 and max(gaps[300.0]) <= 48 * 3600 < min(gaps[86_400.0])
