"""ISO 9660 with Joliet and Rock Ridge names."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import (
    Accounted,
    Content,
    Context,
    FormatDoc,
    FormatError,
    Magic,
    Passed,
    Unpacked,
    Unpacker,
)

SECTOR = 2048
MAX_RECORDS = 4_000_000
MAX_DEPTH = 64
JOLIET = (b"%/@", b"%/C", b"%/E")


@dataclass(frozen=True)
class _Record:
    name: UntrustedText
    extent: int
    size: int
    folder: bool
    link: bool
    more: bool


class Iso(Unpacker):
    """CD and DVD images; UDF bridge discs by their ISO side."""

    NAME = "iso"
    MAGIC = (Magic(data=b"CD001", offset=0x8001),)
    DOC = FormatDoc(
        title="ISO 9660 (Joliet, Rock Ridge)",
        kind="file system",
        suffixes=(".iso",),
        references=("https://www.ecma-international.org/publications-and-standards/standards/ecma-119/",),
        limits=("zisofs members come out packed.", "A disc with UDF only is read by 7-Zip where installed."),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A primary volume descriptor."""
        return blob.read(0x8000, 7) == b"\x01CD001\x01"

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files in folder order, each a slice; Joliet's names where it has them, else Rock Ridge's."""
        root, joliet = _best_root(blob)
        yield Accounted(0, 0)
        seen: set[int] = set()
        stack = [(root, "", 0)]
        count = 0
        while stack:
            folder, path, depth = stack.pop()
            if folder.extent in seen or depth > MAX_DEPTH:
                yield Problem(
                    code=ProblemCode.BOUND_DEPTH,
                    message=UntrustedText(f"folder {path or '/'} stands in itself or too deep"),
                    consequence="This folder was not entered again.",
                )
                continue
            seen.add(folder.extent)
            yield Accounted(folder.extent * SECTOR, -(-folder.size // SECTOR) * SECTOR)
            below = []
            pieces: list[Blob] = []
            for record in _records(blob, folder, joliet):
                count += 1
                if count > MAX_RECORDS:
                    raise FormatError("more directory records than the bound", code=ProblemCode.BOUND_MEMBERS)
                name = UntrustedText(path + record.name)
                if record.folder:
                    below.append((record, f"{name}/", depth + 1))
                    yield Passed(name=UntrustedText(f"{name}/"))
                    continue
                if record.link:
                    yield Passed(code=ProblemCode.LINK, name=name)
                    continue
                start = record.extent * SECTOR
                if record.size and start >= blob.size:
                    yield Passed(code=ProblemCode.TRUNCATED, name=name, message="lies behind the end of the image")
                    continue
                yield Accounted(start, -(-record.size // SECTOR) * SECTOR)
                pieces.append(blob.part(start, record.size))
                if record.more:
                    continue
                yield Content(name=name, blob=_whole(pieces, context))
                pieces = []
            stack.extend(reversed(below))


def _whole(pieces: list[Blob], context: Context) -> Blob:
    """Large files come in several extents."""
    if len(pieces) == 1:
        return pieces[0]
    return context.collect(bytes(view) for piece in pieces for _, view in piece.windows())


def _best_root(blob: Blob) -> tuple[_Record, bool]:
    primary: _Record | None = None
    for sector in range(16, 64):
        descriptor = blob.read(sector * SECTOR, SECTOR)
        if descriptor[1:6] != b"CD001" or len(descriptor) < SECTOR or descriptor[0] == 255:
            break
        if descriptor[0] == 2 and descriptor[88:91] in JOLIET:
            return _record(descriptor[156:190], joliet=True), True
        if descriptor[0] == 1:
            primary = _record(descriptor[156:190], joliet=False)
    if primary is None:
        raise FormatError("no volume descriptor")
    return primary, False


def _records(blob: Blob, folder: _Record, joliet: bool) -> Iterator[_Record]:
    data = blob.read(folder.extent * SECTOR, min(folder.size, 64 << 20))
    at = 0
    while at < len(data):
        length = data[at]
        if length == 0:
            at = (at // SECTOR + 1) * SECTOR
            continue
        raw = data[at : at + length]
        if len(raw) < 34 or raw[32] + 33 > len(raw):
            raise FormatError("a directory record that does not fit")
        if raw[33 : 33 + raw[32]] not in (b"\0", b"\1"):
            yield _record(raw, joliet=joliet)
        at += length


def _record(raw: bytes, *, joliet: bool) -> _Record:
    extent, size = struct.unpack_from("<I4xI", raw, 2)
    flags, length = raw[25], raw[32]
    name_raw = raw[33 : 33 + length]
    link = False
    if joliet:
        name = name_raw.decode("utf-16-be", "replace")
    else:
        system = raw[33 + length + (1 - length % 2) :]
        rock, link = _rock_ridge(system)
        name = decode_name(rock or name_raw)
    stem, mark, version = name.rpartition(";")
    if mark and version.isdigit():
        name = stem.rstrip(".") if not joliet else stem
    return _Record(UntrustedText(name), extent, size, bool(flags & 2), link, bool(flags & 0x80))


def _rock_ridge(system: bytes) -> tuple[bytes, bool]:
    name = b""
    link = False
    at = 0
    while at + 4 <= len(system):
        length = system[at + 2]
        if length < 4:
            break
        if system[at : at + 2] == b"NM" and length > 5:
            name += system[at + 5 : at + length]
        link = link or system[at : at + 2] == b"SL"
        at += length
    return name, link


UNPACKER = Iso()
