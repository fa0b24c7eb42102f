"""Cpio: the newc, crc and portable ASCII forms, and the old binary one."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
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

MAX_MEMBERS = 4_000_000
TRAILER = b"TRAILER!!!"


@dataclass(frozen=True)
class _Header:
    mode: int
    size: int
    name: bytes
    data: int
    end: int


class Cpio(Unpacker):
    """Archives of initramfs images and RPM packages."""

    NAME = "cpio"
    MAGIC = (
        Magic(data=b"070701", offset=None),
        Magic(data=b"070701"),
        Magic(data=b"070702"),
        Magic(data=b"070707"),
        Magic(data=b"\xc7\x71"),
    )
    DOC = FormatDoc(
        title="cpio (newc, crc, odc, binary)",
        kind="archive",
        suffixes=(".cpio",),
        references=("https://man.freebsd.org/cgi/man.cgi?query=cpio&sektion=5",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A first header that can be read, with a name."""
        try:
            header = _header(blob, 0)
        except (FormatError, ValueError, struct.error):
            return False
        return 0 < len(header.name) < 4096 and header.mode < 1 << 16

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Members in order, each a slice; a second archive right behind (as kernels allow) is left over."""
        at = 0
        for _ in range(MAX_MEMBERS):
            header = _header(blob, at)
            if header.name == TRAILER:
                end = header.end
                while end < blob.size and not blob.view(end, 1)[0] and end % 512:
                    end += 1
                yield Accounted(at, end - at)
                return
            yield Accounted(at, header.end - at)
            name = decode_name(header.name)
            body = blob.part(header.data, header.size)
            kind = header.mode & 0o170000
            if kind == 0o120000:
                yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {decode_name(body.read(0, 4096))}"))
            elif kind == 0o100000 or kind == 0:
                yield Content(name=name, blob=body)
            elif kind == 0o040000:
                yield Passed(name=name)
            else:
                yield Passed(code=ProblemCode.DEVICE, name=name)
            if header.data + header.size > blob.size:
                raise FormatError("the archive ends inside a member", code=ProblemCode.TRUNCATED)
            at = header.end


def _header(blob: Blob, at: int) -> _Header:
    magic = blob.read(at, 6)
    if magic in (b"070701", b"070702"):
        fields = blob.read(at + 6, 104)
        if len(fields) < 104:
            raise FormatError("the archive ends early", code=ProblemCode.TRUNCATED)
        values = [int(fields[place : place + 8], 16) for place in range(0, 104, 8)]
        mode, size, length = values[1], values[6], values[11]
        data = -(-(at + 110 + length) // 4) * 4 if not at % 4 else at + -(-(110 + length) // 4) * 4
        return _Header(mode, size, _text(blob, at + 110, length), data, data + -(-size // 4) * 4)
    if magic == b"070707":
        fields = blob.read(at + 6, 70)
        mode, length, size = int(fields[12:18], 8), int(fields[53:59], 8), int(fields[59:70], 8)
        data = at + 76 + length
        return _Header(mode, size, _text(blob, at + 76, length), data, data + size)
    if magic[:2] == b"\xc7\x71":
        words = struct.unpack("<13H", blob.read(at, 26))
        mode, length, high, low = words[3], words[10], words[11], words[12]
        size = high << 16 | low
        data = at + 26 + length + length % 2
        return _Header(mode, size, _text(blob, at + 26, length), data, data + size + size % 2)
    raise FormatError(f"no header at {at}")


def _text(blob: Blob, at: int, length: int) -> bytes:
    if not 0 < length <= 1 << 16:
        raise FormatError("a name length out of range")
    return blob.read(at, length).rstrip(b"\0")


UNPACKER = Cpio()
