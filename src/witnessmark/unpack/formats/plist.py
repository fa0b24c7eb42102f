"""Apple property lists in binary form (.strings, Info.plist): keys and values side by side."""

import plistlib
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.unpacker import Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_MOST = 8 << 20
_MAX_VALUES = 1_000_000
_MAX_DEPTH = 64


class Plist(Unpacker):
    """Binary property lists; the XML ones are matched as they stand."""

    NAME = "plist"
    MAGIC = (Magic(data=b"bplist00"),)
    DOC = FormatDoc(
        title="Apple binary property list (plist, strings)",
        kind="data",
        suffixes=(".plist", ".strings", ".nib"),
        references=("https://opensource.apple.com/source/CF/CF-1153.18/CFBinaryPList.c",),
        limits=(f"Lists above {_MOST >> 20} MB are matched as they stand.",),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text, a line for each value: the keys that lead to it, then the value."""
        if blob.size > _MOST:
            raise FormatError(f"the list is larger than {_MOST} bytes", code=ProblemCode.BOUND_BYTES)
        most = min(_MAX_VALUES, 1_000 + 8 * blob.size)  # shared values count each time they are reached
        content = derived_text("values", _lines(plistlib.loads(blob.read(), fmt=plistlib.FMT_BINARY), most), context)
        if content is not None:
            yield content


def _lines(root: object, most: int) -> Iterator[str]:
    """Shared values are written each time, within the bound: a hostile list refers to itself without end."""
    waiting: list[tuple[str, int, object]] = [("", 0, root)]
    for _ in range(most):
        if not waiting:
            return
        path, depth, value = waiting.pop()
        if isinstance(value, dict | list):
            if depth >= _MAX_DEPTH or len(waiting) + len(value) > most:
                raise FormatError("the list nests too deep or is too large", code=ProblemCode.BOUND_STRUCTURE)
            pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
            waiting += [(f"{path}/{str(key)[:1000]}"[-4000:], depth + 1, child) for key, child in reversed(pairs)]
        elif isinstance(value, bytes):
            continue  # matched as it stands
        else:
            yield f"{path.lstrip('/')}: {value}\n"
    raise FormatError("the list holds too many values", code=ProblemCode.BOUND_STRUCTURE)


UNPACKER = Plist()
