"""Ext2, ext3 and ext4 images; what no file owns (deleted files among it) is matched as it stands."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import ext_inodes
from witnessmark.unpack.ext_inodes import INLINE, Inode, Superblock
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

ROOT = 2
MAX_FOLDER = 256 << 20
MAX_INODES = 4_000_000


class Ext(Unpacker):
    """Linux's own file systems."""

    NAME = "ext"
    MAGIC = (Magic(data=b"\x53\xef", offset=1080),)
    DOC = FormatDoc(
        title="ext2, ext3, ext4",
        kind="file system",
        suffixes=(".ext2", ".ext3", ".ext4", ".img"),
        references=("https://www.kernel.org/doc/html/latest/filesystems/ext4/",),
        limits=(
            "The journal is not replayed; it is matched as it stands.",
            "Encrypted folders and inline data above 60 bytes are not read.",
        ),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A superblock that makes sense and a root folder."""
        try:
            head = ext_inodes.superblock(blob)
            return ext_inodes.inode(blob, head, ROOT).mode & 0xF000 == 0x4000
        except (FormatError, ValueError, struct.error):
            return False

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files, folder by folder."""
        head = ext_inodes.superblock(blob)
        stack = [(ROOT, "")]
        seen: set[int] = set()
        count = 0
        yield Accounted(1024, 1024)  # the superblock; else what is left over would look like an image again
        while stack:
            number, path = stack.pop()
            if number in seen:
                continue
            seen.add(number)
            folder = ext_inodes.inode(blob, head, number)
            data = context.collect(ext_inodes.content(blob, head, folder)).read(0, MAX_FOLDER)
            below = []
            for raw, child in ext_inodes.entries(data):
                count += 1
                if count > MAX_INODES:
                    raise FormatError("more files than the bound", code=ProblemCode.BOUND_MEMBERS)
                name = UntrustedText(path + decode_name(raw))
                node = ext_inodes.inode(blob, head, child)
                if node.mode & 0xF000 == 0x4000:
                    below.append((child, f"{name}/"))
                    yield Passed(name=UntrustedText(f"{name}/"))
                else:
                    yield from _file(blob, head, node, name, context)
            stack.extend(reversed(below))


def _file(blob: Blob, head: Superblock, node: Inode, name: UntrustedText, context: Context) -> Iterator[Unpacked]:
    kind = node.mode & 0xF000
    if kind == 0xA000:
        target = node.body[: node.size] if node.size < 60 else b"".join(ext_inodes.content(blob, head, node))[:4096]
        yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {decode_name(target)}"))
        return
    if kind != 0x8000:
        yield Passed(code=ProblemCode.DEVICE, name=name)
        return
    try:
        pieces = [] if node.flags & INLINE else ext_inodes.runs(blob, head, node)
    except (FormatError, struct.error) as error:
        yield Passed(code=ProblemCode.CORRUPT, name=name, message=str(error))
        return
    for _, physical, count in pieces:
        yield Accounted(physical * head.block, count * head.block)
    if len(pieces) == 1 and pieces[0][0] == 0 and pieces[0][2] * head.block >= node.size:
        yield Content(name=name, blob=blob.part(pieces[0][1] * head.block, node.size))
        return
    stored = sum(count for _, _, count in pieces) * head.block
    yield Content(name=name, blob=context.collect(ext_inodes.content(blob, head, node), packed_size=stored))


UNPACKER = Ext()
