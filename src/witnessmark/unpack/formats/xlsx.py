"""Excel workbooks: the cells of each sheet row by row, with the shared strings put in their places."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.blob_file import BlobFile
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.markup import parse_steps, xml_parser
from witnessmark.unpack.unpacker import Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_MAX_STRINGS = 1_500_000
_MAX_STRING_CHARACTERS = 48 << 20
_MAX_ENTRIES = 200_000
_STEP = 1 << 16
_SHEET = re.compile(r"xl/worksheets/([^/]+)\.xml", re.ASCII)
_STRINGS = "xl/sharedStrings.xml"


class Xlsx(Unpacker):
    """Workbooks in Office Open XML."""

    NAME = "xlsx"
    MAGIC = (Magic(data=b"PK\x03\x04"),)
    DOC = FormatDoc(
        title="Excel workbook (xlsx, xlsm): cells row by row",
        kind="document",
        suffixes=(".xlsx", ".xlsm", ".xltx"),
        references=("https://ecma-international.org/publications-and-standards/standards/ecma-376/",),
        limits=("Binary workbooks (xlsb): no rows; their strings are matched as they stand in the parts.",),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the zip's list of members, near its end, names a workbook's parts."""
        head = bytes(blob.view(30, 64))
        if not name.lower().endswith((".xlsx", ".xlsm", ".xltx")) and not head.startswith(
            (b"[Content", b"_rels", b"xl/")
        ):
            return False
        return b"xl/workbook.xml" in blob.read(max(0, blob.size - (1 << 20)), 1 << 20)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text a sheet, a line for each row, cells with tabs between them."""
        try:
            with zipfile.ZipFile(io.BufferedReader(BlobFile(blob))) as archive:
                yield from _sheets(archive, context)
        except (zipfile.BadZipFile, OSError, RuntimeError) as error:  # RuntimeError: an encrypted part
            raise FormatError(f"the workbook's zip cannot be read: {error}") from error


def _sheets(archive: zipfile.ZipFile, context: Context) -> Iterator[Unpacked]:
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES:
        raise FormatError(f"more than {_MAX_ENTRIES} parts", code=ProblemCode.BOUND_STRUCTURE)
    strings: list[str] = []
    for entry in entries:
        if entry.filename == _STRINGS:
            strings = _shared_strings(_part(archive, entry, context))
    for entry in entries:
        found = _SHEET.fullmatch(entry.filename)
        if found:
            part = _part(archive, entry, context)
            content = derived_text(f"{found[1]} by rows", _rows(part, strings), context)
            if content is not None:
                yield content


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, context: Context) -> Blob:
    def chunks() -> Iterator[bytes]:
        with archive.open(entry) as file:
            while chunk := file.read(_STEP):
                yield chunk

    return context.collect(chunks(), packed_size=entry.compress_size)


@dataclass(kw_only=True)
class _Strings:
    strings: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    size: int = 0
    inside: bool = False

    def start(self, name: str, _: list[str]) -> None:
        self.inside = name.endswith("t") and name.rpartition(":")[2] == "t"

    def end(self, name: str) -> None:
        self.inside = False
        if name.rpartition(":")[2] == "si":
            self.strings.append("".join(self.parts))
            self.parts.clear()
            if len(self.strings) > _MAX_STRINGS:
                raise FormatError(f"more than {_MAX_STRINGS} shared strings", code=ProblemCode.BOUND_STRUCTURE)

    def data(self, text: str) -> None:
        if self.inside:
            self.size += len(text)
            if self.size > _MAX_STRING_CHARACTERS:
                raise FormatError("the shared strings are too large", code=ProblemCode.BOUND_STRUCTURE)
            self.parts.append(text)


def _shared_strings(part: Blob) -> list[str]:
    state = _Strings()
    parser = xml_parser()
    parser.StartElementHandler, parser.EndElementHandler = state.start, state.end
    parser.CharacterDataHandler = state.data
    for _ in parse_steps(parser, part):
        pass  # the handlers gather; nothing comes out before the end
    return state.strings


@dataclass(kw_only=True)
class _Cells:
    strings: list[str]
    out: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    kind: str = ""
    inside: bool = False

    def start(self, name: str, attributes: list[str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self.kind = dict(zip(attributes[::2], attributes[1::2], strict=True)).get("t", "n")
            self.text.clear()
        self.inside = local in ("v", "t")

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self.inside = False
        if local == "c":
            self.out.append(self._value() + "\t")
        elif local == "row":
            self.out.append("\n")

    def data(self, text: str) -> None:
        if self.inside:
            self.text.append(text)

    def _value(self) -> str:
        text = "".join(self.text)
        if self.kind == "s" and text.isdecimal() and len(text) < 10 and int(text) < len(self.strings):
            return self.strings[int(text)]
        return text


def _rows(part: Blob, strings: list[str]) -> Iterator[str]:
    state = _Cells(strings=strings)
    parser = xml_parser()
    parser.StartElementHandler, parser.EndElementHandler = state.start, state.end
    parser.CharacterDataHandler = state.data
    for _ in parse_steps(parser, part):
        yield from state.out
        state.out.clear()


UNPACKER = Xlsx()
