"""Tar in all its dialects, read header by header so that damage costs one member and not the archive."""

from collections.abc import Iterator

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

BLOCK = 512
MAX_MEMBERS = 4_000_000
MAX_META = 1 << 20
DEVICES = {b"3": "character device", b"4": "block device", b"6": "pipe"}


class Tar(Unpacker):
    """POSIX ustar, pax and GNU tar."""

    NAME = "tar"
    MAGIC = (Magic(data=b"ustar", offset=257),)
    DOC = FormatDoc(
        title="tar (v7, ustar, pax, GNU)",
        kind="archive",
        suffixes=(".tar",),
        references=("https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html",),
        limits=("GNU sparse members come out in their stored form: the data without the holes.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A first header whose checksum holds."""
        return _checksum_holds(blob.read(0, BLOCK))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Members in archive order, each a slice of the archive."""
        at = 0
        meta: dict[str, bytes] = {}
        for _ in range(MAX_MEMBERS):
            header = blob.read(at, BLOCK)
            if len(header) < BLOCK:
                raise FormatError("the archive ends without an end mark", code=ProblemCode.TRUNCATED)
            if not any(header):
                yield Accounted(at, _padding(blob, at))
                return
            if not _checksum_holds(header):
                raise FormatError(f"the header at {at} has a wrong checksum")
            kind = header[156:157]
            size = _number(meta.pop("size", b"")) if "size" in meta else _field(header[124:136])
            data = at + BLOCK
            if data + size > blob.size:
                yield Accounted(at, blob.size - at)
                yield Content(name=_name(header, meta), blob=blob.part(data, size))
                raise FormatError("the archive ends inside a member", code=ProblemCode.TRUNCATED)
            at = data + -(-size // BLOCK) * BLOCK
            yield Accounted(data - BLOCK, at - data + BLOCK)
            if kind in (b"L", b"K", b"x", b"g"):
                meta.update(_meta(kind, blob.read(data, min(size, MAX_META))))
                continue
            yield from _member(header, kind, meta, blob.part(data, size))
            meta = {}


def _member(header: bytes, kind: bytes, meta: dict[str, bytes], body: Blob) -> Iterator[Unpacked]:
    name = _name(header, meta)
    if kind in (b"1", b"2"):
        target = decode_name(meta.get("linkpath", header[157:257].split(b"\0")[0]))
        yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {target}"))
    elif kind in DEVICES:
        yield Passed(code=ProblemCode.DEVICE, name=name, message=DEVICES[kind])
    elif kind == b"5" or name.endswith("/"):
        yield Passed(name=name)
    else:
        yield Content(name=name, blob=body)


def _name(header: bytes, meta: dict[str, bytes]) -> UntrustedText:
    if "path" in meta:
        return decode_name(meta["path"])
    name = header[:100].split(b"\0")[0]
    prefix = header[345:500].split(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return decode_name(prefix + b"/" + name if prefix else name)


def _meta(kind: bytes, body: bytes) -> dict[str, bytes]:
    """What an extension header says about the member that follows."""
    if kind == b"L":
        return {"path": body.split(b"\0")[0]}
    if kind == b"K":
        return {"linkpath": body.split(b"\0")[0]}
    found: dict[str, bytes] = {}
    at = 0
    while at < len(body) and kind == b"x":
        digits, _, _ = body[at : at + 24].partition(b" ")
        length = int(digits) if digits.isdigit() else 0
        if length <= len(digits) + 1 or at + length > len(body):
            break
        key, _, value = body[at + len(digits) + 1 : at + length - 1].partition(b"=")
        if key in (b"path", b"linkpath", b"size"):
            found[key.decode()] = value
        at += length
    return found


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 20 else 0


def _field(raw: bytes) -> int:
    """An octal field, or GNU's binary form with the top bit set. Raises FormatError."""
    if raw[0] & 0x80:
        value = int.from_bytes(raw[1:], "big")
    else:
        text = raw.strip(b" \0")
        value = int(text, 8) if text else 0
    if value < 0 or value >> 62:
        raise FormatError("a size field out of range")
    return value


def _checksum_holds(header: bytes) -> bool:
    if len(header) < BLOCK:
        return False
    text = header[148:156].strip(b" \0")
    if not text or text.strip(b"01234567"):
        return False
    plain = sum(header) - sum(header[148:156]) + 8 * 32
    if plain == int(text, 8):
        return True
    high = sum(byte >= 128 for byte in header[:148] + header[156:])
    return plain - 256 * high == int(text, 8)  # some old writers summed signed bytes


def _padding(blob: Blob, start: int) -> int:
    """The end mark and the zeros that fill up the last record."""
    end = start
    while end < blob.size and not any(blob.view(end, 1 << 16)):
        end = min(blob.size, end + (1 << 16))
    while end + BLOCK <= blob.size and not any(blob.view(end, BLOCK)):
        end += BLOCK
    return max(end, min(start + 2 * BLOCK, blob.size)) - start


UNPACKER = Tar()
