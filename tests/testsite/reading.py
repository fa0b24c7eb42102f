"""Read a WARC back with warcio, digests checked, nothing decoded."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator


@dataclass(frozen=True)
class Read:
    """One record as it lies in the file."""

    kind: str
    uri: str
    block: bytes
    fields: dict[str, str]


def read_warc(path: Path) -> list[Read]:
    """All records. Raises when a digest does not hold."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.raw_stream.read()
    records = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, no_record_parse=True):
            uri = record.rec_headers.get_header("WARC-Target-URI") or ""
            records.append(Read(record.rec_type, uri, record.raw_stream.read(), dict(record.rec_headers.headers)))
    return records


def facts(records: list[Read], uri: str) -> dict[str, Any]:
    """The metadata record of an address."""
    return next(json.loads(r.block) for r in records if r.kind == "metadata" and r.uri == uri)
