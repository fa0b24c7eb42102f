"""Names and classes of Dalvik executables (Android documentation, Dalvik executable format)."""

import re

from witnessmark.blob import Blob
from witnessmark.model.observation import Shape
from witnessmark.read.binary.cursor import LONGEST, MOST_NAMES, Cursor, Damaged, Slot, Tables, Typed
from witnessmark.read.binary.java_class import java_type

MAGIC = b"dex\n"


class _Pools:
    """The strings, types and fields of a file, by number."""

    def __init__(self, file: Cursor) -> None:
        self._file = file
        sizes = file.numbers(0x38, *(4,) * 14)
        strings, string_at, types, type_at, _, _, fields, field_at = sizes[:8]
        self.methods, self.method_at, self.classes, self.class_at = sizes[8:12]
        if max(strings, types, fields, self.methods, self.classes) > MOST_NAMES:
            raise Damaged(f"more than {MOST_NAMES:,} entries in one table")
        self.places = [_leb(file, file.number(string_at + 4 * number, 4))[1] for number in range(strings)]
        self.kinds = [file.number(type_at + 4 * number, 4) for number in range(types)]
        self.fields = [file.numbers(field_at + 8 * number, 2, 2, 4) for number in range(fields)]

    def text(self, number: int) -> tuple[str, int]:
        """A string and its place. Raises Damaged."""
        if number >= len(self.places):
            raise Damaged(f"string {number:,} of {len(self.places):,}")
        return self._file.text(self.places[number]), self.places[number]

    def kind(self, number: int) -> tuple[str, int]:
        """A type's descriptor and its place. Raises Damaged."""
        if number >= len(self.kinds):
            raise Damaged(f"type {number:,} of {len(self.kinds):,}")
        return self.text(self.kinds[number])


def read_dex(blob: Blob, tables: Tables) -> None:
    """Every class with its instance fields, methods, and the strings that name none of them. Raises Damaged."""
    file = Cursor(blob)
    pools = _Pools(file)
    used = set(pools.kinds) | {row[2] for row in pools.fields}
    for number in range(pools.methods):
        name = file.number(pools.method_at + 8 * number + 4, 4)
        if name not in used:
            used.add(name)
            words, place = pools.text(name)
            if not words.startswith("<"):
                tables.add(words, place, "method")
    for number in range(len(pools.places)):
        if number not in used:
            words, place = pools.text(number)
            if len(words) >= 2:
                tables.add(words[:LONGEST], place, "string constant", Shape.CONSTANT_POOL)
    for number in range(pools.classes):
        _class(file, pools, pools.class_at + 32 * number, tables)


def _class(file: Cursor, pools: _Pools, at: int, tables: Tables) -> None:
    data = file.number(at + 24, 4)
    if not data:
        return
    descriptor, place = pools.kind(file.number(at, 4))
    rows = [pools.fields[one] for one in _own(file, data, len(pools.fields))]
    slots = tuple(Slot(*pools.text(row[2]), java_type(pools.kind(row[1])[0])) for row in rows)
    if slots:
        label = re.split(r"[/$]", descriptor.removeprefix("L").removesuffix(";"))[-1]
        tables.types.append(Typed(label, place, Shape.RECORD, "java", slots))


def _own(file: Cursor, at: int, most: int) -> list[int]:
    """The numbers of a class's instance fields."""
    statics, at = _leb(file, at)
    instances, at = _leb(file, at)
    _, at = _leb(file, at)
    _, at = _leb(file, at)
    for _ in range(2 * min(statics, most)):
        _, at = _leb(file, at)
    out, number = [], 0
    for _ in range(min(instances, most)):
        step, at = _leb(file, at)
        _, at = _leb(file, at)
        number += step
        if number >= most:
            raise Damaged(f"field {number:,} of {most:,}")
        out.append(number)
    return out


def _leb(file: Cursor, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number of at most five bytes, and the place after it."""
    value = 0
    for shift in range(0, 35, 7):
        byte = file.number(at, 1)
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Damaged("a number of more than five bytes")
