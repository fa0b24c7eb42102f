"""Romfs: the small read-only file system of old Linux devices."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

MARK = b"-rom1fs-"
MAX_FILES = 1_000_000
FOLDER, FILE, LINK, HARD = 1, 2, 3, 0


class Romfs(Unpacker):
    """Headers in a linked list, big-endian."""

    NAME = "romfs"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="romfs",
        kind="file system",
        suffixes=(".romfs",),
        references=("https://www.kernel.org/doc/html/latest/filesystems/romfs.html",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """The first 512 bytes sum to zero."""
        (size,) = struct.unpack(">I", blob.read(8, 4) or bytes(4))
        head = blob.read(0, min(512, size) & ~3)
        return bool(32 <= size <= blob.size and sum(struct.unpack(f">{len(head) // 4}I", head)) & 0xFFFFFFFF == 0)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files below the root, folder by folder."""
        at = 16 + _padded(blob.read(16, 256).split(b"\0")[0])
        seen: set[int] = set()
        stack = [(at, "")]
        while stack:
            at, path = stack.pop()
            while at and at not in seen:
                seen.add(at)
                if len(seen) > MAX_FILES:
                    raise FormatError("more files than the bound", code=ProblemCode.BOUND_MEMBERS)
                following, info, size, _ = struct.unpack(">IIII", blob.read(at, 16))
                raw = blob.read(at + 16, 4096).split(b"\0")[0]
                data = at + 16 + _padded(raw)
                kind = following & 7
                name = UntrustedText(path + decode_name(raw))
                if kind == FOLDER and raw not in (b".", b".."):
                    yield Passed(name=UntrustedText(f"{name}/"))
                    stack.append((info & ~15, f"{name}/"))
                elif kind == FILE:
                    yield Content(name=name, blob=blob.part(data, size))
                elif kind == LINK:
                    yield Passed(
                        code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {decode_name(blob.read(data, size))}")
                    )
                elif kind > LINK:
                    yield Passed(code=ProblemCode.DEVICE, name=name)
                at = following & ~15


def _padded(raw: bytes) -> int:
    return (len(raw) + 16) & ~15


UNPACKER = Romfs()
