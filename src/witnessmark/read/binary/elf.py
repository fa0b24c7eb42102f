"""Symbols of ELF programs and libraries (System V ABI, chapters 4 and 5)."""

from witnessmark.blob import Blob
from witnessmark.read.binary.cursor import Cursor, Damaged, Tables

MAGIC = b"\x7fELF"
_SYMBOL_TABLES = {2: "local", 11: "dynamic"}  # SHT_SYMTAB, SHT_DYNSYM
_MOST_SECTIONS = 10_000
_MOST_BYTES = 64 << 20


def read_elf(blob: Blob, tables: Tables) -> None:
    """Every named symbol: exported, imported or local. Raises Damaged."""
    wide = blob.read(4, 1) == b"\x02"
    file = Cursor(blob, "big" if blob.read(5, 1) == b"\x02" else "little")
    at = file.number(0x28 if wide else 0x20, 8 if wide else 4)
    size, count = file.numbers(0x3A if wide else 0x2E, 2, 2)
    if not at:
        return
    if not count:  # more than 65,279 sections: the first header has the count
        count = file.number(at + (0x20 if wide else 0x14), 8 if wide else 4)
    if count > _MOST_SECTIONS:
        raise Damaged(f"{count:,} sections")
    sections = [_section(file, at + size * number, wide) for number in range(count)]
    for kind, start, length, link, entry in sections:
        if kind in _SYMBOL_TABLES and link < len(sections) and entry:
            if length > _MOST_BYTES:
                raise Damaged(f"a symbol table of {length:,} bytes")
            _symbols(file, (start, length, entry), sections[link][1], wide, tables)


def _section(file: Cursor, at: int, wide: bool) -> tuple[int, int, int, int, int]:
    """Type, place, length, linked section, length of an entry."""
    if wide:
        _, kind, _, _, start, length, link, _, _, entry = file.numbers(at, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8)
    else:
        _, kind, _, _, start, length, link, _, _, entry = file.numbers(at, *(4,) * 10)
    return kind, start, length, link, entry


def _symbols(file: Cursor, table: tuple[int, int, int], strings: int, wide: bool, tables: Tables) -> None:
    start, length, entry = table
    least = 24 if wide else 16
    if entry < least:
        raise Damaged(f"symbols of {entry} bytes")
    data = file.bytes(start, length)
    for at in range(0, length - least + 1, entry):
        name = int.from_bytes(data[at : at + 4], file.order)
        info, section = (4, 6) if wide else (12, 14)
        defined = int.from_bytes(data[at + section : at + section + 2], file.order)
        if name and data[at + info] & 15 not in (3, 4):  # not a section or a file name
            bound = data[at + info] >> 4
            table_name = "imported symbol" if not defined else "exported symbol" if bound else "local symbol"
            tables.add(file.text(strings + name), strings + name, table_name)
