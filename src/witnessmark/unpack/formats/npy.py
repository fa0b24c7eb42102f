"""NumPy arrays of text (.npy): label lists are kept in UTF-32 there."""

import re
import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

_DESCR = re.compile(rb"'descr': *'([<>|=])U([0-9]{1,9})'")
_STEP = 1 << 18


class Npy(Unpacker):
    """One array; an .npz is a zip of them."""

    NAME = "npy"
    MAGIC = (Magic(data=b"\x93NUMPY"),)
    DOC = FormatDoc(
        title="NumPy array of text (npy, npz)",
        kind="data",
        suffixes=(".npy", ".npz"),
        references=("https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html",),
        limits=("Arrays of records and of pickled objects are matched as they stand; nothing is loaded.",),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text, a line for each element."""
        wide = blob.view(6, 1)[0] >= 2
        (size,) = struct.unpack("<L" if wide else "<H", blob.view(8, 4 if wide else 2))
        start = (12 if wide else 10) + size
        found = _DESCR.search(blob.read(0, min(start, 1 << 16)))
        if found and int(found[2]):
            content = derived_text("elements", _elements(blob, start, int(found[2]), big=found[1] == b">"), context)
            if content is not None:
                yield content


def _elements(blob: Blob, start: int, characters: int, *, big: bool) -> Iterator[str]:
    width = 4 * characters
    step = max(1, _STEP // width) * width
    encoding = "utf-32-be" if big else "utf-32-le"
    for at in range(start, blob.size, step):
        data = blob.read(at, step)
        blob.forget(at)
        for element in range(0, len(data), width):
            yield data[element : element + width].decode(encoding, "replace").rstrip("\0") + "\n"


UNPACKER = Npy()
