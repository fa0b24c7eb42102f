"""XML lists: parsed without entities or external parts, an element that is not known refused."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from witnessmark.screen.loader import HINT, ListRefused, text_of


def root_of(data: bytes, what: str) -> Element:
    """The root element, namespaces dropped. Raises ListRefused for a page, another encoding or a cut-off file."""
    text_of(data, what)
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ListRefused(f"{what}: {error}; the file may be cut off", hint=HINT) from error
    for node in root.iter():
        if isinstance(node.tag, str):
            node.tag = node.tag.rsplit("}", 1)[-1]
    return root


def only_known(node: Element, known: Iterable[str], what: str) -> None:
    """Raises ListRefused when a child element is not among the known ones."""
    unknown = sorted({child.tag for child in node if isinstance(child.tag, str)} - set(known))
    if unknown:
        raise ListRefused(f"{what}: unknown element {unknown[0]}", hint=HINT)


def text_at(node: Element, path: str) -> str:
    """The text at a path, white space folded; empty when there is none."""
    return " ".join((node.findtext(path) or "").split())
