"""Make captured HTML and CSS look where the captured files lie, and nowhere else.

What keeps a replayed page from running or fetching anything is the policy it is served with. This only makes images
and styles appear, takes the targets out of links and forms, and takes scripts out so that they are not even refused.
"""

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

Place = Callable[[str], str]
"""From an address as the page means it (absolute) to where its captured copy is served."""

_URL = re.compile(r"""url\(\s*(?:"([^"\n]{0,8000})"|'([^'\n]{0,8000})'|([^"'()\s]{0,8000}))\s*\)""", re.IGNORECASE)
_IMPORT = re.compile(r"""@import\s+(?:"([^"\n]{0,8000})"|'([^'\n]{0,8000})')""", re.IGNORECASE)
_SHOWN = {
    "img": ("src",),
    "source": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "track": ("src",),
    "input": ("src",),
    "body": ("background",),
    "table": ("background",),
    "td": ("background",),
    "th": ("background",),
    "iframe": ("src",),
    "frame": ("src",),
    "image": ("href", "xlink:href"),
}
_KEPT_LINKS = ("stylesheet", "icon")
# A template may be a shadow tree that needs no script, in which links would reach out; nobody could see it otherwise.
_GONE = ("script", "base", "object", "embed", "applet", "portal", "template")
_DROPPED = (
    "ping",
    "action",
    "formaction",
    "srcdoc",
    "integrity",
    "crossorigin",
    "nonce",
    "manifest",
    "autofocus",
    "imagesrcset",
)


def rewritten_html(text: str, base: str, place: Place) -> str:
    """The page with every address that shows something placed, every link without a target, and no script."""
    tree = LexborHTMLParser(text)
    root = tree.root
    if root is None:
        return ""
    stated = next((str(node.attributes.get("href") or "") for node in tree.css("base")[:1]), "")
    base = _joined(base, stated)

    def found(address: str) -> str:
        address = address.strip()
        if not address or address.startswith(("#", "data:")):
            return address
        return place(_joined(base, address))

    doomed: list[LexborNode] = []
    for node in root.traverse():
        if node.tag in _GONE or (node.tag == "meta" and node.attributes.get("http-equiv") is not None):
            doomed.append(node)
        elif node.tag == "style":
            node.inner_html = rewritten_css(node.text(), base, place).replace("</", "<\\/")
        elif node.is_element_node:
            _element(node, base, found, place)
    for node in doomed:
        node.decompose()
    return tree.html or ""


def _element(node: LexborNode, base: str, found: Place, place: Place) -> None:
    given = dict(node.attributes)
    attrs = node.attrs
    for name in given:
        if name.startswith("on") or name in _DROPPED:
            del attrs[name]
    if given.get("style"):
        attrs["style"] = rewritten_css(str(given["style"]), base, place)
    if node.tag in ("a", "area"):
        _without_target(node, given, base)
    elif node.tag == "link":
        _link(node, given, found)
    elif node.tag not in _SHOWN:
        _without_link(node, given)
    for name in _SHOWN.get(node.tag or "", ()):
        if given.get(name):
            attrs[name] = found(str(given[name]))
    if given.get("srcset"):
        attrs["srcset"] = _srcset(str(given["srcset"]), found)


def _link(node: LexborNode, given: dict[str, str | None], found: Place) -> None:
    kinds = str(given.get("rel") or "").lower().split()
    if any(kind in _KEPT_LINKS for kind in kinds):
        node.attrs["href"] = found(str(given.get("href") or ""))
        node.attrs["rel"] = "stylesheet" if "stylesheet" in kinds else "icon"
    elif "href" in given:
        del node.attrs["href"]


def _without_link(node: LexborNode, given: dict[str, str | None]) -> None:
    """Anything in MathML may be a link; what SVG uses again lies in the page itself."""
    for name in ("href", "xlink:href"):
        if name in given and not str(given[name] or "").strip().startswith("#"):
            del node.attrs[name]


def _without_target(node: LexborNode, given: dict[str, str | None], base: str) -> None:
    for name in ("href", "xlink:href", "target", "download"):
        if name in given:
            del node.attrs[name]
    if given.get("href") and not given.get("title"):
        node.attrs["title"] = f"link to {_joined(base, str(given['href']))[:500]}"


def _srcset(value: str, found: Place) -> str:
    """The candidates of a `srcset`, placed. A comma inside an address must not be followed by a blank (HTML, 4.8.4)."""
    out = []
    for candidate in re.split(r",\s+|,(?=[a-z]+:|/)", value[:100_000])[:200]:
        address, _, size = candidate.strip().rstrip(",").partition(" ")
        if address:
            out.append(f"{found(address)} {size.strip()}".strip())
    return ", ".join(out)


def rewritten_css(text: str, base: str, place: Place) -> str:
    """A style sheet with the addresses in `url(…)` and `@import` placed."""

    def placed(address: str) -> str:
        address = address.strip()
        return address if not address or address.startswith(("#", "data:")) else place(_joined(base, address))

    def in_url(match: re.Match[str]) -> str:
        return f'url("{_quoted(placed(match[1] or match[2] or match[3] or ""))}")'

    def in_import(match: re.Match[str]) -> str:
        return f'@import "{_quoted(placed(match[1] or match[2] or ""))}"'

    return _IMPORT.sub(in_import, _URL.sub(in_url, text))


def _quoted(address: str) -> str:
    return address.replace("\\", "%5C").replace('"', "%22").replace("\n", "%0A").replace("<", "%3C")


def _joined(base: str, address: str) -> str:
    """An address as the page means it, without its fragment; as it stands where it cannot be made out."""
    try:
        return urljoin(base, address.strip()).partition("#")[0]
    except ValueError:
        return address.strip()


def same_address(url: str) -> str:
    """How an address is compared: scheme and host in small letters, an empty path as a slash, no fragment."""
    try:
        parts = urlsplit(url.strip().strip("<>"))
    except ValueError:
        return url.strip()
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path or '/'}{query}"
