"""Find containers that lie at an offset inside other bytes: all signatures in one pass."""

from collections.abc import Iterator
from functools import cache

import hyperscan

from witnessmark.blob import Blob
from witnessmark.unpack import registry
from witnessmark.unpack.unpacker import Carved, Magic, Unpacker

MAX_CANDIDATES = 20_000
SMALLEST = 512


class _Signatures:
    """The compiled signatures, one working memory for this process."""

    def __init__(self) -> None:
        self.table: tuple[tuple[Magic, Unpacker], ...] = tuple(
            (magic, unpacker)
            for unpacker in registry.unpackers().values()
            for magic in unpacker.MAGIC
            if magic.offset is None
        )
        self.longest = max(len(magic.data) + magic.then_size for magic, _ in self.table)
        self.database = hyperscan.Database()
        self.database.compile(
            # Literals alone would be given to an engine that is half as fast; `then` keeps it away, too.
            expressions=[_quoted(magic.data) + magic.then for magic, _ in self.table],
            ids=list(range(len(self.table))),
            flags=[hyperscan.HS_FLAG_DOTALL] * len(self.table),
        )
        self.scratch = hyperscan.Scratch(self.database)


def _quoted(data: bytes) -> bytes:
    return "".join(f"\\x{byte:02x}" for byte in data).encode()


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
            magic = table[number][0]
            offset = base + end - len(magic.data) - magic.then_size
            if offset > 0:
                found.add((offset, number))
            return len(found) >= MAX_CANDIDATES

        try:
            signatures.database.scan(view, report, scratch=signatures.scratch)  # type: ignore[type-var]  # any buffer will do
        except hyperscan.ScanTerminated:
            break
    return found
