"""Find containers that lie at an offset inside other bytes, by signature, in one pass."""

import re
from collections.abc import Iterator
from functools import cache

from witnessmark.blob import Blob
from witnessmark.unpack import registry
from witnessmark.unpack.unpacker import Carved, Unpacker

MAX_CANDIDATES = 20_000
SMALLEST = 512


@cache
def _table() -> tuple[tuple[bytes, Unpacker], ...]:
    return tuple(
        (magic.data, unpacker)
        for unpacker in registry.unpackers().values()
        for magic in unpacker.MAGIC
        if magic.offset is None
    )


def find(blob: Blob) -> Iterator[Carved]:
    """Yield containers in order of offset, each accepted by its unpacker; bounded."""
    if blob.size < SMALLEST or not _table():
        return
    for offset, unpacker in sorted(_hits(blob), key=lambda hit: (hit[0], hit[1].NAME)):
        if unpacker.accepts(blob.part(offset, blob.size - offset), ""):
            yield Carved(offset=offset, length=None, unpacker=unpacker.NAME)


def _hits(blob: Blob) -> Iterator[tuple[int, Unpacker]]:
    """Every place past the start where a signature stands."""
    count = 0
    for magic, unpacker in _table():
        pattern = re.compile(re.escape(magic))
        for start, view in blob.windows(overlap=len(magic) - 1):
            for match in pattern.finditer(view):
                if start + match.start() > 0:
                    yield start + match.start(), unpacker
                    count += 1
                    if count >= MAX_CANDIDATES:
                        return
