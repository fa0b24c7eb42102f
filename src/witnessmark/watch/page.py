"""The text of a page as blocks, with what changes by itself taken out."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_BLOCKS = 20_000
MOST_BYTES = 16 << 20
_SKIP = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "link", "meta"})
_BLOCK_TAGS = """p h1 h2 h3 h4 h5 h6 li td th dt dd pre blockquote figcaption caption title option label summary article
section div main header footer nav aside form table tr ul ol dl body html a button"""
_BLOCK = frozenset(_BLOCK_TAGS.split())
# Advertising, consent and social boxes change by themselves on every site that has them.
_NOISE_NAME = re.compile(
    r"(?:^|[-_ ])(?:ads?|advert\w*|banner|cookie\w*|consent|gdpr|promo|sponsor\w*|recommend\w*|related|carousel|slider|"
    r"swiper|newsletter|subscribe|share|social|breadcrumb|toast|popup|modal|live-?chat|weather|clock|counter|visitor\w*)"
    r"(?:$|[-_ \d])",
    re.IGNORECASE,
)
# Dates, times, counters, hashes and nonces.
_VOLATILE = re.compile(r"\b[0-9a-f]{16,}\b|\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_-]{20,}\b|\d+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One run of text and where it stands in the page (tag path without positions)."""

    path: str
    text: str

    @property
    def key(self) -> str:
        """The text with numbers and tokens masked: what counts as the same block."""
        return _VOLATILE.sub("#", self.text).casefold()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page's title and blocks in order; `password` and `scripts` help to tell a wall from a page."""

    title: str
    blocks: tuple[Block, ...]
    password: bool
    scripts: int
    names: str

    @property
    def text(self) -> str:
        """All text, one block a line."""
        return "\n".join(block.text for block in self.blocks)

    def keys(self, volatile: frozenset[str] = frozenset()) -> Counter[str]:
        """How often each block stands there, without those known to change by themselves."""
        return Counter(block.key for block in self.blocks if block.path not in volatile)


def read_page(data: bytes) -> Page:
    """Parse HTML bytes (encoding from the page itself) into blocks. Never raises for bad HTML."""
    tree = LexborHTMLParser(data[:MOST_BYTES])
    title = tree.css_first("title")
    blocks: list[Block] = []
    if tree.body is not None:
        _walk(tree.body, blocks)
    ids = [node.attributes.get("id") or "" for node in tree.css("form,div,iframe,script[id]")[:400]]
    frames = [node.attributes.get("src") or "" for node in tree.css("iframe[src],script[src]")[:200]]
    return Page(
        title=" ".join((title.text() if title is not None else "").split())[:500],
        blocks=tuple(blocks),
        password=tree.css_first("input[type=password]") is not None,
        scripts=len(tree.css("script")),
        names=" ".join([*ids, *frames])[:20_000].casefold(),
    )


def _walk(root: LexborNode, blocks: list[Block]) -> None:
    """Gather text in document order without recursion; inline elements join the block they stand in."""
    stack: list[tuple[LexborNode, str, bool]] = [(root, "body", False)]
    pieces: list[str] = []
    pieces_path = "body"

    def flush() -> None:
        text = " ".join(" ".join(pieces).split())
        if text and len(blocks) < MOST_BLOCKS:
            blocks.append(Block(path=pieces_path, text=text[:8_000]))
        pieces.clear()

    while stack and len(blocks) < MOST_BLOCKS:
        node, path, leaving = stack.pop()
        if leaving:
            flush()
            continue
        tag = node.tag or ""
        if tag == "-text":
            if not pieces:
                pieces_path = path
            pieces.append(node.text(deep=False) or "")
            continue
        if tag in _SKIP or tag.startswith(("-", "_", "!")) or _is_noise(node):
            continue
        here = path
        if tag in _BLOCK and node is not root:
            flush()
            here = f"{path}/{_label(node, tag)}"[-300:]
            stack.append((node, path, True))
        stack.extend((child, here, False) for child in reversed(_children(node)))
    flush()


def _children(node: LexborNode) -> list[LexborNode]:
    return list(node.iter(include_text=True))


def _label(node: LexborNode, tag: str) -> str:
    name = node.attributes.get("id") or ""
    return f"{tag}#{name}" if name and not re.search(r"\d{3,}", name) else tag


def _is_noise(node: LexborNode) -> bool:
    if node.tag not in {"div", "section", "aside", "ul", "form", "iframe", "ins", "span", "nav"}:
        return False
    names = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}"
    return bool(names.strip()) and bool(_NOISE_NAME.search(names))


def volatile_paths(one: Page, other: Page) -> frozenset[str]:
    """Where two fetches of one page, moments apart, differ: those places change by themselves."""
    mine, theirs = Counter((b.path, b.key) for b in one.blocks), Counter((b.path, b.key) for b in other.blocks)
    return frozenset(path for path, _ in ((mine - theirs) + (theirs - mine)))


def share_kept(before: Counter[str], now: Counter[str]) -> float:
    """The share of the old text, by length, that is still there: 0 to 1."""
    whole = sum(len(key) * count for key, count in before.items())
    kept = sum(len(key) * count for key, count in (before & now).items())
    return kept / whole if whole else 1.0


def missing(blocks: Iterable[Block], now: Counter[str], volatile: frozenset[str]) -> list[Block]:
    """The blocks that `now` no longer has, in order, each as often as it is missing."""
    left = Counter(now)
    out = []
    for block in blocks:
        if block.path in volatile:
            continue
        if left[block.key] > 0:
            left[block.key] -= 1
        else:
            out.append(block)
    return out
