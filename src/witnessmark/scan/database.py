"""The compiled patterns, kept on disk so that a scan starts at once."""

import hashlib
import os
import tempfile
import unicodedata
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import hyperscan
import msgspec

from witnessmark.model.match import Term
from witnessmark.scan import encodings, spelling
from witnessmark.scan import patterns as patterns_module
from witnessmark.scan.patterns import Pattern, build

FORMAT = b"witnessmark-patterns-1\n"


class Compiled(NamedTuple):
    """The engine's database and the table that says what its numbers mean; no database if there is nothing to find."""

    database: hyperscan.Database | None
    patterns: tuple[Pattern, ...]


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
    for module in (patterns_module, encodings, spelling):
        total.update(Path(module.__file__ or "").read_bytes())
    versions = (metadata.version("hyperscan"), metadata.version("opencc"), unicodedata.unidata_version)
    total.update("\0".join(versions).encode())
    for term in terms:
        fields = (term.id, term.text, term.boundary, term.role, term.language, term.cased, term.searched)
        total.update(msgspec.msgpack.encode(fields))
    return total.hexdigest()[:32]


def _compile(patterns: tuple[Pattern, ...]) -> Compiled:
    if not patterns:
        return Compiled(None, ())
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if p.caseless else 0) for p in patterns]
    database.compile(expressions=[_quote(p.data) for p in patterns], ids=list(range(len(patterns))), flags=flags)
    return Compiled(database, patterns)


def _quote(data: bytes) -> bytes:
    """The bytes as an expression for just them; the engine's mode for literals refuses a leading NUL."""
    return b"".join(b"\\x%02x" % byte for byte in data)


def _load(path: Path) -> Compiled | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[len(FORMAT) + 32 :]
    if not data.startswith(FORMAT) or hashlib.sha256(body).digest() != data[len(FORMAT) : len(FORMAT) + 32]:
        return None
    table, dump = msgspec.msgpack.decode(body, type=tuple[bytes, bytes])
    try:
        database = hyperscan.loadb(dump, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:  # compiled by another version, or for a processor with other features
        return None
    return Compiled(database, msgspec.msgpack.decode(table, type=tuple[Pattern, ...]))


def _store(path: Path, patterns: tuple[Pattern, ...], dump: bytes) -> None:
    body = msgspec.msgpack.encode((msgspec.msgpack.encode(patterns), dump))
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
