"""Constants, fields and methods of Java class files (The Java Virtual Machine Specification, chapter 4)."""

import re
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.observation import Shape
from witnessmark.read.binary.cursor import Cursor, Damaged, Slot, Tables, Typed

MAGIC = b"\xca\xfe\xba\xbe"
_WIDTHS = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_TYPES = {
    "B": "byte", "C": "char", "D": "double", "F": "float", "I": "int", "J": "long", "S": "short", "Z": "boolean",
}  # fmt: skip
_STATIC, _ENUM = 0x0008, 0x4000


def java_type(descriptor: str) -> str:
    """`[B` as `byte[]`, `Lcom/x/Race;` as `Race`."""
    depth = len(descriptor) - len(descriptor.lstrip("["))
    bare = descriptor[depth:]
    name = _TYPES.get(bare) or re.split(r"[/$]", bare.removeprefix("L").removesuffix(";"))[-1]
    return name + "[]" * depth


class _Pool:
    """The constant pool: texts by number, with their places."""

    def __init__(self, file: Cursor) -> None:
        self.texts: dict[int, tuple[str, int]] = {}
        self.refers: dict[int, int] = {}
        self.strings: list[int] = []
        self.integers: dict[int, int] = {}
        count, at, number = file.number(8, 2), 10, 1
        while number < count:
            tag = file.number(at, 1)
            if tag == 1:
                length = file.number(at + 1, 2)
                self.texts[number] = (file.bytes(at + 3, length).decode("utf-8", "replace"), at + 3)
                at += 3 + length
            elif tag in _WIDTHS:
                if tag in (7, 8):
                    self.refers[number] = file.number(at + 1, 2)
                    if tag == 8:
                        self.strings.append(self.refers[number])
                elif tag == 3:
                    value = file.number(at + 1, 4)
                    self.integers[number] = value - (value >> 31 << 32)
                at += 1 + _WIDTHS[tag]
            else:
                raise Damaged(f"constant {number} is of the unknown kind {tag}")
            number += 2 if tag in (5, 6) else 1
        self.end = at

    def text(self, number: int) -> tuple[str, int]:
        """A text and its place. Raises Damaged."""
        if number not in self.texts:
            raise Damaged(f"constant {number} is no text")
        return self.texts[number]


def read_class(blob: Blob, tables: Tables) -> None:
    """The class with its fields in order, its methods, and its string constants. Raises Damaged."""
    file = Cursor(blob, "big")
    pool = _Pool(file)
    for number in dict.fromkeys(pool.strings):
        words, place = pool.text(number)
        tables.add(words, place, "string constant", Shape.CONSTANT_POOL)
    _, this, _, interfaces = file.numbers(pool.end, 2, 2, 2, 2)
    name, place = pool.text(pool.refers.get(this, 0))
    at = pool.end + 8 + 2 * interfaces
    fields, at = _members(file, pool, at)
    methods, _ = _members(file, pool, at)
    _type(re.split(r"[/$]", name)[-1], place, fields, tables)
    held = {slot.offset for typed in tables.types for slot in typed.slots}
    for field in fields:
        if field.place not in held:
            tables.add(field.name, field.place, "field")
    for method in methods:
        if not method.name.startswith("<"):
            tables.add(method.name, method.place, "method")


def _type(name: str, place: int, fields: list["_Member"], tables: Tables) -> None:
    """A class of instance fields as a record; one of constants only, or an enum, as an enumeration."""
    labels = [field for field in fields if field.flags & _ENUM]
    own = [field for field in fields if not field.flags & (_STATIC | _ENUM)]
    if not labels and not own:
        labels = [field for field in fields if field.value is not None]
    shape, rows = (Shape.ENUM, labels) if labels else (Shape.RECORD, own)
    slots = tuple(
        Slot(row.name, row.place, value=row.value or str(number))
        if labels
        else Slot(row.name, row.place, java_type(row.descriptor))
        for number, row in enumerate(rows)
    )
    if slots:
        tables.types.append(Typed(name, place, shape, "java", slots))


@dataclass(frozen=True)
class _Member:
    """A field or method. `value`: of a constant."""

    flags: int
    name: str
    place: int
    descriptor: str
    value: str | None = None


def _members(file: Cursor, pool: _Pool, at: int) -> tuple[list[_Member], int]:
    """Fields or methods, and the place after them."""
    count = file.number(at, 2)
    at += 2
    out = []
    for _ in range(count):
        flags, name, descriptor, attributes = file.numbers(at, 2, 2, 2, 2)
        at += 8
        value = None
        for _ in range(attributes):
            label, length = file.numbers(at, 2, 4)
            if length == 2 and pool.texts.get(label, ("", 0))[0] == "ConstantValue":
                constant = pool.integers.get(file.number(at + 6, 2))
                value = None if constant is None else str(constant)
            at += 6 + length
        text, place = pool.text(name)
        out.append(_Member(flags, text, place, pool.text(descriptor)[0], value))
    return out, at
