"""Electron's asar archives."""

import json
import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
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

_MOST_HEADER = 24 << 20
_MAX_ENTRIES = 300_000


class Asar(Unpacker):
    """The archive that an Electron program's scripts lie in."""

    NAME = "asar"
    MAGIC = (Magic(data=b'{"files":{', offset=16),)
    DOC = FormatDoc(
        title="Electron archive (asar)",
        kind="app",
        suffixes=(".asar",),
        references=("https://github.com/electron/asar#format",),
        limits=("Files that the archive keeps outside itself are named, not read; scan their folder as well.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the four sizes before the list of files agree."""
        first, header, inner, text = struct.unpack("<4L", blob.view(0, 16))
        return bool(first == 4 and inner + 4 == header and text + 4 <= inner)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files in the order of the list; nothing is packed, so each is a slice."""
        _, header, _, text = struct.unpack("<4L", blob.view(0, 16))
        if text > _MOST_HEADER:
            raise FormatError(
                f"the list of files is larger than {_MOST_HEADER} bytes", code=ProblemCode.BOUND_STRUCTURE
            )
        start = 8 + header
        files = _files(json.loads(blob.read(16, text)))
        yield Accounted(0, start)  # the list of files; their names come out with them
        for path, entry in files:
            if "link" in entry:
                yield Passed(code=ProblemCode.LINK, name=UntrustedText(path))
            elif entry.get("unpacked"):
                yield Passed(code=ProblemCode.UNREADABLE, name=UntrustedText(path), message="kept outside the archive")
            else:
                offset, size = start + int(str(entry["offset"])), int(str(entry["size"]))
                if offset < start or size < 0 or offset + size > blob.size:
                    raise FormatError(f"{path[:200]} lies outside the archive", code=ProblemCode.TRUNCATED)
                yield Accounted(offset, size)
                yield Content(name=UntrustedText(path), blob=blob.part(offset, size))


def _files(tree: object) -> Iterator[tuple[str, dict[str, object]]]:
    waiting: list[tuple[str, object]] = [("", tree)]
    for _ in range(_MAX_ENTRIES):
        if not waiting:
            return
        path, node = waiting.pop()
        if not isinstance(node, dict):
            raise FormatError("the list of files is not in the form of an asar")
        inside = node.get("files")
        if inside is None:
            yield path, node
        elif isinstance(inside, dict):
            waiting += [(f"{path}/{name}" if path else name, child) for name, child in reversed(inside.items())]
    raise FormatError(f"more than {_MAX_ENTRIES} entries", code=ProblemCode.BOUND_MEMBERS)


UNPACKER = Asar()
