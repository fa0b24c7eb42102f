"""Names of makers and suppliers in a bill of materials (CycloneDX, SPDX) or in a scan report."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from witnessmark.errors import UsageError
from witnessmark.screen.makers import Makers

MOST_NAMES = 20_000
MOST_DEPTH = 60


class NamedParty(NamedTuple):
    """A name, and where in the document it stands."""

    name: str
    place: str


_PERSON_OR_ORG = re.compile(r"\s*(Organization|Person|Tool):\s*(?P<name>[^(]+?)\s*(\([^)]*\))?\s*\Z")
_CYCLONEDX = {"supplier", "manufacturer", "manufacture", "publisher", "author", "authors", "provider"}
_SPDX = {
    "supplier",
    "originator",
    "PackageSupplier",
    "PackageOriginator",
    "suppliedBy",
    "originatedBy",
    "createdBy",
    "creators",
}
_SCAN = {
    "publisher",
    "company",
    "company_name",
    "signer",
    "subject_organization",
    "organization",
    "vendor",
    "oui_vendor",
    "fcc_grantee",
    "issued_to",
}


def names_in(data: bytes, file_name: str, makers: Makers | None = None) -> tuple[NamedParty, ...]:
    """All makers and suppliers that a document names, each once, in order. Raises UsageError for another file."""
    if data[:200].lstrip().startswith((b"SPDXVersion:", b"\xef\xbb\xbfSPDXVersion:")):
        return _unique(_tag_value(data))
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{file_name} is neither JSON nor SPDX text: {error}",
            hint="Give a CycloneDX or SPDX file, or `scan --json` output.",
        ) from error
    if not isinstance(document, dict):
        raise UsageError(f"{file_name} is not a bill of materials or a scan report")
    if document.get("bomFormat") == "CycloneDX":
        return _unique((*_walk(document, _CYCLONEDX, "$", 0), *_coded(document, makers)))
    if "spdxVersion" in document or "@graph" in document:
        return _unique(_walk(document, _SPDX, "$", 0))
    if "findings" in document:
        return _unique((*_walk(document, _SCAN, "$", 0), *_coded(document, makers)))
    raise UsageError(
        f"{file_name} is not a bill of materials or a scan report",
        hint="Known: CycloneDX JSON, SPDX JSON or tag-value, `scan --json`.",
    )


def _unique(parties: Iterable[NamedParty]) -> tuple[NamedParty, ...]:
    seen: dict[str, NamedParty] = {}
    for party in parties:
        name = party.name.strip()
        if name and name.upper() not in ("NOASSERTION", "NONE") and len(seen) < MOST_NAMES:
            seen.setdefault(name, NamedParty(name, party.place))
    return tuple(seen.values())


def _coded(document: Any, makers: Makers | None) -> Iterator[NamedParty]:
    """Makers named by a MAC prefix or an FCC ID anywhere in the document."""
    if makers is not None:
        for name, code in makers.named_in(msgspec.json.encode(document).decode()):
            yield NamedParty(name, code)


def _plain(value: str) -> str:
    found = _PERSON_OR_ORG.match(value)
    return found.group("name") if found else value


def _walk(node: Any, keys: set[str], place: str, depth: int) -> Iterator[NamedParty]:
    if depth > MOST_DEPTH:
        return
    if isinstance(node, dict):
        for key, value in node.items():
            if key in keys:
                yield from _named(value, f"{place}.{key}")
            yield from _walk(value, keys, f"{place}.{key}", depth + 1)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _walk(value, keys, f"{place}[{number}]", depth + 1)


def _named(value: Any, place: str) -> Iterator[NamedParty]:
    if isinstance(value, str):
        if not value.lstrip().startswith("Tool:"):
            yield NamedParty(_plain(value), place)
    elif isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, str):
            yield NamedParty(name, f"{place}.name")
    elif isinstance(value, list):
        for number, item in enumerate(value[:MOST_NAMES]):
            yield from _named(item, f"{place}[{number}]")


def _tag_value(data: bytes) -> Iterator[NamedParty]:
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        tag, colon, value = line.partition(":")
        if (
            colon
            and tag.strip() in ("PackageSupplier", "PackageOriginator", "Creator")
            and not value.lstrip().startswith("Tool:")
        ):
            yield NamedParty(_plain(value), f"line {number}")
