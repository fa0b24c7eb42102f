"""What goes into a bundle, under which name, and what stays out and why."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from witnessmark.model.evidence import Event, Item
from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.redact import redact

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# Digests and event ids: eleven digits in a row inside one are no telephone number.
_DIGEST = re.compile(r"((?<![0-9A-Za-z])[0-9a-f]{32,128}(?![0-9A-Za-z]))")
MAX_NAME = 80

Withhold = Callable[[Item], str]
"""Why an item stays out, or an empty string."""


class Packed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One row of `items.jsonl`: a digest that the custody log names, and where its bytes are, or why they are not here.

    `redacted`: the file at `path` is a copy in which personal data was masked; the original has the digest `digest`.
    """

    digest: Sha256
    size: int
    path: str = ""
    name: UntrustedText = UntrustedText("")
    role: str = ""
    media_type: str = ""
    events: tuple[int, ...] = ()
    withheld: str = ""
    redacted: bool = False


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How much of a case a bundle takes: all of it, or an extract to be shown to others."""

    withhold: Withhold
    mask_personal_data: bool


EVERYTHING = Selection(withhold=lambda item: "", mask_personal_data=False)


def extract(*, with_originals: bool) -> Selection:
    """For publishing: records and derived files with personal data masked; originals only when asked for."""

    def withhold(item: Item) -> str:
        if with_originals or item.role in ("title-page", "record"):
            return ""
        return "Originals stay with the case; the digest lets a later copy be compared."

    return Selection(withhold=withhold, mask_personal_data=True)


def safe_name(name: str) -> str:
    """A file name that every system and shell takes: letters, digits, dot, dash, underscore; never hidden."""
    return (
        _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).lstrip(".-")[-MAX_NAME:].lstrip(".-") or "unnamed"
    )


def packing_list(events: Iterable[Event], selection: Selection, sizes: Mapping[Sha256, int]) -> tuple[Packed, ...]:
    """One row a digest that any event names, in order of first mention."""
    rows: dict[Sha256, Packed] = {}
    taken: set[str] = set()
    for event in events:
        items = [*event.inputs, *event.outputs]
        if event.payload is not None:
            size = sizes.get(event.payload, 0)
            items.append(Item(digest=event.payload, size=size, role="record", media_type="application/json"))
        for digest in (event.config, *(event.network.tls_chain if event.network else ())):
            if digest is not None:
                items.append(Item(digest=digest, size=sizes.get(digest, 0), role="setting-or-certificate"))
        for item in items:
            have = rows.get(item.digest)
            if have is not None:
                if event.seq not in have.events:
                    rows[item.digest] = msgspec.structs.replace(have, events=(*have.events, event.seq))
                continue
            rows[item.digest] = _row(item, event.seq, selection, taken, present=item.digest in sizes)
    return tuple(rows.values())


def _row(item: Item, seq: int, selection: Selection, taken: set[str], *, present: bool) -> Packed:
    withheld = selection.withhold(item) if present else "These bytes were not kept in the case."
    masked = selection.mask_personal_data and item.role == "record"
    row = Packed(
        digest=item.digest,
        size=item.size,
        name=UntrustedText(redact(item.name).text if selection.mask_personal_data else item.name),
        role=item.role,
        media_type=item.media_type,
        events=(seq,),
        withheld=withheld,
    )
    if withheld:
        return row
    return msgspec.structs.replace(row, path=_path(item, seq, taken, masked=masked), redacted=masked)


def _path(item: Item, seq: int, taken: set[str], *, masked: bool) -> str:
    if item.role == "record":
        return f"data/records/{item.digest}{'.masked' if masked else ''}.json"
    if not item.name:
        return f"data/blobs/{item.digest}"
    name = safe_name(item.name)
    path = f"data/items/{seq:06d}/{name}"
    if path.lower() in taken:
        path = f"data/items/{seq:06d}/{item.digest[:12]}-{name}"
    taken.add(path.lower())
    return path


def mask_json(data: bytes) -> tuple[bytes, int]:
    """The same JSON with personal data in its texts masked and its salt left out, and how many places were masked."""
    count = 0

    def walk(value: object) -> object:
        nonlocal count
        if isinstance(value, str):
            parts = _DIGEST.split(value)
            for at in range(0, len(parts), 2):
                redacted = redact(UntrustedText(parts[at]))
                count += len(redacted.removed)
                parts[at] = redacted.text
            return "".join(parts)
        if isinstance(value, list):
            return [walk(part) for part in value]
        if isinstance(value, dict):
            return {key: walk(part) for key, part in value.items()}
        return value

    value = msgspec.json.decode(data)
    if isinstance(value, dict):
        value.pop("salt", None)
    masked = walk(value)
    return msgspec.json.encode(masked, order="sorted"), count


def log_line(line: bytes, leaf: bytes, selection: Selection) -> bytes:
    """A journal entry as it goes into a bundle: exact, or masked with the leaf hash that keeps it in the tree."""
    if not selection.mask_personal_data:
        return line
    masked, count = mask_json(line)
    if count == 0:
        return line
    return msgspec.json.encode({"leaf": leaf.hex(), "masked": msgspec.Raw(masked)})
