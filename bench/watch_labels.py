"""What became of a page: one function a label, each giving a labelled transition."""

import random
from collections.abc import Iterator
from zlib import crc32

from watch_hard import gate_in_frame, gone_aside, gone_in_frame, replaced, sent_on, whole_site
from watch_transitions import (
    HARD,
    NOISE,
    OWN,
    TARGET,
    Notices,
    Pages,
    Reply,
    Transition,
    body_put,
    cut_section,
    frame,
    noisy,
    paragraphs,
    reword,
    site,
)


def same(pages: Pages) -> Iterator[Transition]:
    kinds = pages.rng.sample(NOISE, 2)
    for kind in kinds:
        place = pages.rng.random()

        def page(number: int, client: str, kind: str = kind, place: float = place) -> Reply:
            seed = crc32(f"{number} {client} {pages.rng.random()}".encode())
            return Reply(body=noisy(pages.page, random.Random(place), kind, seed))

        answer = site(pages, page)

        def always(path: str, number: int, client: str, page=page, answer=answer) -> Reply:  # type: ignore[no-untyped-def]
            return page(number, client) if path == TARGET else answer(path, number, client)

        yield Transition("same", kind, always)


def section(pages: Pages) -> Iterator[Transition]:
    cut = cut_section(pages.page, pages.rng)
    if cut is not None:
        less, gone = cut
        yield Transition("section-removed", "section", site(pages, lambda _n, _c: Reply(body=less)), gone)
        place = pages.rng.random()
        before = noisy(pages.page, random.Random(place), "advertisement", 1)

        def noisy_cut(path: str, number: int, client: str) -> Reply:
            if path != TARGET:
                return site(pages, lambda _n, _c: Reply())(path, number, client)
            html = less if number else pages.page
            return Reply(
                body=noisy(
                    html,
                    random.Random(place),
                    "advertisement",
                    crc32(f"{number} {client} {pages.rng.random()}".encode()),
                )
            )

        if before:
            yield Transition("section-removed", "section beside an advertisement", noisy_cut, gone)


def changed(pages: Pages) -> Iterator[Transition]:
    other = reword(pages.page, pages.rng)
    if other is not None:
        yield Transition("changed", "reworded", site(pages, lambda _n, _c: Reply(body=other)))
    more = body_put(
        pages.page, "<p>This model now also comes with a heated cover for cold places.</p>", where=pages.rng.random()
    )
    yield Transition("changed", "added", site(pages, lambda _n, _c: Reply(body=more)))


def moved(pages: Pages) -> Iterator[Transition]:
    pages.files["/archive/item.html"] = pages.page
    yield Transition("moved", "301", site(pages, lambda _n, _c: Reply(301, to="/archive/item.html")))


def removed(pages: Pages) -> Iterator[Transition]:
    rng = pages.rng
    words = rng.choice(pages.notices.gone)
    plain, framed = words if "<body" in words else f"<html><body>{words}</body></html>", frame(pages, words)
    yield Transition("removed", "404", site(pages, lambda _n, _c: Reply(404, rng.choice((plain, framed, HARD)))))
    yield Transition("removed", "410", site(pages, lambda _n, _c: Reply(410, "")))
    yield Transition("removed", "redirect home", site(pages, lambda _n, _c: Reply(302, to="/")))
    pages.files["/products/"] = (
        "<html><body><h1>Products</h1><ul><li>Recorders and switches</li><li>Lenses and mounts</li></ul></body></html>"
    )
    yield Transition("removed", "redirect above", site(pages, lambda _n, _c: Reply(301, to="/products/")))
    soft = rng.choice((plain, framed))
    yield Transition(
        "removed", "soft 404, random too", site(pages, lambda _n, _c: Reply(body=soft), unknown=Reply(body=soft))
    )
    yield Transition("removed", "soft 404, this page only", site(pages, lambda _n, _c: Reply(body=framed)))
    pages.files["/error"] = soft
    yield Transition(
        "removed",
        "redirect to an error page",
        site(pages, lambda _n, _c: Reply(302, to="/error"), unknown=Reply(302, to="/error")),
    )
    empty = rng.choice(("", "<html><body></body></html>", frame(pages, "<div class=content></div>")))
    yield Transition("removed", "emptied", site(pages, lambda _n, _c: Reply(body=empty)))


def files(pages: Pages) -> Iterator[Transition]:
    old, new = (
        Reply(body="PK\x03\x04 old", media="application/zip"),
        Reply(body="PK\x03\x04 new bytes", media="application/zip"),
    )
    gone = pages.rng.choice(
        (Reply(404, HARD), Reply(body=frame(pages, pages.rng.choice(pages.notices.gone))), Reply(302, to="/"))
    )
    wall = Reply(body=pages.rng.choice((*pages.notices.wall, *pages.notices.login)))
    rows = (
        ("changed", "file replaced", new),
        ("removed", "file withdrawn", gone),
        ("blocked", "wall before a file", wall),
        ("same", "file", old),
    )
    for label, kind, now in rows:
        inner = site(pages, lambda _n, _c, now=now: now)
        yield Transition(label, kind, lambda p, n, c, i=inner: old if p == TARGET and n == 0 else i(p, n, c))  # type: ignore[misc]


def blocked(pages: Pages) -> Iterator[Transition]:
    rng = pages.rng
    wall = rng.choice(pages.notices.wall).replace("{host}", "site.example").replace("{{", "{").replace("}}", "}")
    status = rng.choice((200, 200, 200, 403, 429))
    passes = rng.random() < 0.5

    def walled(_n: int, client: str) -> Reply:
        return Reply(body=pages.page) if client == "browser" and passes else Reply(status, wall)

    yield Transition(
        "blocked",
        "wall, whole site",
        site(pages, walled, all_down=walled if not passes else lambda n, c: None if c == "browser" else walled(n, c)),
    )
    yield Transition("blocked", "wall, this page", site(pages, walled))
    inside = site(pages, walled, unknown=Reply(status, wall))
    before = site(pages, walled)
    yield Transition("blocked", "wall, all but the front page", lambda p, n, c: (inside if n else before)(p, n, c))
    yield Transition("blocked", "403", site(pages, lambda _n, _c: Reply(403, "<h1>Forbidden</h1>")))
    yield Transition("blocked", "451", site(pages, lambda _n, _c: Reply(451, "")))
    login = rng.choice(pages.notices.login)
    yield Transition("blocked", "login", site(pages, lambda _n, _c: Reply(body=login)))
    pages.files["/account/login"] = login
    yield Transition(
        "blocked",
        "redirect to login",
        site(pages, lambda _n, _c: Reply(302, to="/account/login"), unknown=Reply(302, to="/account/login")),
    )
    yield Transition(
        "blocked",
        "404 for us, not for browsers",
        site(pages, lambda _n, c: Reply(body=pages.page) if c == "browser" else Reply(404, HARD)),
    )


def unreachable(pages: Pages) -> Iterator[Transition]:
    rng = pages.rng
    failure = rng.choice(("dns", "connect", "tls", "timeout", "protocol"))
    yield Transition(
        "unreachable",
        "no answer",
        site(pages, lambda _n, _c: Reply(failure=failure), all_down=lambda _n, _c: Reply(failure=failure)),
    )
    status = rng.choice((500, 502, 503, 504))
    yield Transition("unreachable", "5xx", site(pages, lambda _n, _c: Reply(status, "<h1>Error</h1>")))
    notice = rng.choice(pages.notices.maintenance)
    yield Transition(
        "unreachable",
        "maintenance, 200",
        site(pages, lambda _n, _c: Reply(body=notice), all_down=lambda _n, _c: Reply(body=notice)),
    )
    yield Transition(
        "unclear",
        "404 on the whole site",
        site(pages, lambda _n, _c: Reply(404, HARD), all_down=lambda _n, _c: Reply(404, HARD)),
    )
    yield Transition(
        "same", "404 for two looks", site(pages, lambda n, _c: Reply(404, HARD) if n < 3 else Reply(body=pages.page))
    )


LABELS = (same, section, changed, moved, removed, files, blocked, unreachable)
HARDER = (*LABELS, gone_aside, gone_in_frame, gate_in_frame, whole_site, sent_on, replaced)


def transitions(
    rows: list[tuple[str, str, str, str]], rng: random.Random, notices: Notices = OWN, *, harder: bool = False
) -> Iterator[Transition]:
    """All labels over the pages in turn: two kinds of label a page, so that pages vary more than kinds."""
    labels = HARDER if harder else LABELS
    for number, (name, page, home, other) in enumerate(rows):
        for make in (labels[number % len(labels)], labels[(number + 3) % len(labels)]):
            pages = Pages(page, home, other, random.Random(rng.random()), notices)
            for item in make(pages):
                item.source = name
                yield item


__all__ = ["paragraphs", "transitions"]
