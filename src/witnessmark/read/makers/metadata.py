"""Maintainers, vendors, authors and suppliers in the metadata of packages, and in bills of materials."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from witnessmark.blob import Blob
from witnessmark.model.maker import MakerMark

MOST_READ = 4 << 20
MOST_DEPTH = 40
_FIELDS = {
    "control": (MakerMark.PACKAGE, ("maintainer", "vendor", "origin")),
    "metadata": (MakerMark.PACKAGE, ("author", "maintainer")),
    "pkg-info": (MakerMark.PACKAGE, ("author", "maintainer")),
    "manifest.mf": (MakerMark.MANIFEST, ("implementation-vendor", "specification-vendor", "bundle-vendor")),
}
_FIELD = re.compile(r"^([A-Za-z][A-Za-z-]{2,40}):[ \t]*(.{1,400})$", re.MULTILINE)
_ADDRESS = re.compile(r"\s*[<(].*\Z")
_SPDX_LINE = re.compile(r"^(?:PackageSupplier|PackageOriginator):\s*Organization:\s*(.{1,200})$", re.MULTILINE)
_SUPPLIERS = frozenset(
    ("supplier", "manufacturer", "manufacture", "publisher", "originator", "suppliedBy", "originatedBy")
)


def names_in(blob: Blob, name: str) -> Iterator[tuple[str, MakerMark]]:
    """The makers in a file that by its name is package metadata, or by its first bytes a bill of materials."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    if base in _FIELDS:
        mark, wanted = _FIELDS[base]
        yield from _fields(_text(blob, 64 << 10), mark, wanted)
    elif base == "package.json":
        yield from _package_json(blob)
    elif base.endswith((".spdx", ".cdx.json", ".spdx.json", "bom.json", "sbom.json")):
        yield from _bill(blob)


def _text(blob: Blob, most: int) -> str:
    return blob.read(0, most).decode("utf-8", "replace")


def _fields(text: str, mark: MakerMark, wanted: tuple[str, ...]) -> Iterator[tuple[str, MakerMark]]:
    for field, value in _FIELD.findall(text.replace("\r\n", "\n")):
        if field.lower() in wanted:
            yield _ADDRESS.sub("", value), mark


def _document(blob: Blob) -> Any:
    if blob.size > MOST_READ:
        return None
    try:
        return msgspec.json.decode(blob.read())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # not JSON: it names nobody


def _package_json(blob: Blob) -> Iterator[tuple[str, MakerMark]]:
    document = _document(blob)
    author = document.get("author") if isinstance(document, dict) else None
    name = author.get("name") if isinstance(author, dict) else author
    if isinstance(name, str):
        yield _ADDRESS.sub("", name), MakerMark.PACKAGE


def _bill(blob: Blob) -> Iterator[tuple[str, MakerMark]]:
    if blob.read(0, 200).lstrip(b"\xef\xbb\xbf \r\n").startswith(b"SPDXVersion:"):
        for name in _SPDX_LINE.findall(_text(blob, MOST_READ)):
            yield name, MakerMark.SUPPLIER
        return
    document = _document(blob)
    if isinstance(document, dict) and ("bomFormat" in document or "spdxVersion" in document or "@graph" in document):
        yield from _suppliers(document, 0)


def _suppliers(node: Any, depth: int) -> Iterator[tuple[str, MakerMark]]:
    if depth > MOST_DEPTH:
        return
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _SUPPLIERS:
                name = value.get("name") if isinstance(value, dict) else value
                if isinstance(name, str) and name.upper() not in ("NOASSERTION", "NONE"):
                    yield _ADDRESS.sub("", name.removeprefix("Organization:").strip()), MakerMark.SUPPLIER
            yield from _suppliers(value, depth + 1)
    elif isinstance(node, list):
        for item in node:
            yield from _suppliers(item, depth + 1)
