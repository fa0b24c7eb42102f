"""The tables of a compiled file as observations."""

import re
import struct
from collections.abc import Iterator

import msgspec

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.read.binary import dex, elf, java_class, macho
from witnessmark.read.binary.cursor import Damaged, Named, Tables, Typed
from witnessmark.read.binary.pe import read_pe
from witnessmark.read.source import Source, clip

_ITANIUM = re.compile(r"(\d{1,3})")


def read_tables(blob: Blob) -> Tables | None:
    """What the tables of a program, library, class or Dalvik file name; None for any other file. Never raises."""
    head = blob.read(0, 4)
    tables = Tables()
    try:
        if head == elf.MAGIC:
            elf.read_elf(blob, tables)
        elif head[:2] == b"MZ":
            read_pe(blob, tables)
        elif head in macho.MAGICS or macho.is_universal(blob):
            macho.read_macho(blob, tables)
        elif head == java_class.MAGIC:
            java_class.read_class(blob, tables)
        elif head == dex.MAGIC:
            dex.read_dex(blob, tables)
        else:
            return None
    except (Damaged, struct.error, IndexError, OverflowError) as error:
        tables.problem = tables.problem or str(error)
    return tables


def observations(source: Source, tables: Tables) -> Iterator[Observation]:
    """One observation for each name and each type."""
    for typed in tables.types:
        yield _typed(source, typed)
    held = {slot.offset for typed in tables.types for slot in typed.slots} | {typed.offset for typed in tables.types}
    seen: set[tuple[str, str]] = set()
    for named in tables.names:
        if named.offset not in held and (named.name, named.table) not in seen:
            seen.add((named.name, named.table))
            yield _named(source, named)


def problem(source: Source, tables: Tables) -> tuple[Problem, ...]:
    """Why a table was not read to its end, if it was not."""
    if not tables.problem:
        return ()
    return (
        Problem(
            code=ProblemCode.BOUND_STRUCTURE if "more than" in tables.problem else ProblemCode.CORRUPT,
            message=UntrustedText(f"a table of this program is not read to its end: {tables.problem}"),
            severity=Severity.NOTE,
            consequence="Names after that place are compared as strings only.",
            locator=source.locator,
        ),
    )


def spoken(name: str) -> str:
    """A mangled C++ name as its words: `_ZN4Face7getRaceEv` as `Face::getRace`; any other name as it is."""
    if not name.startswith(("_Z", "__Z")):
        return name
    out: list[str] = []
    at = 0
    while (found := _ITANIUM.search(name, at)) is not None and len(out) < 12:
        length = int(found[1])
        word = name[found.end() : found.end() + length]
        if 0 < length == len(word) and re.match(r"[A-Za-z_]", word):
            out.append(word)
            at = found.end() + length
        else:
            at = found.end()
    return "::".join(out) or name


def _named(source: Source, named: Named) -> Observation:
    where = msgspec.structs.replace(
        source.locator, offset=named.offset, length=len(named.name.encode("utf-8", "replace"))
    )
    return Observation(
        shape=named.shape, name=clip(named.name, 300), text=clip(spoken(named.name), 600), locator=where,
        parents=(UntrustedText(named.table),), file_role=source.role or "binary",
    )  # fmt: skip


def _typed(source: Source, typed: Typed) -> Observation:
    spots = [typed.offset, *(slot.offset for slot in typed.slots)]
    first = min(spots)
    where = msgspec.structs.replace(source.locator, offset=first, length=max(spots) - first + 64)
    members = tuple(
        Member(
            name=clip(slot.name, 300), offset=slot.offset, length=len(slot.name.encode("utf-8", "replace")),
            type=None if slot.type is None else clip(slot.type, 200),
            value=None if slot.value is None else clip(slot.value, 200),
        )
        for slot in typed.slots
    )  # fmt: skip
    shape = typed.shape if members else Shape.SYMBOL
    return Observation(
        shape=shape, name=clip(typed.name, 300), locator=where, language=typed.language, members=members,
        file_role=source.role or "binary",
    )  # fmt: skip
