"""Microsoft cabinets: stored and MSZIP folders natively, LZX by libarchive or a program."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import native_library
from witnessmark.unpack.extracted import by_program, seven_zip
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.program_format import SEVEN_ZIP
from witnessmark.unpack.sliced import Sliced
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

MARK = b"MSCF\0\0\0\0"
STORED, MSZIP = 0, 1
UTF8 = 0x80
BLOCK = 32768


@dataclass
class _Folder:
    at: int
    blocks: int
    method: int
    files: list[tuple[int, int, UntrustedText]] = field(default_factory=list)  # start, size, name


class Cab(Unpacker):
    """Windows' own archive."""

    NAME = "cab"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="Microsoft cabinet (CAB)",
        kind="archive",
        suffixes=(".cab", ".msu"),
        references=("https://learn.microsoft.com/previous-versions/bb417343(v=msdn.10)",),
        limits=(
            "LZX folders need libarchive, 7-Zip or cabextract; Quantum ones 7-Zip or cabextract.",
            "Files that span several cabinets need all of them.",
        ),
        program="7zz",
        install=SEVEN_ZIP,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Version 1.3 and a size within the file."""
        head = blob.read(0, 36)
        return len(head) == 36 and head[24:26] == b"\x03\x01" and struct.unpack_from("<I", head, 8)[0] <= blob.size

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files, folder by folder."""
        folders, data_reserve = _folders(blob)
        (size,) = struct.unpack("<I", blob.read(8, 4))
        yield Accounted(0, size)
        if any(folder.method not in (STORED, MSZIP) for folder in folders):
            if native_library.present():
                yield from native_library.members(blob, context)
                return
            cabextract = ("cabextract", ("-q", "-d", "{output}", "{input}"))
            yield from by_program(blob, context, self.DOC, (*seven_zip(context), cabextract), ".cab")
            return
        for folder in folders:
            sliced = Sliced(_chunks(blob, folder, data_reserve))
            at = 0
            for start, length, name in sorted(folder.files):
                if start != at or not sliced.taken_whole:
                    yield Passed(code=ProblemCode.CORRUPT, name=name, message="does not follow the file before it")
                    continue
                yield Content(name=name, blob=context.collect(sliced.take(length), packed_size=size))
                at += length


def _folders(blob: Blob) -> tuple[list[_Folder], int]:
    files_at, _, _, _, folder_count, file_count, flags = struct.unpack("<IIBBHHH", blob.read(16, 16))
    at = 36
    folder_reserve = data_reserve = 0
    if flags & 4:
        header_reserve, folder_reserve, data_reserve = struct.unpack("<HBB", blob.read(at, 4))
        at += 4 + header_reserve
    for bit in (1, 2):
        for _ in range(2 if flags & bit else 0):
            at += len(_text(blob, at)) + 1
    folders = []
    for _ in range(folder_count):
        data_at, blocks, method = struct.unpack("<IHH", blob.read(at, 8))
        folders.append(_Folder(data_at, blocks, method & 15))
        at += 8 + folder_reserve
    at = files_at
    for _ in range(file_count):
        size, start, index, _, _, attributes = struct.unpack("<IIHHHH", blob.read(at, 16))
        raw = _text(blob, at + 16)
        name = decode_name(raw, utf8=bool(attributes & UTF8)).replace("\\", "/")
        if index < len(folders):
            folders[index].files.append((start, size, UntrustedText(name)))
        at += 17 + len(raw)
    return folders, data_reserve


def _text(blob: Blob, at: int) -> bytes:
    return blob.read(at, 1024).split(b"\0")[0]


def _chunks(blob: Blob, folder: _Folder, reserve: int) -> Iterator[bytes]:
    at = folder.at
    before = b""
    for _ in range(folder.blocks):
        _, packed, size = struct.unpack("<IHH", blob.read(at, 8))
        data = blob.read(at + 8 + reserve, packed)
        if len(data) < packed:
            raise FormatError("the cabinet ends inside a block", code=ProblemCode.TRUNCATED)
        at += 8 + reserve + packed
        if folder.method == MSZIP:
            if data[:2] != b"CK":
                raise FormatError("a block without its mark")
            engine = zlib.decompressobj(-15, zdict=before) if before else zlib.decompressobj(-15)
            data = engine.decompress(data[2:], BLOCK)
            before = data
        yield data[:size]


UNPACKER = Cab()
