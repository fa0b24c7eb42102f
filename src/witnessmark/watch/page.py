"""The text of a page as blocks, with what changes by itself taken out."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_BLOCKS = 20_000
MOST_BYTES = 16 << 20
NOISE_TEXT = 600  # characters
MOST_ASIDE = 200  # boxes
OWN = 60  # characters: less text of a page's own tells nothing
_SKIP = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "link", "meta"})
_BLOCK_TAGS = """p h1 h2 h3 h4 h5 h6 li td th dt dd pre blockquote figcaption caption title option label summary article
section div main header footer nav aside form table tr ul ol dl body html"""
_BLOCK = frozenset(_BLOCK_TAGS.split())
# Links and buttons stand for themselves in a bar of them, and belong to the sentence in a paragraph.
_BAR = frozenset({"div", "nav", "header", "footer", "section", "aside", "main", "article", "body", "form"})
_BROUGHT = "script,iframe,object,embed,img,video"
_ASKS = "input:not([type=hidden]):not([type=search]), button, select, textarea"
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

    @cached_property
    def key(self) -> str:
        """The text with numbers and tokens masked: what counts as the same block."""
        return _VOLATILE.sub("#", self.text).casefold()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page's title and blocks in order.

    `password`, `names` and `sources` help to tell a wall from a page: `sources` are its scripts
    and what it shows that is no text of its own (frames, documents, pictures), by address or digest.
    `asks` counts what a visitor is asked to fill in or to press. A feed's blocks are its entries. `aside` is the text
    of boxes that change by themselves: never compared, but read when it is asked what stands in the page's place.
    """

    title: str
    blocks: tuple[Block, ...]
    password: bool
    sources: frozenset[str]
    names: str
    asks: int = 0
    feed: bool = False
    aside: tuple[Block, ...] = ()

    @property
    def whole(self) -> tuple[Block, ...]:
        """All blocks, those in boxes that change by themselves at the end: a gate may stand in one."""
        return (*self.blocks, *self.aside)

    @property
    def text(self) -> str:
        """All text, one block a line."""
        return "\n".join(block.text for block in self.blocks)

    def keys(self) -> Counter[str]:
        """How often each block stands there."""
        return Counter(block.key for block in self.blocks)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a page lost and gained, in order, and the share of the old text, by length, that is still there.

    `own` is that share of the text that not every page of the site has. Menus and footers can be most of a page's text,
    and are left when the page is gone. None where the page had hardly any text of its own, or the site is not known.
    """

    gone: tuple[Block, ...]
    come: tuple[Block, ...]
    kept: float
    own: float | None = None


def read_page(data: bytes) -> Page:
    """Parse HTML bytes (encoding from the page itself) into blocks. Never raises for bad HTML."""
    tree = LexborHTMLParser(data[:MOST_BYTES])
    title = tree.css_first("title")
    blocks: list[Block] = []
    aside: list[Block] = []
    if tree.body is not None:
        _walk(tree.body, blocks, aside)
    ids = [node.attributes.get("id") or "" for node in tree.css("form,div,iframe,script[id]")[:400]]
    frames = [node.attributes.get("src") or "" for node in tree.css("iframe[src],script[src]")[:200]]
    return Page(
        title=" ".join((title.text() if title is not None else "").split())[:500],
        blocks=tuple(blocks),
        password=tree.css_first("input[type=password]") is not None,
        sources=frozenset(_source(node) for node in tree.css(_BROUGHT)[:1_000]),
        asks=len(tree.css(_ASKS)),
        names=" ".join([*ids, *frames])[:20_000].casefold(),
        aside=tuple(aside),
    )


def _source(node: LexborNode) -> str:
    given = node.attributes
    address = (given.get("src") or given.get("data") or given.get("data-src") or "").partition("?")[0]
    if 0 < len(address) < 500:
        return address
    said = address or given.get("srcdoc") or node.text() or ""
    return sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def _walk(root: LexborNode, blocks: list[Block], aside: list[Block]) -> None:
    """Gather text in document order without recursion; inline elements join the block they stand in. What stands in
    boxes that change by themselves is put aside."""
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
        if tag in _SKIP or tag.startswith(("-", "_", "!")):
            continue
        if _is_noise(node):
            _put_aside(node, aside)
            continue
        here = path
        alone = tag in ("a", "button") and node.parent is not None and node.parent.tag in _BAR
        if (tag in _BLOCK or alone) and node is not root:
            flush()
            here = f"{path}/{_label(node, tag)}"[-300:]
            stack.append((node, path, True))
        stack.extend((child, here, False) for child in reversed(_children(node)))
    flush()


def _put_aside(node: LexborNode, aside: list[Block]) -> None:
    text = " ".join(node.text(separator=" ").split())
    if text and len(aside) < MOST_ASIDE:
        aside.append(Block(path="aside", text=text[:NOISE_TEXT]))


def _children(node: LexborNode) -> list[LexborNode]:
    return list(node.iter(include_text=True))


def _label(node: LexborNode, tag: str) -> str:
    name = node.attributes.get("id") or ""
    return f"{tag}#{name}" if name and not re.search(r"\d{3,}", name) else tag


def _is_noise(node: LexborNode) -> bool:
    """A small box whose name says that it changes by itself. A long one, or one with a heading of its own, is content
    whatever its name: leaving that out would hide a removal."""
    if node.tag not in {"div", "section", "aside", "ul", "form", "iframe", "ins", "span", "nav"}:
        return False
    names = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}"
    if not names.strip() or not _NOISE_NAME.search(names):
        return False
    return node.css_first("h1, h2, h3") is None and len(node.text(deep=True)) < NOISE_TEXT


Slots = Mapping[str, int]
"""Places that change by themselves, and how many blocks of each: one place is a path and the block before it."""


def volatile_slots(one: Page, other: Page, *, replaced_only: bool = False) -> dict[str, int]:
    """Where two fetches of one page, moments apart, differ: those places change by themselves.

    With `replaced_only`, only where both have something, and not the same.

    A place is narrow on purpose. A whole path would hide a removed paragraph behind a changing one beside it.
    """
    sides: list[Counter[str]] = []
    for page, against in ((one, other), (other, one)):
        side: Counter[str] = Counter()
        for anchor, run in _runs(page.blocks, against.keys()):
            for path, count in Counter(block.path for block in run).items():
                side[_slot(anchor, path)] = max(side[_slot(anchor, path)], count)
        sides.append(side)
    return dict(sides[0] & sides[1] if replaced_only else sides[0] | sides[1])


def compare(old: Page, new: Page, volatile: Slots, around: Sequence[Page] = ()) -> Difference:
    """What changed between two looks, but for what is known to change by itself. `around`: other pages of the site."""
    mine, theirs = old.keys(), new.keys()
    gone, excused = _unexpected(old.blocks, theirs, volatile)
    come, _ = _unexpected(new.blocks, mine, volatile)
    frame = frozenset(block.key for page in around for block in page.blocks)
    own = _share(old.blocks, gone, excused, frame)
    return Difference(
        gone=tuple(gone),
        come=tuple(come),
        kept=round(_share(old.blocks, gone, excused, frozenset())[0], 3),
        own=round(own[0], 3) if frame and own[1] >= OWN else None,
    )


def _share(
    blocks: Sequence[Block], gone: Sequence[Block], excused: Sequence[Block], without: frozenset[str]
) -> tuple[float, int]:
    """How much of some text is left, 0 to 1, and how long it was."""
    whole, lost, aside = (
        sum(len(block.key) for block in some if block.key not in without) for some in (blocks, gone, excused)
    )
    return (1 - lost / (whole - aside) if whole > aside else 1.0), whole - aside


def share_kept(before: Counter[str], now: Counter[str]) -> float:
    """The share of the old text, by length, that is still there: 0 to 1."""
    whole = sum(len(key) * count for key, count in before.items())
    kept = sum(len(key) * count for key, count in (before & now).items())
    return kept / whole if whole else 1.0


def _unexpected(blocks: Sequence[Block], there: Counter[str], volatile: Slots) -> tuple[list[Block], list[Block]]:
    """Blocks that are not there, in order; and those that are excused because their place changes by itself."""
    odd: list[Block] = []
    excused: list[Block] = []
    for anchor, run in _runs(blocks, there):
        left: Counter[str] = Counter()
        for block in run:
            slot = _slot(anchor, block.path)
            left[slot] += 1
            (excused if left[slot] <= volatile.get(slot, 0) else odd).append(block)
    return odd, excused


def _runs(blocks: Sequence[Block], there: Counter[str]) -> list[tuple[str, list[Block]]]:
    """Stretches of blocks that are missing there, each with the key of the last block before it that is not."""
    left, runs = Counter(there), list[tuple[str, list[Block]]]()
    anchor, open_run = "", False
    for block in blocks:
        if left[block.key] > 0:
            left[block.key] -= 1
            anchor, open_run = block.key, False
        elif open_run:
            runs[-1][1].append(block)
        else:
            runs.append((anchor, [block]))
            open_run = True
    return runs


def _slot(anchor: str, path: str) -> str:
    return sha256(f"{path}\n{anchor}".encode("utf-8", "replace")).hexdigest()[:16]
