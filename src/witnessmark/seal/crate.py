"""RO-Crate 1.2 metadata: the bundle's contents in terms that archives and repositories read."""

from collections.abc import Sequence

import msgspec

from witnessmark.model.case import CaseHead
from witnessmark.model.evidence import Event
from witnessmark.seal.packing import Packed

MAX_ACTIONS = 1_000


def crate(
    head: CaseHead, sealed_at: str, rows: Sequence[Packed], events: Sequence[Event], extra: Sequence[str]
) -> bytes:
    """The JSON-LD document. It stands in `data/`, and its paths are relative to that."""
    files: list[dict[str, object]] = [
        {
            "@id": row.path.removeprefix("data/"),
            "@type": "File",
            "name": row.name or row.path.rpartition("/")[2],
            "contentSize": str(row.size),
            "encodingFormat": row.media_type or "application/octet-stream",
            "identifier": f"sha256:{row.digest}",
            "description": row.role or "item",
        }
        for row in rows
        if row.path
    ]
    files += [{"@id": path, "@type": "File", "name": path} for path in extra]
    actions = [_action(event, rows) for event in events[:MAX_ACTIONS]]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": head.title,
        "description": f"Evidence kept by Witnessmark. {head.purpose}".strip(),
        "identifier": head.id,
        "datePublished": sealed_at,
        "license": "Not stated. The files belong to whoever made them; they are kept here as evidence.",
        "hasPart": [{"@id": entity["@id"]} for entity in files],
        "mentions": [{"@id": entity["@id"]} for entity in actions],
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
    }
    graph = [descriptor, root, *files, *actions]
    document = {"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph}
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _action(event: Event, rows: Sequence[Packed]) -> dict[str, object]:
    paths = {row.digest: row.path.removeprefix("data/") for row in rows if row.path}
    outputs = [paths[item.digest] for item in event.outputs if item.digest in paths]
    if event.payload in paths:
        outputs.append(paths[event.payload])
    return {
        "@id": f"#event-{event.seq}",
        "@type": "CreateAction" if outputs else "Action",
        "name": str(event.type),
        "endTime": event.t_utc,
        "instrument": f"{event.tool.name} {event.tool.version}",
        "object": [{"@id": paths[item.digest]} for item in event.inputs if item.digest in paths],
        "result": [{"@id": path} for path in outputs],
    }
