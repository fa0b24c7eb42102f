# ruff: noqa: E501
"""Harder transitions: pages that go sideways, notices inside the site's frame, whole sites that change at once."""

import re
from collections.abc import Iterator

from watch_transitions import HARD, Pages, Reply, Transition, frame, inner_of, noisy, site, text_of

from witnessmark.watch.page import read_page

GATES = (
    "<div><h1>Sign in to continue</h1><p>This page is for registered partners.</p><form><input name=user><input type=password><button>Go</button></form></div>",
    "<div><h2>请先登录</h2><p>登录后查看产品资料</p><form><input name=u><input type=password></form></div>",
    "<div><h1>Checking your browser</h1><p>This takes a few seconds.</p><script src=/guard/check.js></script></div>",
    "<div><p>This content is not available in your country.</p></div>",
    "<div><p>Dieser Inhalt ist in Ihrem Land nicht verfügbar.</p></div>",
    "<div><h1>您的访问过于频繁</h1><p>请完成验证后继续</p><div id=captcha-box></div></div>",
    "<div><h1>We value your privacy</h1><p>Please accept our terms first.</p><button>Accept all</button><button>Reject</button></div>",
    "<div><h1>Read on with a subscription</h1><p>Subscribe to continue.</p><button>Subscribe</button></div>",
)
LONG = "".join(
    f"<p>Article {n}: recorders, lenses and mounts that fit every wall, in all sizes and colours.</p>"
    for n in range(14)
)


def whole(pages: Pages, inner: str) -> str:
    """The old page with everything between its first heading and its footer replaced: a heavy frame stays."""
    html = re.sub(r"<!--.*?-->", "", pages.page, flags=re.DOTALL)
    head = re.search(r"<h1\b", html, re.IGNORECASE) or re.search(r"<p\b", html, re.IGNORECASE)
    foot = re.search(r"<footer\b|<div[^>]*(?:id|class)=[\"']?[^\"'>]*foot", html, re.IGNORECASE)
    if head is None:
        return frame(pages, inner)
    tail = html[foot.start() :] if foot is not None and foot.start() > head.start() else "</body></html>"
    return html[: head.start()] + inner_of(inner) + tail


def gone_aside(pages: Pages) -> Iterator[Transition]:
    """The page is gone and its address leads elsewhere on the site."""
    pages.files["/c/cameras.html"] = whole(pages, f"<h1>All cameras</h1>{LONG}")
    yield Transition(
        "removed", "redirect to a category aside", site(pages, lambda _n, _c: Reply(301, to="/c/cameras.html"))
    )
    pages.files["/products/other.html"] = whole(pages, f"<h1>Recorder 9</h1>{LONG}")
    yield Transition(
        "removed", "redirect to another product", site(pages, lambda _n, _c: Reply(302, to="/products/other.html"))
    )
    for path in pages.rng.sample(("/de/", "/zh-cn/index.html", "/en-US/home", "/pt_br/"), 1):
        pages.files[path] = frame(pages, f"<h1>Start</h1>{LONG}")
        yield Transition(
            "removed",
            "redirect to a front page of a language",
            site(pages, lambda _n, _c, path=path: Reply(302, to=path)),
        )  # type: ignore[misc]


def gone_in_frame(pages: Pages) -> Iterator[Transition]:
    """The page is gone, and most of what stands there is the site's frame."""
    rng = pages.rng
    words = rng.choice(pages.notices.gone)
    framed = whole(pages, words)
    empty = whole(pages, "<body><div id=content></div></body>")
    if len(text_of(empty)) > 0.5 * len(text_of(pages.page)):
        return  # no heavy frame: most of the page stands before its first heading or after its footer
    yield Transition("removed", "notice in a heavy frame", site(pages, lambda _n, _c: Reply(body=framed)))
    yield Transition(
        "removed",
        "the site's own 404 page with 200",
        site(pages, lambda _n, _c: Reply(body=framed), unknown=Reply(404, framed)),
    )
    form = "<form class=contact><input name=mail><div class=g-recaptcha id=recaptcha></div><button>Send</button></form>"
    with_form = framed.replace("</body>", f"{form}</body>")
    yield Transition(
        "removed",
        "404 page with a captcha in its form",
        site(pages, lambda _n, _c: Reply(404, with_form), unknown=Reply(404, with_form)),
    )
    yield Transition("removed", "emptied in a heavy frame", site(pages, lambda _n, _c: Reply(body=empty)))


def gate_in_frame(pages: Pages) -> Iterator[Transition]:
    """A gate inside the site's frame; random addresses get the site's own 404 page in the same frame."""
    gate = whole(pages, f"<body>{pages.rng.choice(GATES)}</body>")
    unknown = whole(pages, pages.rng.choice(pages.notices.gone))
    for status in (404, 200):
        yield Transition(
            "blocked",
            f"gate in the site's frame, random {status}",
            site(pages, lambda _n, _c: Reply(body=gate), unknown=Reply(status, unknown)),
        )
    wall = pages.rng.choice(pages.notices.wall)
    yield Transition(
        "blocked",
        "wall, this page, random 200",
        site(pages, lambda _n, _c: Reply(body=wall), unknown=Reply(200, unknown)),
    )
    yield Transition(
        "blocked",
        "wall with 404",
        site(
            pages,
            lambda _n, _c: Reply(
                404, f"<title>Access Denied</title>{inner_of(wall)}<p>Your request was blocked. Incident ID: 77</p>"
            ),
        ),
    )


def whole_site(pages: Pages) -> Iterator[Transition]:
    """All of the site at once; never to be called a removal of this page."""
    rng = pages.rng
    other = frame(pages, f"<h1>Our new house</h1>{LONG}")
    new = f"<html><head><title>New</title></head><body>{inner_of(other)}</body></html>"
    relaunch = Reply(body=new)
    yield Transition("unclear", "relaunch, all 404 but a new front", _front(pages, new, Reply(404, HARD)))
    yield Transition("unclear", "relaunch, all sent to the front", _front(pages, new, Reply(301, to="/")))
    yield Transition(
        "unclear", "one page for every address", site(pages, lambda _n, _c: relaunch, all_down=lambda _n, _c: relaunch)
    )
    for kind in ("parked", "maintenance", "wall", "gone"):
        notice = Reply(body=rng.choice(getattr(pages.notices, kind)))
        yield Transition(
            "unclear",
            f"{kind} on the whole site",
            site(pages, lambda _n, _c, r=notice: r, all_down=lambda _n, _c, r=notice: r),
        )  # type: ignore[misc]
    pages.files["/notice.html"] = rng.choice(pages.notices.gone)
    away = Reply(302, to="/notice.html")
    inner = site(pages, lambda _n, _c: away, unknown=away)
    before = site(pages, lambda _n, _c: away)
    yield Transition("unclear", "all but the front sent to a notice", lambda p, n, c: (inner if n else before)(p, n, c))


def _front(pages: Pages, new: str, rest: Reply):  # type: ignore[no-untyped-def]
    before = site(pages, lambda _n, _c: rest)

    def answer(path: str, number: int, client: str) -> Reply:
        if number == 0:
            return before(path, number, client)
        return Reply(body=new) if path == "/" else rest

    return answer


def sent_on(pages: Pages) -> Iterator[Transition]:
    """Sent elsewhere without being gone."""
    foreign = frame(
        pages,
        "<h1>Kamera</h1>"
        + "".join(
            f"<p>Absatz {n} erzählt von Linsen, Halterungen und Netzteilen in schlichten Worten.</p>" for n in range(14)
        ),
    )
    pages.files["/de/products/cameras/item.html"] = foreign
    yield Transition(
        "unclear",
        "sent to another language's page",
        site(pages, lambda _n, _c: Reply(302, to="/de/products/cameras/item.html")),
    )
    pages.files["/welcome"] = frame(
        pages, "<h1>Hello</h1><p>Before you go on, choose what suits you.</p><button>Go on</button>"
    )
    yield Transition(
        "blocked",
        "sent to a page that sends back",
        site(pages, lambda _n, _c: Reply(302, to="/welcome?return=/products/cameras/item.html")),
    )
    pages.files["/select-country"] = frame(
        pages,
        "<h1>Choose your country</h1><ul>" + "".join(f"<li>Country {n}</li>" for n in "abcdefghijklmnopq") + "</ul>",
    )
    yield Transition(
        "blocked", "sent to a choice of country", site(pages, lambda _n, _c: Reply(302, to="/select-country"))
    )
    place = pages.rng.random()

    def noise(_n: int, _c: str) -> Reply:
        return Reply(body=noisy(pages.page, pages.rng.__class__(place), "carousel", int(pages.rng.random() * 1e9)))

    inner = site(pages, noise)
    yield Transition(
        "same",
        "carousel after a 503",
        lambda p, n, c: (
            Reply(503, "") if n == 2 else (noise(n, c) if n == 0 and p.endswith("item.html") else inner(p, n, c))
        ),
    )


def own_left(pages: Pages, short: str) -> bool:
    """Whether anything is left that the site's front page does not have, too; else the page was emptied, not cut."""
    page, home, left = (read_page(html.encode("utf-8", "replace")).keys() for html in (pages.page, pages.home, short))
    return bool((page.keys() - home.keys()) & left.keys())


def replaced(pages: Pages) -> Iterator[Transition]:
    """The address lives on with something else: news, but no removal of a page."""
    other = whole(pages, f"<h1>Recorder 9</h1>{LONG}")
    yield Transition("section-removed", "another product, same address", site(pages, lambda _n, _c: Reply(body=other)))
    for share in (0.55, 0.7, 0.85):
        short = pages.page[: int(len(pages.page) * share)] + "</body></html>"
        if 0.4 <= len(text_of(short)) / len(text_of(pages.page)) <= 0.8 and own_left(pages, short):
            cut = Reply(body=short)
            yield Transition("section-removed", "the rest cut away", site(pages, lambda _n, _c, r=cut: r))  # type: ignore[misc]
            break
    old, small = (
        Reply(body="PK\x03\x04" + "x" * 5_000, media="application/zip"),
        Reply(body="PK\x03\x04", media="application/zip"),
    )
    inner = site(pages, lambda _n, _c: small)
    yield Transition(
        "changed",
        "file replaced by a smaller one",
        lambda p, n, c: old if n == 0 and p.endswith("item.html") else inner(p, n, c),
    )
