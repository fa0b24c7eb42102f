"""Bounded reading of numbers and names in a binary file."""

from dataclasses import dataclass, field
from typing import Literal

from witnessmark.blob import Blob
from witnessmark.model.observation import Shape

MOST_NAMES = 200_000
LONGEST = 2_000


class Damaged(ValueError):
    """A table points outside of its file, or holds more than is read."""


@dataclass(frozen=True)
class Named:
    """One name in a table: where its letters stand, and which table that is (`exported symbol`, `string constant`)."""

    name: str
    offset: int
    table: str
    shape: Shape = Shape.SYMBOL


@dataclass(frozen=True)
class Slot:
    """One field or enumerator of a compiled type."""

    name: str
    offset: int
    type: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Typed:
    """A compiled type with its fields in order."""

    name: str
    offset: int
    shape: Shape
    language: str
    slots: tuple[Slot, ...] = ()


@dataclass
class Tables:
    """All that the tables of one file say. `problem`: why the rest was not read."""

    names: list[Named] = field(default_factory=list)
    types: list[Typed] = field(default_factory=list)
    problem: str = ""

    def add(self, name: str, offset: int, table: str, shape: Shape = Shape.SYMBOL) -> None:
        """Keep one name. Raises Damaged past the bound."""
        if len(self.names) >= MOST_NAMES:
            raise Damaged(f"more than {MOST_NAMES:,} names")
        if name:
            self.names.append(Named(name, offset, table, shape))


class Cursor:
    """Numbers and strings at given places. Every method raises Damaged for a place outside of the file."""

    def __init__(self, blob: Blob, order: Literal["little", "big"] = "little") -> None:
        self.blob = blob
        self.order: Literal["little", "big"] = order

    def bytes(self, at: int, length: int) -> bytes:
        """Exactly `length` bytes."""
        if at < 0 or length < 0 or at + length > self.blob.size:
            raise Damaged(f"a table reaches to byte {at + length:,} of {self.blob.size:,}")
        return self.blob.read(at, length)

    def number(self, at: int, width: int) -> int:
        """An unsigned number of `width` bytes."""
        return int.from_bytes(self.bytes(at, width), self.order)

    def numbers(self, at: int, *widths: int) -> tuple[int, ...]:
        """Unsigned numbers that stand one after the other."""
        data = self.bytes(at, sum(widths))
        out, place = [], 0
        for width in widths:
            out.append(int.from_bytes(data[place : place + width], self.order))
            place += width
        return tuple(out)

    def text(self, at: int) -> str:
        """A string that ends with a zero byte, of at most LONGEST bytes."""
        if not 0 <= at < self.blob.size:
            raise Damaged(f"a name stands at byte {at:,} of {self.blob.size:,}")
        return self.blob.read(at, LONGEST).split(b"\0", 1)[0].decode("utf-8", "replace")
