"""Names, strings and types of .NET metadata (ECMA-335, partition II, chapters 22 to 24)."""

from dataclasses import dataclass

from witnessmark.model.observation import Shape
from witnessmark.read.binary.cursor import LONGEST, Cursor, Damaged, Slot, Tables, Typed

_MOST_HEAP = 64 << 20
_MOST_ROWS = 500_000
_ELEMENTS = {
    0x02: "bool", 0x03: "char", 0x04: "sbyte", 0x05: "byte", 0x06: "short", 0x07: "ushort", 0x08: "int", 0x09: "uint",
    0x0A: "long", 0x0B: "ulong", 0x0C: "float", 0x0D: "double", 0x0E: "string", 0x18: "IntPtr", 0x19: "UIntPtr",
    0x1C: "object",
}  # fmt: skip
_STATIC = 0x10


@dataclass
class _Heaps:
    strings: tuple[int, int] = (0, 0)
    user: tuple[int, int] = (0, 0)
    blobs: tuple[int, int] = (0, 0)
    tables: tuple[int, int] = (0, 0)


def read_dotnet(file: Cursor, root: int, length: int, tables: Tables) -> None:
    """Type, field and method names, user strings, and every type with its instance fields. Raises Damaged."""
    if file.number(root, 4) != 0x424A5342:
        raise Damaged("no .NET metadata root")
    at = root + 16 + file.number(root + 12, 4)
    count = file.number(at + 2, 2)
    at += 4
    heaps = _Heaps()
    for _ in range(min(count, 16)):
        start, size = file.numbers(at, 4, 4)
        name = file.text(at + 8)
        place = (root + start, min(size, _MOST_HEAP, max(0, file.blob.size - root - start)))
        field = {"#Strings": "strings", "#US": "user", "#Blob": "blobs", "#~": "tables", "#-": "tables"}.get(name)
        if field:
            setattr(heaps, field, place)
        at += 8 + (len(name) + 4) // 4 * 4
    _names(file, heaps.strings, tables)
    _user_strings(file, heaps.user, tables)
    if heaps.tables[1]:
        _Rows(file, heaps).types(tables)


def _names(file: Cursor, heap: tuple[int, int], tables: Tables) -> None:
    at = heap[0]
    for piece in file.bytes(*heap).split(b"\0"):
        if piece:
            tables.add(piece[:LONGEST].decode("utf-8", "replace"), at, "metadata name")
        at += len(piece) + 1


def _user_strings(file: Cursor, heap: tuple[int, int], tables: Tables) -> None:
    data = file.bytes(*heap)
    at = 1
    while at < len(data):
        size, at = _packed(data, at)
        if size > 1:
            words = data[at : at + min(size - 1, 2 * LONGEST)].decode("utf-16-le", "replace")
            if len(words.strip()) >= 2:
                tables.add(words, heap[0] + at, "string constant", Shape.CONSTANT_POOL)
        at += size


def _packed(data: bytes, at: int) -> tuple[int, int]:
    """A compressed number and the place after it."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    width = 2 if first < 0xC0 else 4
    if at + width > len(data):
        raise Damaged("a heap ends within a number")
    mask = 0x3FFF if width == 2 else 0x1FFFFFFF
    return int.from_bytes(data[at : at + width], "big") & mask, at + width


class _Rows:
    """The rows of the tables TypeDef and Field. Sizes of what stands before them follow from the counts of rows."""

    def __init__(self, file: Cursor, heaps: _Heaps) -> None:
        self._file = file
        self._heaps = heaps
        start = heaps.tables[0]
        sizes = file.number(start + 6, 1)
        self._s, self._g, self._b = (4 if sizes & bit else 2 for bit in (1, 2, 4))
        valid = file.number(start + 8, 8)
        self._counts = [0] * 64
        at = start + 24
        for number in range(64):
            if valid >> number & 1:
                self._counts[number] = file.number(at, 4)
                if self._counts[number] > _MOST_ROWS:
                    raise Damaged(f"{self._counts[number]:,} rows in one table")
                at += 4
        self._first = at

    def _index(self, *numbers: int, bits: int = 0) -> int:
        return 4 if max(self._counts[number] for number in numbers) >= 1 << (16 - bits) else 2

    def types(self, tables: Tables) -> None:
        """Every type with its fields that are no constants; an enumeration's names as enumerators."""
        scope = self._index(0x00, 0x1A, 0x23, 0x01, bits=2)
        extends = self._index(0x02, 0x01, 0x1B, bits=2)
        field, method = self._index(0x04), self._index(0x06)
        module = 2 + self._s + 3 * self._g
        reference = scope + 2 * self._s
        define = (4, self._s, self._s, extends, field, method)
        at = self._first + self._counts[0] * module
        references = [at + number * reference + scope for number in range(self._counts[1])]
        at += self._counts[1] * reference
        types = [self._file.numbers(at + number * sum(define), *define) for number in range(self._counts[2])]
        at += self._counts[2] * sum(define) + self._counts[3] * field
        rows = (2, self._s, self._b)
        fields = [self._file.numbers(at + number * sum(rows), *rows) for number in range(self._counts[4])]
        names = [self._text(self._file.number(place, self._s)) for place in references]
        for number, (_, name, _, base, first, _) in enumerate(types):
            last = types[number + 1][4] if number + 1 < len(types) else len(fields) + 1
            mine = fields[max(0, first - 1) : max(0, last - 1)][:20_000]
            kind, parent = base & 3, (base >> 2) - 1
            is_enum = kind == 1 and 0 <= parent < len(names) and names[parent] == "Enum"
            slots = tuple(self._slot(row, types, names) for row in mine if bool(row[0] & _STATIC) == is_enum)
            if slots:
                place = self._heaps.strings[0] + name
                shape = Shape.ENUM if is_enum else Shape.RECORD
                tables.types.append(Typed(self._text(name), place, shape, "c-sharp", slots))

    def _slot(self, row: tuple[int, ...], types: list[tuple[int, ...]], names: list[str]) -> Slot:
        return Slot(self._text(row[1]), self._heaps.strings[0] + row[1], self._signature(row[2], types, names))

    def _text(self, index: int) -> str:
        if index >= self._heaps.strings[1]:
            raise Damaged("a name lies outside of its heap")
        return self._file.text(self._heaps.strings[0] + index)

    def _signature(self, index: int, types: list[tuple[int, ...]], names: list[str]) -> str | None:
        """The type of a field, where it is a basic type, an array of one, or a named type."""
        start = self._heaps.blobs[0] + index
        data = self._file.bytes(start, min(16, max(0, self._heaps.blobs[0] + self._heaps.blobs[1] - start)))
        if len(data) < 3 or data[1] != 0x06:
            return None
        code = data[2]
        if code in _ELEMENTS:
            return _ELEMENTS[code]
        if code == 0x1D and len(data) > 3:
            return f"{_ELEMENTS.get(data[3], 'object')}[]"
        if code in (0x11, 0x12) and len(data) > 7:
            token, _ = _packed(data, 3)
            number = (token >> 2) - 1
            if token & 3 == 0 and 0 <= number < len(types):
                return self._text(types[number][1])
            if token & 3 == 1 and 0 <= number < len(names):
                return names[number]
        return None
