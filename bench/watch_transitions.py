# ruff: noqa: E501
"""Labelled transitions of real pages: what a small site answers before and after. The pages come from a folder that
the user names (packages' documentation, saved sites); none is kept here."""

import itertools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser
from watch_templates import LOGINS, MAINTENANCE, NOT_FOUND, PARKED, WALLS

HOST = "http://site.example"
TARGET = "/products/cameras/item.html"


@dataclass(frozen=True)
class Reply:
    """One answer of the site; `failure` instead of one."""

    status: int = 200
    body: str = ""
    to: str = ""  # redirect
    media: str = "text/html"
    failure: str = ""


Answer = Callable[[str, int, str], Reply]
"""(path, number of the look, client: plain or browser) -> Reply"""


@dataclass
class Transition:
    """`label` is what became of the page; `gone` are texts that must be named as removed."""

    label: str
    kind: str
    site: Answer
    gone: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Notices:
    """What stands where a page was, by kind: this bench's own templates, or those of a folder."""

    gone: tuple[str, ...] = NOT_FOUND
    wall: tuple[str, ...] = WALLS
    login: tuple[str, ...] = LOGINS
    maintenance: tuple[str, ...] = MAINTENANCE
    parked: tuple[str, ...] = PARKED


OWN = Notices()


def load_notices(folder: Path | None) -> Notices:
    """From folders gone, wall, login, maintenance and parked with HTML files each; our own where one is missing."""
    if folder is None:
        return OWN
    found = {kind: texts_of(folder / kind) or getattr(OWN, kind) for kind in Notices.__dataclass_fields__}
    return Notices(**found)


def texts_of(folder: Path) -> tuple[str, ...]:
    texts = (path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.html")))
    return tuple(re.sub(r'charset=["\']?[\w-]+', "charset=utf-8", text) for text in texts)


@dataclass
class Pages:
    """A page, its neighbours and the random numbers for one transition."""

    page: str
    home: str
    other: str
    rng: random.Random
    notices: Notices = field(default_factory=Notices)
    files: dict[str, str] = field(default_factory=dict)


HARD = "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>The requested URL was not found on this server.</p></body></html>"


def site(
    pages: Pages,
    target: Callable[[int, str], Reply],
    *,
    unknown: Reply | None = None,
    all_down: Callable[[int, str], Reply | None] = lambda _n, _c: None,
) -> Answer:
    """A site whose front page and other pages go on, while the target answers as `target` says from look 1 on."""

    def answer(path: str, number: int, client: str) -> Reply:
        down = all_down(number, client) if number else None
        if down is not None:
            return down
        if path == TARGET:
            return target(number, client) if number else Reply(body=pages.page)
        if path == "/":
            return Reply(body=pages.home)
        if path in pages.files:
            return Reply(body=pages.files[path])
        return unknown or Reply(404, HARD)

    return answer


def text_of(html: str) -> str:
    tree = LexborHTMLParser(html)
    return tree.body.text(separator=" ", strip=True) if tree.body else ""


def load(folder: Path, rng: random.Random, count: int) -> list[tuple[str, str, str, str]]:
    """(name, page, home, other) of pages with some text, from as many folders as there are."""
    by_top: dict[str, list[Path]] = {}
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.htm")]):
        if 3_000 <= path.stat().st_size <= 250_000 and not path.is_symlink():
            by_top.setdefault(path.relative_to(folder).parts[0], []).append(path)
    tops = [top for top in sorted(by_top) if len(by_top[top]) >= 3]
    chosen = []
    while len(chosen) < count:
        top = tops[len(chosen) % len(tops)]
        names = rng.sample(by_top[top], 3)
        page, home, other = (path.read_text("utf-8", "replace") for path in names)
        # Offline copies name their encoding; here they are served as UTF-8.
        page, home, other = (re.sub(r'charset=["\']?[\w-]+', "charset=utf-8", html) for html in (page, home, other))
        if len(text_of(page)) >= 1_200 and len(text_of(home)) >= 200:
            chosen.append((str(names[0].relative_to(folder)), page, home, other))
    return chosen


def body_put(html: str, piece: str, *, where: float = 0.0) -> str:
    """Insert a piece of HTML at the start, the end or beside a paragraph of the body."""
    places = [m.end() for m in re.finditer(r"</(?:p|ul|ol|table|pre|h[1-4])>", html)]
    if not places or where == 0.0:
        match = re.search(r"<body[^>]*>", html)
        at = match.end() if match else 0
    else:
        at = places[min(len(places) - 1, int(where * len(places)))]
    return html[:at] + piece + html[at:]


def noisy(html: str, rng: random.Random, kind: str, seed: int) -> str:
    """The page with something that changes at each look."""
    own = random.Random(seed)
    words = [
        "red",
        "blue",
        "fast",
        "quiet",
        "summer",
        "winter",
        "offer",
        "news",
        "lens",
        "cable",
        "gift",
        "travel",
        "music",
    ]
    some = " ".join(own.sample(words, 5))
    where = rng.random()
    if kind == "nonce":
        return body_put(
            html,
            f"<input type=hidden name=csrf value={own.random()}><p>Request {own.getrandbits(128):032x}</p>",
            where=where,
        )
    if kind == "date":
        return body_put(
            html,
            f"<p>Today is {own.randint(1, 28)}/{own.randint(1, 12)}/2026, {own.randint(0, 23)}:{own.randint(10, 59)}</p>",
            where=where,
        )
    if kind == "month name":
        months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
        return body_put(html, f"<p>Page generated on {own.choice(months)} {own.randint(1, 28)}</p>", where=where)
    if kind == "counter":
        return body_put(html, f"<span>{own.randint(1000, 99999)} visitors online</span>", where=where)
    if kind == "advertisement":
        return body_put(html, f"<div><p>{some}</p><a href=/x>{own.choice(words)} now</a></div>", where=where)
    if kind == "carousel":
        slides = [f"<li>{a} slide about {b}</li>" for a, b in itertools.pairwise(words)][:6]
        own.shuffle(slides)
        return body_put(html, f"<ul class=slides>{''.join(slides)}</ul>", where=where)
    if kind == "A/B block":
        block = ("<p>Ask our experts for a quote today.</p>", "<p>Download the catalogue and compare.</p>")[
            own.random() < 0.5
        ]
        return body_put(html, block, where=where)
    if kind == "consent":
        banner = "<div class=cmp-layer><p>We value your privacy. This site uses small files to remember you.</p><button>Accept all</button></div>"
        return body_put(html, banner) if own.random() < 0.5 else html
    return html


NOISE = ("nonce", "date", "month name", "counter", "advertisement", "carousel", "A/B block", "consent")


def cut_section(html: str, rng: random.Random) -> tuple[str, tuple[str, ...]] | None:
    """The page without one of its own sections, and the texts that went with it."""
    heads = list(re.finditer(r"<h([2-4])\b[^>]*>", html, re.IGNORECASE))
    rng.shuffle(heads)
    whole = len(text_of(html))
    for head in heads:
        following = [
            m.start() for m in re.finditer(rf"<h[1-{head[1]}]\b", html, re.IGNORECASE) if m.start() > head.start()
        ]
        if not following:
            continue
        section = html[head.start() : following[0]]
        if section.count("<div") != section.count("</div") or section.count("<section") != section.count("</section"):
            continue
        text = text_of(section)
        texts = [
            node.text(strip=True) for node in LexborHTMLParser(section).css("p") if len(node.text(strip=True)) > 40
        ]
        if 60 <= len(text) <= whole * 0.4 and texts:
            return html[: head.start()] + html[following[0] :], tuple(texts)
    return None


def paragraphs(html: str) -> list[re.Match[str]]:
    return [m for m in re.finditer(r"<p>([^<]{60,600})</p>", html)]


def reword(html: str, rng: random.Random) -> str | None:
    """One paragraph with some of its words replaced."""
    found = paragraphs(html)
    if not found:
        return None
    match = rng.choice(found)
    words = match[1].split()
    for place in rng.sample(range(len(words)), max(1, len(words) // 8)):
        words[place] = "otherwise"
    return html[: match.start(1)] + " ".join(words) + html[match.end(1) :]


def frame(pages: Pages, inner: str) -> str:
    """A page in the site's own frame: what the target and another page of the site have in common, around `inner`."""
    ours, theirs = LexborHTMLParser(pages.page), text_of(pages.other)
    keep = [
        node.html or ""
        for node in ours.css(
            "nav, header, footer, .nav, .header, .footer, .navheader, .navfooter, #header, #footer, .related, .sphinxsidebar"
        )
        if len(node.text(strip=True)) > 3 and node.text(strip=True)[:20] in theirs
    ]
    title = re.search(r"<title[^>]*>.*?</title>", inner, re.DOTALL | re.IGNORECASE)
    body = inner_of(inner)
    return f"<html><head>{title[0] if title else ''}</head><body>{''.join(keep[:2])}{body}{''.join(keep[2:4])}</body></html>"


def inner_of(html: str) -> str:
    """What stands between the body's tags, or all but the head."""
    match = re.search(r"<body[^>]*>(.*?)(?:</body>|$)", html, re.DOTALL | re.IGNORECASE)
    return match[1] if match else re.sub(r"<(title|head)\b.*?</\1>", "", html, flags=re.DOTALL | re.IGNORECASE)


__all__ = ["HARD", "HOST", "NOISE", "OWN", "TARGET", "Notices", "Pages", "Reply", "Transition", "load_notices", "site"]
