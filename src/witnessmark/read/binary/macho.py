"""Symbols of Mach-O files, thin or universal (Mach-O file format reference)."""

from witnessmark.blob import Blob
from witnessmark.read.binary.cursor import Cursor, Damaged, Tables

MAGICS = frozenset({b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"})
FAT = frozenset({b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"})
_MOST_COMMANDS = 5_000
_MOST_SLICES = 20
_SYMTAB = 2


def is_universal(blob: Blob) -> bool:
    """Whether a file that starts like a Java class is a universal binary: few slices, where a class has its version."""
    return blob.read(0, 4) in FAT and 0 < int.from_bytes(blob.read(4, 4), "big") <= _MOST_SLICES


def read_macho(blob: Blob, tables: Tables) -> None:
    """Every named symbol, once for each slice that has it. Raises Damaged."""
    if not is_universal(blob):
        _thin(blob, 0, tables)
        return
    head = Cursor(blob, "big")
    wide = blob.read(3, 1) == b"\xbf"
    for number in range(head.number(4, 4)):
        at = 8 + number * (32 if wide else 20) + 8
        _thin(blob, head.number(at, 8 if wide else 4), tables)


def _thin(blob: Blob, base: int, tables: Tables) -> None:
    magic = blob.read(base, 4)
    if magic not in MAGICS:
        raise Damaged("a slice is no Mach-O file")
    file = Cursor(blob, "big" if magic[0] == 0xFE else "little")
    wide = 0xCF in (magic[0], magic[3])
    count = file.number(base + 16, 4)
    if count > _MOST_COMMANDS:
        raise Damaged(f"{count:,} load commands")
    at = base + (32 if wide else 28)
    for _ in range(count):
        command, size = file.numbers(at, 4, 4)
        if size < 8:
            raise Damaged("a load command without a length")
        if command == _SYMTAB:
            symbols, number, strings, _ = file.numbers(at + 8, 4, 4, 4, 4)
            _symbols(file, base + symbols, number, base + strings, 16 if wide else 12, tables)
        at += size


def _symbols(file: Cursor, start: int, count: int, strings: int, entry: int, tables: Tables) -> None:
    data = file.bytes(start, count * entry)
    for at in range(0, len(data), entry):
        name, kind = int.from_bytes(data[at : at + 4], file.order), data[at + 4]
        if name and not kind & 0xE0:  # not a debugging entry
            what = "local" if not kind & 1 else "imported" if not kind & 0x0E else "exported"
            tables.add(file.text(strings + name), strings + name, f"{what} symbol")
