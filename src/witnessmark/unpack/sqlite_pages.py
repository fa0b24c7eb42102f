"""Pages, cells and records of an SQLite file, read as bytes. Reference: https://www.sqlite.org/fileformat2.html

Our own reader: the library would run what a hostile schema says (views, triggers, virtual tables), and would hide rows
of a damaged file. Nothing is executed here, and pages are read whether or not a tree still leads to them.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.unpacker import FormatError

MAGIC = b"SQLite format 3\0"
_INDEX_INNER, _TABLE_INNER, _INDEX_LEAF, _TABLE_LEAF = 2, 5, 10, 13
_SIZES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
_ENCODINGS = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_MAX_PAYLOAD = 128 << 20
_MAX_COLUMNS = 32_767
_MAX_TABLES = 100_000
_MAX_NAMED = 1_000_000  # pages whose table is looked up; those beyond count as pages of no table

Value = str | bytes | int | float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One record: how long it is, how much of it lies in its page, where, and the page it goes on in (0: none)."""

    payload: int
    local: int
    at: int
    overflow: int


class SqliteFile:
    """The pages of a database. Raises FormatError where the header is not that of one."""

    def __init__(self, blob: Blob) -> None:
        header = blob.read(0, 100)
        if len(header) < 100 or header[:16] != MAGIC:
            raise FormatError("no SQLite header")
        size = struct.unpack_from(">H", header, 16)[0]
        self.page_size = 65_536 if size == 1 else size
        if self.page_size < 512 or self.page_size & (self.page_size - 1):
            raise FormatError(f"a page size of {self.page_size} is not in the standard")
        self._usable = self.page_size - header[20]
        if self._usable < 480:
            raise FormatError("the pages keep back more room than the standard allows")
        self._encoding = _ENCODINGS.get(struct.unpack_from(">L", header, 56)[0], "utf-8")
        self._blob = blob
        self.pages = -(-blob.size // self.page_size)

    def cells(self, number: int) -> Iterator[Cell]:
        """The records on one page (numbered from 1); nothing where the page is not one of a table or an index."""
        base = (number - 1) * self.page_size
        page = self._blob.view(base, self.page_size)
        head = 100 if number == 1 else 0
        if len(page) < head + 12 or page[head] not in (_INDEX_INNER, _INDEX_LEAF, _TABLE_LEAF):
            return
        kind = page[head]
        (count,) = struct.unpack_from(">H", page, head + 3)
        pointers = head + (12 if kind == _INDEX_INNER else 8)
        if pointers + 2 * count > len(page):
            return  # not a page of records after all
        for at in struct.unpack_from(f">{count}H", page, pointers):
            cell = self._cell(page, at, kind, base)
            if cell is not None:
                yield cell

    def _cell(self, page: memoryview, at: int, kind: int, base: int) -> Cell | None:
        try:
            at += 4 if kind == _INDEX_INNER else 0
            payload, at = varint(page, at)
            if kind == _TABLE_LEAF:
                _, at = varint(page, at)
            local = self._local(payload, kind)
            overflow = struct.unpack_from(">L", page, at + local)[0] if local < payload else 0
        except (IndexError, struct.error):
            return None
        return Cell(payload, local, base + at, overflow)

    def _local(self, payload: int, kind: int) -> int:
        """How much of a record lies in its own page. (File format, 1.6)"""
        usable = self._usable
        most = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
        if payload <= most:
            return payload
        least = (usable - 12) * 32 // 255 - 23
        fitting = least + (payload - least) % (usable - 4)
        return fitting if fitting <= most else least

    def record(self, cell: Cell) -> bytes:
        """A record with its overflow pages put behind each other. Raises FormatError where the chain breaks."""
        if cell.payload > min(_MAX_PAYLOAD, self._blob.size):
            raise FormatError("a record is larger than the file")
        parts = [self._blob.read(cell.at, cell.local)]
        left = cell.payload - cell.local
        number = cell.overflow
        while left > 0:  # each page takes something away from `left`
            start = (number - 1) * self.page_size
            if number < 1 or start + 4 > self._blob.size:
                raise FormatError("a record's chain of pages breaks off", code=ProblemCode.TRUNCATED)
            body = self._blob.read(start + 4, min(left, self._usable - 4))
            parts.append(body)
            left -= max(1, len(body))
            (number,) = struct.unpack(">L", self._blob.view(start, 4))
        return b"".join(parts)

    def values(self, record: bytes) -> Iterator[Value]:
        """The columns of a record, text decoded. Raises FormatError or IndexError where it is damaged."""
        size, at = varint(record, 0)
        body = size
        for _ in range(_MAX_COLUMNS):
            if at >= size:
                return
            kind, at = varint(record, at)
            length = _SIZES.get(kind, (kind - 12) // 2 if kind >= 12 else 0)
            data = record[body : body + length]
            body += length
            if kind >= 13 and kind & 1:
                yield data.decode(self._encoding, "replace")
            elif kind >= 12:
                yield data
            elif kind == 7:
                yield float(struct.unpack(">d", data)[0])
            else:
                yield {0: None, 8: 0, 9: 1}.get(kind, int.from_bytes(data, "big", signed=True))

    def owners(self) -> dict[int, str]:
        """Which table or index each page belongs to, as far as the trees lead."""
        names: dict[int, str] = {}
        roots: list[tuple[str, int]] = []
        for page in self._tree(1, set()):
            names[page] = "sqlite_schema"
            for cell in self.cells(page):
                columns = tuple(self.values(self.record(cell)))
                if len(columns) >= 4 and isinstance(columns[3], int) and len(roots) < _MAX_TABLES:
                    roots.append((str(columns[1]), columns[3]))
        seen = set(names)
        for name, root in roots:
            for page in self._tree(root, seen):
                names[page] = name
        return names

    def _tree(self, root: int, seen: set[int]) -> Iterator[int]:
        """Every page below a root, each once."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in seen or not 1 <= number <= self.pages:
                continue
            if len(seen) >= _MAX_NAMED:
                return
            seen.add(number)
            if len(seen) % 16_384 == 0:
                self._blob.forget(self._blob.size)
            yield number
            page = self._blob.view((number - 1) * self.page_size, self.page_size)
            head = 100 if number == 1 else 0
            if len(page) < head + 12 or page[head] not in (_INDEX_INNER, _TABLE_INNER):
                continue
            (count,) = struct.unpack_from(">H", page, head + 3)
            (right,) = struct.unpack_from(">L", page, head + 8)
            pointers = page[head + 12 : head + 12 + 2 * count]
            places = struct.unpack(f">{len(pointers) // 2}H", pointers[: len(pointers) // 2 * 2])
            waiting.append(right)
            waiting += [struct.unpack_from(">L", page, at)[0] for at in reversed(places) if at + 4 <= len(page)]


def varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends. Raises IndexError at the end of the data."""
    value = 0
    for _ in range(8):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at
    return value << 8 | data[at], at + 1
