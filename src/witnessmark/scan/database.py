"""The compiled patterns, kept on disk so that a scan starts at once."""

import hashlib
import os
import tempfile
import unicodedata
from array import array
from collections.abc import Iterator
from importlib import metadata
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import hyperscan
import msgspec

from witnessmark.model.match import Term
from witnessmark.scan import encodings, spelling
from witnessmark.scan import patterns as patterns_module
from witnessmark.scan.patterns import Pattern, build

FORMAT = b"witnessmark-patterns-1\n"


class Table:
    """The patterns by number, each decoded when it is first asked for: reading all of them would double the start."""

    __slots__ = ("_known", "_offsets", "_rows", "longest")

    def __init__(self, rows: bytes, offsets: "array[int]", longest: int) -> None:
        self._rows = memoryview(rows)
        self._offsets = offsets
        self._known: dict[int, Pattern] = {}
        self.longest = longest  # the most bytes that one report can cover

    @classmethod
    def of(cls, patterns: tuple[Pattern, ...]) -> "Table":
        """Pack the patterns."""
        rows = [msgspec.msgpack.encode(pattern) for pattern in patterns]
        offsets = array("Q", accumulate((len(row) for row in rows), initial=0))
        return cls(b"".join(rows), offsets, max((len(p.data) for p in patterns), default=0))

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> Pattern:
        pattern = self._known.get(number)
        if pattern is None:
            row = self._rows[self._offsets[number] : self._offsets[number + 1]]
            pattern = self._known[number] = msgspec.msgpack.decode(row, type=Pattern)
        return pattern

    def __iter__(self) -> Iterator[Pattern]:
        return (self[number] for number in range(len(self)))

    def dump(self) -> tuple[bytes, bytes, int]:
        """What the constructor needs, with the offsets as bytes of this machine's order."""
        return bytes(self._rows), self._offsets.tobytes(), self.longest


class Compiled(NamedTuple):
    """The engine's database and the table that says what its numbers mean; no database if there is nothing to find."""

    database: hyperscan.Database | None
    patterns: Table


def open_database(terms: tuple[Term, ...], folder: Path | None) -> Compiled:
    """Load the database for these terms from `folder`, or compile it and leave it there.

    A damaged file, or one made for another processor, is replaced. Several processes may do so at once.
    """
    path = None if folder is None else folder / f"patterns-{_key(terms)}.bin"
    if path is not None:
        loaded = _load(path)
        if loaded is not None:
            return loaded
    compiled = _compile(build(terms))
    if path is not None and compiled.database is not None:
        _store(path, compiled.patterns, hyperscan.dumpb(compiled.database))
    return compiled


def _key(terms: tuple[Term, ...]) -> str:
    """A digest of the terms, of the code that makes patterns of them, and of the libraries it uses."""
    total = hashlib.sha256(FORMAT)
    for file in (__file__, patterns_module.__file__, encodings.__file__, spelling.__file__):
        total.update(Path(file).read_bytes())
    versions = (metadata.version("hyperscan"), metadata.version("opencc"), unicodedata.unidata_version)
    total.update("\0".join(versions).encode())
    for term in terms:
        fields = (term.id, term.text, term.boundary, term.role, term.language, term.cased, term.searched)
        total.update(msgspec.msgpack.encode(fields))
    return total.hexdigest()[:32]


def _compile(patterns: tuple[Pattern, ...]) -> Compiled:
    if not patterns:
        return Compiled(None, Table.of(()))
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if p.caseless else 0) for p in patterns]
    database.compile(expressions=[_quote(p.data) for p in patterns], ids=list(range(len(patterns))), flags=flags)
    return Compiled(database, Table.of(patterns))


def _quote(data: bytes) -> bytes:
    """The bytes as an expression for just them; the engine's mode for literals refuses a leading NUL."""
    return b"".join(b"\\x%02x" % byte for byte in data)


def _load(path: Path) -> Compiled | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = memoryview(data)[len(FORMAT) + 32 :]
    if not data.startswith(FORMAT) or hashlib.sha256(body).digest() != data[len(FORMAT) : len(FORMAT) + 32]:
        return None
    (rows, offsets, longest), dump = msgspec.msgpack.decode(body, type=tuple[tuple[bytes, bytes, int], bytes])
    try:
        database = hyperscan.loadb(dump, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:  # compiled by another version, or for a processor with other features
        return None
    return Compiled(database, Table(rows, array("Q", offsets), longest))


def _store(path: Path, patterns: Table, dump: bytes) -> None:
    body = msgspec.msgpack.encode((patterns.dump(), dump))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".patterns-")
    except OSError:  # a read-only or full disk costs the next start some time, nothing else
        return
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(FORMAT + hashlib.sha256(body).digest() + body)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
