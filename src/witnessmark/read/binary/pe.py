"""Exports, imports and resources of Windows programs and libraries (PE format, Microsoft)."""

import struct
import zlib

from witnessmark.blob import Blob
from witnessmark.model.observation import Shape
from witnessmark.read.binary.cursor import Cursor, Damaged, Tables
from witnessmark.read.binary.dotnet import read_dotnet

_MOST_SECTIONS = 200
_MOST_ENTRIES = 50_000
_TYPES = {
    1: "cursor", 2: "bitmap", 3: "icon", 4: "menu", 5: "dialog", 6: "string table", 9: "accelerators", 10: "data",
    14: "icon group", 16: "version", 23: "html", 24: "manifest",
}  # fmt: skip


class _Image:
    """A PE file with its sections."""

    def __init__(self, blob: Blob) -> None:
        self.file = Cursor(blob)
        at = self.file.number(0x3C, 4)
        if self.file.bytes(at, 4) != b"PE\0\0":
            raise Damaged("no PE header")
        count, optional = self.file.number(at + 6, 2), self.file.number(at + 20, 2)
        self.wide = self.file.number(at + 24, 2) == 0x20B
        self._directories = at + 24 + (112 if self.wide else 96)
        self._known = self.file.number(self._directories - 4, 4)
        if count > _MOST_SECTIONS:
            raise Damaged(f"{count:,} sections")
        first = at + 24 + optional
        self._sections = [self.file.numbers(first + 40 * number + 8, 4, 4, 4, 4) for number in range(count)]

    def directory(self, number: int) -> tuple[int, int]:
        """Address and length of a data directory; zeros where there is none."""
        if number >= self._known:
            return 0, 0
        address, length = self.file.numbers(self._directories + 8 * number, 4, 4)
        return address, length

    def place(self, address: int) -> int:
        """The byte of the file that an address is loaded from. Raises Damaged."""
        for size, start, raw, at in self._sections:
            if start <= address < start + max(size, raw):
                return at + address - start
        raise Damaged(f"address {address:#x} is in no section")


def read_pe(blob: Blob, tables: Tables) -> None:
    """Exported and imported names, resources, and .NET metadata. Raises Damaged."""
    image = _Image(blob)
    for read in (_exports, _imports, _resources, _metadata):
        try:
            read(image, tables)
        except (Damaged, struct.error) as error:
            tables.problem = tables.problem or str(error)


def _exports(image: _Image, tables: Tables) -> None:
    address, _ = image.directory(0)
    if not address:
        return
    count, _, names = image.file.numbers(image.place(address) + 24, 4, 4, 4)
    if count > _MOST_ENTRIES:
        raise Damaged(f"{count:,} exported names")
    for number in range(count):
        at = image.place(image.file.number(image.place(names) + 4 * number, 4))
        tables.add(image.file.text(at), at, "exported symbol")


def _imports(image: _Image, tables: Tables) -> None:
    address, _ = image.directory(1)
    width = 8 if image.wide else 4
    left = _MOST_ENTRIES
    at = image.place(address) if address else 0
    while address and left:
        lookup, _, _, name, thunks = image.file.numbers(at, 4, 4, 4, 4, 4)
        if not name:
            break
        spot = image.place(name)
        tables.add(image.file.text(spot), spot, "imported library")
        row = image.place(lookup or thunks)
        while left and (entry := image.file.number(row, width)):
            if not entry >> (8 * width - 1):
                spot = image.place(entry & 0x7FFFFFFF) + 2
                tables.add(image.file.text(spot), spot, "imported symbol")
            row += width
            left -= 1
        at += 20
        left -= 1


def _resources(image: _Image, tables: Tables) -> None:
    """Each resource by type, name and language, with a checksum of its bytes: what came, went or changed."""
    address, _ = image.directory(2)
    if not address:
        return
    base = image.place(address)
    waiting: list[tuple[int, tuple[str, ...]]] = [(base, ())]
    seen = 0
    while waiting:
        at, path = waiting.pop()
        named, numbered = image.file.numbers(at + 12, 2, 2)
        for number in range(named + numbered):
            seen += 1
            if seen > _MOST_ENTRIES:
                raise Damaged(f"more than {_MOST_ENTRIES:,} resources")
            key, target = image.file.numbers(at + 16 + 8 * number, 4, 4)
            step = _resource_name(image, base, key, len(path))
            if target >> 31 and len(path) < 3:
                waiting.append((base + (target & 0x7FFFFFFF), (*path, step)))
            elif not target >> 31:
                where, length = image.file.numbers(base + target, 4, 4)
                spot = image.place(where)
                check = zlib.crc32(image.file.bytes(spot, min(length, 1 << 20)))
                words = " ".join((*path, step))
                tables.add(f"{words} ({length:,} bytes, {check:08x})", spot, "resource", Shape.METADATA)


def _resource_name(image: _Image, base: int, key: int, depth: int) -> str:
    if key >> 31:
        at = base + (key & 0x7FFFFFFF)
        return image.file.bytes(at + 2, 2 * min(200, image.file.number(at, 2))).decode("utf-16-le", "replace")
    return _TYPES.get(key, f"type {key}") if depth == 0 else str(key)


def _metadata(image: _Image, tables: Tables) -> None:
    address, _ = image.directory(14)
    if address:
        root, length = image.file.numbers(image.place(address) + 8, 4, 4)
        read_dotnet(image.file, image.place(root), length, tables)
