"""Qt resources compiled into a program: pages, scripts and translations that stand in it compressed."""

import re
import struct
from collections.abc import Iterator
from functools import cache

import hyperscan

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.inflate import inflated
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_SIGNS = (b"qRegisterResourceData", b"qrc:/")  # the function that a program's resources call; the scheme that Qt reads
_ZLIB = (b"\x78\x9c", b"\x78\xda", b"\x78\x01", b"\x78\x5e")
_WINDOW = 4 << 20
_OVERLAP = 64
_HEAD = 8  # the resource's length, the unpacked length
_MAX_RESOURCES = 500_000
_MAX_RATIO = 1_100  # deflate gives no more


class QtEmbedded(Unpacker):
    """Programs and libraries that carry a Qt resource collection."""

    NAME = "qt_embedded"
    MAGIC = (Magic(data=b"\x7fELF"), Magic(data=b"MZ"), Magic(data=b"\xcf\xfa\xed\xfe"))
    DOC = FormatDoc(
        title="Qt resources compiled into a program",
        kind="app",
        suffixes=(".so", ".dll", ".exe", ".dylib"),
        references=("https://doc.qt.io/qt-6/resources.html",),
        limits=("Resources come out by their place, without their names.",),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the program speaks of Qt resources at all; one quick look over its bytes."""
        signs, working = _signs()
        try:
            for _, view in blob.windows(_WINDOW, _OVERLAP):
                signs.scan(view, lambda *_: True, scratch=working)  # type: ignore[type-var]  # any buffer will do
        except hyperscan.ScanTerminated:
            return True
        return False

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Each compressed resource, by the place where it starts."""
        end = 0
        for count, (at, size, full) in enumerate(_candidates(blob)):
            if count > _MAX_RESOURCES:
                raise FormatError(f"more than {_MAX_RESOURCES} resources", code=ProblemCode.BOUND_STRUCTURE)
            if at < end:
                continue
            packed = blob.view(at, size)
            if _opens(packed):
                data = context.collect(inflated(packed, size=full), packed_size=size)
                yield Content(name=UntrustedText(f"resource at {at}"), blob=data)
                end = at + size


@cache
def _signs() -> tuple[hyperscan.Database, hyperscan.Scratch]:
    """The signs as the fastest search there is: every library of every scan is looked over."""
    database = hyperscan.Database()
    database.compile(expressions=[re.escape(sign) for sign in _SIGNS], ids=[0, 1], flags=[0, 0])
    return database, hyperscan.Scratch(database)


def _candidates(blob: Blob) -> Iterator[tuple[int, int, int]]:
    """(place, packed size, unpacked size) wherever the two lengths before a zlib header make sense."""
    for start, view in blob.windows(_WINDOW, _OVERLAP):
        window = bytes(view)
        found: list[int] = []
        for mark in _ZLIB:
            at = window.find(mark, _HEAD)
            while at >= 0:
                size, full = struct.unpack_from(">LL", window, at - _HEAD)
                if 12 <= size <= blob.size - start - at + 4 and 0 < full <= _MAX_RATIO * size:
                    found.append(at)
                at = window.find(mark, at + 1)
        for at in sorted(found):
            size, full = struct.unpack_from(">LL", window, at - _HEAD)
            yield start + at, size - 4, full


def _opens(packed: memoryview) -> bool:
    """Whether the beginning really is deflate; chance gives a few false headers in a large program."""
    try:
        return bool(next(inflated(packed, size=1)))
    except (FormatError, StopIteration):
        return False


UNPACKER = QtEmbedded()
