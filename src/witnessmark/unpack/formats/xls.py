"""Excel 97 to 2003: cell texts row by row, and strings that a record's end cuts in two."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.biff import Record, records, shared_strings, short_string, sized_string
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.unpacker import Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

_FILE_PASS, _SHEET, _STRINGS, _BEGIN = 0x2F, 0x85, 0xFC, 0x809
_LABEL_SHARED, _LABEL, _NUMBER, _RK, _FORMULA_TEXT, _NOTE_TEXT = 0xFD, 0x204, 0x203, 0x27E, 0x207, 0x1B6
_CELLS = frozenset({_LABEL_SHARED, _LABEL, _NUMBER, _RK, _FORMULA_TEXT, _NOTE_TEXT})
_GLOBALS = 5
_MAX_HELD = 200_000  # cells of one text; a larger sheet gives several texts of the same name


class Xls(Unpacker):
    """A BIFF8 workbook stream, inside its compound file or alone."""

    NAME = "xls"
    MAGIC = (Magic(data=b"\x09\x08\x10\x00\x00\x06"),)
    DOC = FormatDoc(
        title="Excel 97-2003 workbook (xls): cells row by row",
        kind="document",
        suffixes=(".xls", ".xlt", ".et"),
        references=("https://learn.microsoft.com/openspecs/office_file_formats/ms-xls/",),
        limits=(
            "Excel 5 and 95: cells are matched as they stand in the stream.",
            "Encrypted workbooks are reported, not opened.",
        ),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text a sheet; a line holds the texts and numbers of one row, with tabs."""
        strings: tuple[str, ...] = ()
        names: list[str] = []
        sheet: list[Record] = []
        number = -1
        for record in records(blob):
            if record.kind == _FILE_PASS:
                yield Passed(code=ProblemCode.ENCRYPTED, name=UntrustedText("cells"))
                return
            if record.kind == _STRINGS:
                strings = shared_strings(record)
            elif record.kind == _SHEET:
                names.append(short_string(record.data, 6))
            elif record.kind == _BEGIN and struct.unpack_from("<H", record.data, 2)[0] != _GLOBALS:
                yield from _sheet(names, number, sheet, strings, context)
                number += 1
                sheet = []
            elif number >= 0 and record.kind in _CELLS:
                sheet.append(record)
                if len(sheet) >= _MAX_HELD:
                    yield from _sheet(names, number, sheet, strings, context)
                    sheet = []
        yield from _sheet(names, number, sheet, strings, context)


def _sheet(
    names: list[str], number: int, cells: list[Record], strings: tuple[str, ...], context: Context
) -> Iterator[Unpacked]:
    if number < 0:
        return
    name = names[number] if number < len(names) else str(number + 1)
    content = derived_text(f"sheet {name}", _rows(cells, strings), context)
    if content is not None:
        yield content


def _rows(cells: list[Record], strings: tuple[str, ...]) -> Iterator[str]:
    last = -1
    for record in cells:
        value = _value(record, strings)
        if value is None:
            continue
        row = last if record.kind in (_FORMULA_TEXT, _NOTE_TEXT) else struct.unpack_from("<H", record.data)[0]
        yield ("\t" if row == last else "\n" if last >= 0 else "") + value
        last = row
    yield "\n"


def _value(record: Record, strings: tuple[str, ...]) -> str | None:
    """A cell as text; None for records that are not cells."""
    data = record.data
    if record.kind == _LABEL_SHARED:
        (index,) = struct.unpack_from("<L", data, 6)
        if index >= len(strings):
            raise FormatError("a cell names a string that is not there")
        return str(strings[index])
    if record.kind == _LABEL:
        return sized_string(data, 6)
    if record.kind == _FORMULA_TEXT:
        return sized_string(data, 0)
    if record.kind == _NUMBER:
        return f"{float(struct.unpack_from('<d', data, 6)[0]):g}"
    if record.kind == _RK:
        return f"{_rk(struct.unpack_from('<L', data, 6)[0]):g}"
    if record.kind == _NOTE_TEXT and record.continued:
        wide = record.continued[0][:1] == b"\x01"
        return record.continued[0][1:].decode("utf-16-le" if wide else "latin-1", "replace")
    return None


def _rk(value: int) -> float:
    """A number packed into 30 bits. [MS-XLS] 2.5.217"""
    if value & 2:
        number: float = float((value >> 2) - (1 << 30 if value & 0x80000000 else 0))
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (value & 0xFFFFFFFC) << 32))
    return number / 100 if value & 1 else number


UNPACKER = Xls()
