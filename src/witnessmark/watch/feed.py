"""What a feed or an index page lists: entries as a page to compare, and addresses to watch as well."""

from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from selectolax.lexbor import LexborHTMLParser

from witnessmark.watch.page import Block, Page

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/xml", "text/xml", "application/rdf+xml")
MOST_BYTES = 8 << 20
MOST_ENTRIES = 2_000
_NOT_PAGES = (".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".woff", ".woff2", ".xml")


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2].lower()


def _entries(data: bytes) -> list[Element] | None:
    """The entries of an RSS, RDF or Atom feed; None when it is none of them or does not parse."""
    if len(data) > MOST_BYTES:
        return None
    try:
        root = fromstring(data, forbid_dtd=False)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    if _local(root) not in ("rss", "rdf", "feed"):
        return None
    return [node for node in root.iter() if _local(node) in ("item", "entry")][:MOST_ENTRIES]


def _link(entry: Element) -> str:
    for child in entry:
        if _local(child) == "link" and child.get("rel", "alternate") == "alternate":
            return (child.get("href") or child.text or "").strip()
    return ""


def read_feed(data: bytes) -> Page | None:
    """The feed's entries as blocks (title and address), or None when it is no feed."""
    entries = _entries(data)
    if entries is None:
        return None
    blocks = []
    for entry in entries:
        title = next((child.text or "" for child in entry if _local(child) == "title"), "")
        text = " ".join(f"{title} {_link(entry)}".split())[:8_000]
        if text:
            blocks.append(Block(path="feed/entry", text=text))
    return Page(title="", blocks=tuple(blocks), password=False, sources=frozenset(), names="", feed=True)


def listed(data: bytes, base: str, most: int) -> tuple[str, ...]:
    """The addresses that a feed names, or that an index page links to below itself; same host only, at most `most`.

    An index page at /products/ lists what lies below /products/; its own address and files of its style do not count.
    """
    entries = _entries(data)
    if entries is not None:
        links = [_link(entry) for entry in entries]
        under = ""
    else:
        anchors = LexborHTMLParser(data[:MOST_BYTES]).css("a[href]")[:20_000]
        links = [node.attributes.get("href") or "" for node in anchors]
        under = urlsplit(base).path.rpartition("/")[0] + "/"
    found: dict[str, None] = {}
    for link in links:
        url = _resolved(base, link)
        parts = urlsplit(url)
        same_host = parts.netloc == urlsplit(base).netloc
        if same_host and url != urldefrag(base).url and parts.path.startswith(under) and not _is_style(parts.path):
            found[url] = None
        if len(found) >= most:
            break
    return tuple(found)


def _is_style(path: str) -> bool:
    return path.lower().endswith(_NOT_PAGES)


def _resolved(base: str, link: str) -> str:
    try:
        url = urldefrag(urljoin(base, link.strip())).url
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname and len(url) < 2_000 else ""
    except ValueError:
        return ""
