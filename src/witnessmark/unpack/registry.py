"""Which unpackers there are, and which of them fit some bytes."""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from witnessmark.blob import Blob
from witnessmark.unpack import formats
from witnessmark.unpack.unpacker import Unpacker

Probe = tuple[bytes, Unpacker]


@cache
def unpackers() -> dict[str, Unpacker]:
    """Every `UNPACKER` in `unpack/formats/`, by NAME, sorted."""
    found: dict[str, Unpacker] = {}
    for module in pkgutil.iter_modules(formats.__path__):
        if module.name.startswith("_"):
            continue
        unpacker: Unpacker = importlib.import_module(f"{formats.__name__}.{module.name}").UNPACKER
        found[unpacker.NAME] = unpacker
    return dict(sorted(found.items()))


@cache
def _at_start() -> dict[int, tuple[Probe, ...]]:
    """Magics at offset 0 by their first byte: one lookup sorts out almost every file."""
    table: dict[int, list[Probe]] = defaultdict(list)
    for unpacker in unpackers().values():
        for magic in unpacker.MAGIC:
            if not magic.offset:
                table[magic.data[0]].append((magic.data, unpacker))
    return {first: tuple(probes) for first, probes in table.items()}


@cache
def _further_in() -> tuple[tuple[int, bytes, Unpacker], ...]:
    return tuple(
        (magic.offset, magic.data, unpacker)
        for unpacker in unpackers().values()
        for magic in unpacker.MAGIC
        if magic.offset
    )


@cache
def _by_suffix() -> tuple[dict[str, tuple[Unpacker, ...]], tuple[int, ...]]:
    """Formats that have no magic at all, by suffix; and how many dots the suffixes have."""
    table: dict[str, list[Unpacker]] = defaultdict(list)
    for unpacker in unpackers().values():
        for suffix in unpacker.DOC.suffixes if not unpacker.MAGIC else ():
            table[suffix.lower()].append(unpacker)
    return {suffix: tuple(found) for suffix, found in table.items()}, tuple(sorted({s.count(".") for s in table}))


def _fitting(blob: Blob, name: str) -> Iterator[Unpacker]:
    """Magic hits at the start, magic hits further in, suffix hits."""
    head = blob.read(0, 64)
    for data, unpacker in _at_start().get(head[0], ()) if head else ():
        if head.startswith(data):
            yield unpacker
    for offset, data, unpacker in _further_in():
        end = offset + len(data)
        if end <= blob.size and (head[offset:end] if end <= 64 else blob.read(offset, len(data))) == data:
            yield unpacker
    table, dots = _by_suffix()
    parts = name.lower().rsplit("/", 1)[-1].split(".")
    for count in dots:
        if len(parts) > count:
            yield from table.get("." + ".".join(parts[-count:]) if count else parts[-1], ())


def candidates(blob: Blob, name: str) -> Iterator[Unpacker]:
    """Unpackers whose magic or suffix fits, magic hits first, each once; not yet asked whether they accept."""
    seen: set[str] = set()
    for unpacker in _fitting(blob, name):
        if unpacker.NAME not in seen:
            seen.add(unpacker.NAME)
            yield unpacker


def choose(blob: Blob, name: str) -> tuple[Unpacker, ...]:
    """The unpackers to run: every `in_place` one that accepts, and the first true container that does."""
    chosen: list[Unpacker] = []
    contained = False
    if blob.size < 4:
        return ()
    for unpacker in candidates(blob, name):
        if (unpacker.DOC.in_place or not contained) and unpacker.accepts(blob, name):
            contained = contained or not unpacker.DOC.in_place
            chosen.append(unpacker)
    return tuple(chosen)
