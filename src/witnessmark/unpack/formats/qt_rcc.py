"""Qt resource files (.rcc)."""

import struct
import zlib
from collections.abc import Iterator

import zstandard

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.inflate import inflated
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_ZLIB, _FOLDER, _ZSTD = 1, 2, 4
_MAX_NODES = 1_000_000
_STEP = 1 << 18


class QtRcc(Unpacker):
    """A compiled Qt resource collection in a file of its own."""

    NAME = "qt_rcc"
    MAGIC = (Magic(data=b"qres\0\0\0"),)
    DOC = FormatDoc(
        title="Qt resources (rcc)",
        kind="data",
        suffixes=(".rcc",),
        references=("https://doc.qt.io/qt-6/resources.html",),
        limits=("Resources compiled into a program are found by their compression, without their names.",),
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files, folders first to last."""
        version, tree, data, names = struct.unpack(">4L", blob.view(4, 16))
        if not 1 <= version <= 3:
            raise FormatError(f"version {version} of the format is not known", code=ProblemCode.UNSUPPORTED)
        size = 14 if version == 1 else 22
        waiting = [(0, "")]
        seen: set[int] = set()
        while waiting:
            number, parent = waiting.pop()
            if number in seen or len(seen) > _MAX_NODES:
                raise FormatError("the tree of resources runs in a circle or is too large")
            seen.add(number)
            name_at, flags, first, second = struct.unpack(">LHLL", blob.view(tree + number * size, 14))
            path = f"{parent}/{_name(blob, names + name_at)}" if number else ""
            if flags & _FOLDER:
                if first > _MAX_NODES:
                    raise FormatError("a folder holds too many resources", code=ProblemCode.BOUND_STRUCTURE)
                waiting += [(second + child, path) for child in reversed(range(first))]
            else:
                yield _file(blob, data + second, flags, path, context)


def _name(blob: Blob, at: int) -> str:
    (length,) = struct.unpack(">H", blob.view(at, 2))
    return blob.read(at + 6, 2 * length).decode("utf-16-be", "replace")


def _file(blob: Blob, at: int, flags: int, path: str, context: Context) -> Content:
    (size,) = struct.unpack(">L", blob.view(at, 4))
    packed = blob.view(at + 4, size)
    if len(packed) < size:
        raise FormatError("a resource runs past the end", code=ProblemCode.TRUNCATED)
    name = UntrustedText(path.lstrip("/"))
    if flags & _ZLIB:
        return Content(name=name, blob=context.collect(inflated(packed[4:]), packed_size=size))
    if flags & _ZSTD:
        return Content(name=name, blob=context.collect(_zstd(packed), packed_size=size))
    return Content(name=name, blob=blob.part(at + 4, size))


def _zstd(packed: memoryview) -> Iterator[bytes]:
    try:
        with zstandard.ZstdDecompressor(max_window_size=128 << 20).stream_reader(packed) as reader:
            while chunk := reader.read(_STEP):
                yield chunk
    except zstandard.ZstdError as error:
        raise zlib.error(str(error)) from error  # one sort of damage for both compressions


UNPACKER = QtRcc()
