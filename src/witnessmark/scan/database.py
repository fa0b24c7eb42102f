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
    """The engine's databases and the table that says what each of their numbers means.

    Two databases, one of bare byte strings and one of expressions with context: the engine is several times faster on
    the two of them than on both kinds in one, for which it chooses a slower plan.
    """

    databases: tuple[hyperscan.Database, ...]
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
    if path is not None:
        _store(path, compiled)
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
    kinds: tuple[list[int], list[int]] = ([], [])
    for number, pattern in enumerate(patterns):
        kinds[1 if b"(" in pattern.expression else 0].append(number)
    return Compiled(tuple(_compile_some(patterns, kind) for kind in kinds if kind), patterns)


def _compile_some(patterns: tuple[Pattern, ...], numbers: list[int]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if patterns[n].caseless else 0) for n in numbers]
    database.compile(expressions=[patterns[n].expression for n in numbers], ids=numbers, flags=flags)
    return database


def _load(path: Path) -> Compiled | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[len(FORMAT) + 32 :]
    if not data.startswith(FORMAT) or hashlib.sha256(body).digest() != data[len(FORMAT) : len(FORMAT) + 32]:
        return None
    table, *dumps = msgspec.msgpack.decode(body, type=tuple[bytes, ...])
    databases = []
    try:
        for dump in dumps:
            database = hyperscan.loadb(dump, hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
            databases.append(database)
    except hyperscan.error:  # compiled by another version, or for a processor with other features
        return None
    return Compiled(tuple(databases), msgspec.msgpack.decode(table, type=tuple[Pattern, ...]))


def _store(path: Path, compiled: Compiled) -> None:
    parts = (msgspec.msgpack.encode(compiled.patterns), *(hyperscan.dumpb(d) for d in compiled.databases))
    body = msgspec.msgpack.encode(parts)
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
