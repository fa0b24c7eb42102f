"""JFFS2: the log of nodes on raw flash, newest version of each byte wins; either byte order."""

import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import lzo
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

LITTLE, BIG = b"\x85\x19", b"\x19\x85"
NAME, DATA = 0xE001, 0xE002
MAX_NODES = 8_000_000
MAX_FILE = 1 << 31
STORED, ZERO, RTIME, ZLIB, LZO_KIND = 0, 1, 2, 6, 7


@dataclass
class _File:
    nodes: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    mode: int = 0
    size: int = 0
    version: int = -1


@dataclass(frozen=True)
class _Name:
    version: int
    parent: int
    inode: int
    name: bytes


class Jffs2(Unpacker):
    """The journalling flash file system, without erase-block cleanmarkers being needed."""

    NAME = "jffs2"
    MAGIC = tuple(
        Magic(data=mark, offset=where)
        for mark in (b"\x85\x19\x01\xe0", b"\x85\x19\x02\xe0", b"\x85\x19\x03\x20", b"\x19\x85\xe0\x01",
                     b"\x19\x85\xe0\x02", b"\x19\x85\x20\x03")
        for where in (0, None)
    )  # fmt: skip
    DOC = FormatDoc(
        title="JFFS2",
        kind="file system",
        suffixes=(".jffs2",),
        references=("https://sourceware.org/jffs2/jffs2.pdf",),
        limits=("Dynrubin and LZMA nodes are reported, not read.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A first node whose header checksum holds."""
        order = "<" if blob.read(0, 2) == LITTLE else ">"
        return _node(blob, 0, order) is not None

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Files by path; bytes that a later node replaced are not kept."""
        order = "<" if blob.read(0, 2) == LITTLE else ">"
        files, names = _read_log(blob, order)
        latest: dict[tuple[int, bytes], _Name] = {}
        for name in names:
            key = name.parent, name.name
            if key not in latest or latest[key].version < name.version:
                latest[key] = name
        paths = {entry.inode: entry for entry in latest.values() if entry.inode}
        for entry in sorted(latest.values(), key=lambda item: (_path(item, paths), item.version)):
            shown = UntrustedText(_path(entry, paths))
            file = files.get(entry.inode)
            kind = file.mode & 0o170000 if file else 0
            if not entry.inode:
                yield Passed(name=UntrustedText(f"{shown} (deleted)"))
            elif kind == 0o040000:
                yield Passed(name=UntrustedText(f"{shown}/"))
            elif kind in (0o100000, 0o120000) and file is not None:
                content = context.collect(_content(blob, file), packed_size=sum(node[2] for node in file.nodes))
                if kind == 0o120000:
                    target = decode_name(content.read(0, 4096))
                    yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{shown} -> {target}"))
                else:
                    yield Content(name=shown, blob=content)
            elif file is not None:
                yield Passed(code=ProblemCode.DEVICE, name=shown)


def _node(blob: Blob, at: int, order: str) -> tuple[int, int] | None:
    head = blob.read(at, 12)
    if len(head) < 12 or head[:2] != (LITTLE if order == "<" else BIG):
        return None
    kind, length, check = struct.unpack(f"{order}HII", head[2:])
    if zlib.crc32(head[:8], 0xFFFFFFFF) ^ 0xFFFFFFFF != check or length < 12:
        return None
    return kind, length


def _read_log(blob: Blob, order: str) -> tuple[dict[int, _File], list[_Name]]:
    files: dict[int, _File] = defaultdict(_File)
    names: list[_Name] = []
    at = misses = 0
    for _ in range(MAX_NODES):
        if at + 12 > blob.size:
            break
        node = _node(blob, at, order)
        if node is None:
            following = _next_node(blob, at + 4, order)
            if following is None:
                break
            misses += following - at
            at = following
            continue
        kind, length = node
        if kind == NAME:
            parent, version, inode, _, size = struct.unpack(f"{order}IIIIB", blob.read(at + 12, 17))
            names.append(_Name(version, parent, inode, blob.read(at + 40, size)))
        elif kind == DATA:
            raw = blob.read(at, 68)
            inode, version, mode = struct.unpack_from(f"{order}III", raw, 12)
            (total,) = struct.unpack_from(f"{order}I", raw, 28)
            offset, packed, size = struct.unpack_from(f"{order}III", raw, 44)
            file = files[inode]
            if version > file.version:
                file.version, file.mode, file.size = version, mode, total
            if packed:
                file.nodes.append((version, offset, size, at + 68, packed, raw[56]))
        at += -(-length // 4) * 4
    return files, names


def _next_node(blob: Blob, start: int, order: str) -> int | None:
    """The next aligned node; erased flash in between is skipped in one search."""
    mark = LITTLE if order == "<" else BIG
    rest = blob.part(start, blob.size - start)
    for offset, view in rest.windows(overlap=11):
        window = bytes(view)
        at = window.find(mark)
        while at >= 0:
            if (start + offset + at) % 4 == 0 and _node(blob, start + offset + at, order):
                return start + offset + at
            at = window.find(mark, at + 1)
    return None


def _path(name: _Name, paths: dict[int, _Name]) -> str:
    parts = [decode_name(name.name)]
    parent = name.parent
    for _ in range(64):
        above = paths.get(parent)
        if above is None:
            break
        parts.append(decode_name(above.name))
        parent = above.parent
    return "/".join(reversed(parts))


def _content(blob: Blob, file: _File) -> Iterator[bytes]:
    if file.size > MAX_FILE:
        raise FormatError("a file larger than its bound")
    end = max((offset + size for _, offset, size, _, _, _ in file.nodes), default=0)
    image = bytearray(min(file.size, end))
    for _, offset, size, at, packed, kind in sorted(file.nodes):
        data = _unpacked(blob.read(at, packed), kind, size)
        image[offset : offset + size] = data[: max(0, len(image) - offset)]
    yield bytes(image[: file.size])


def _unpacked(data: bytes, kind: int, size: int) -> bytes:
    if kind == STORED:
        return data[:size]
    if kind == ZERO:
        return bytes(size)
    if kind == ZLIB:
        return zlib.decompressobj().decompress(data, size)
    if kind == RTIME:
        return _rtime(data, size)
    if kind == LZO_KIND:
        return lzo.decompress(data, size)
    raise FormatError(f"JFFS2 compression {kind}", code=ProblemCode.UNSUPPORTED)


def _rtime(data: bytes, size: int) -> bytes:
    positions = [0] * 256
    out = bytearray()
    at = 0
    while len(out) < size and at + 1 < len(data):
        value, repeat = data[at], data[at + 1]
        at += 2
        out.append(value)
        back = positions[value]
        positions[value] = len(out)
        for _ in range(min(repeat, size - len(out))):
            out.append(out[back])
            back += 1
    return bytes(out)


UNPACKER = Jffs2()
