"""Find containers that lie at an offset inside other bytes: all signatures in one pass."""

from collections.abc import Iterator
from functools import cache

import hyperscan

from witnessmark.blob import Blob
from witnessmark.unpack import registry
from witnessmark.unpack.unpacker import Carved, Unpacker

MAX_CANDIDATES = 20_000
SMALLEST = 512


class _Signatures:
    """The compiled signatures, one working memory for this process."""

    def __init__(self) -> None:
        self.table: tuple[tuple[bytes, Unpacker], ...] = tuple(
            (magic.data, unpacker)
            for unpacker in registry.unpackers().values()
            for magic in unpacker.MAGIC
            if magic.offset is None
        )
        self.longest = max(len(data) for data, _ in self.table)
        self.database = hyperscan.Database()
        self.database.compile(
            expressions=["".join(f"\\x{byte:02x}" for byte in data).encode() for data, _ in self.table],
            ids=list(range(len(self.table))),
            flags=[hyperscan.HS_FLAG_DOTALL] * len(self.table),
        )
        self.scratch = hyperscan.Scratch(self.database)


_signatures = cache(_Signatures)


def find(blob: Blob) -> Iterator[Carved]:
    """Yield containers in order of offset, each accepted by its unpacker; bounded."""
    if blob.size < SMALLEST:
        return
    hits = _hits(blob)
    for offset, number in sorted(hits):
        unpacker = _signatures().table[number][1]
        if unpacker.accepts(blob.part(offset, blob.size - offset), ""):
            yield Carved(offset=offset, length=None, unpacker=unpacker.NAME)


def _hits(blob: Blob) -> set[tuple[int, int]]:
    """Every place past the start where a signature stands, at most MAX_CANDIDATES of them."""
    signatures = _signatures()
    table = signatures.table
    found: set[tuple[int, int]] = set()
    for start, view in blob.windows(overlap=signatures.longest - 1):

        def report(number: int, _from: int, end: int, _flags: int, _context: object, base: int = start) -> bool:
            offset = base + end - len(table[number][0])
            if offset > 0:
                found.add((offset, number))
            return len(found) >= MAX_CANDIDATES

        try:
            signatures.database.scan(view, report, scratch=signatures.scratch)  # type: ignore[type-var]  # any buffer will do
        except hyperscan.ScanTerminated:
            break
    return found
