"""Zip: by its central directory where that holds, else by the local headers that are really there."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.unpack import checksum, codecs, zipcrypt
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

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
END64 = b"PK\x06\x06"
DESCRIPTOR = b"PK\x07\x08"
MAX_ENTRIES = 4_000_000
BIG = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """What one header says about one member. Offsets are in the blob; sizes are claims."""

    name: bytes
    flags: int
    method: int
    packed: int
    size: int
    crc: int
    header: int
    time: int
    extra: bytes
    attributes: int
    unix: bool


class Zip(Unpacker):
    """PKZIP archives and everything built on them."""

    NAME = "zip"
    MAGIC = (Magic(data=LOCAL, offset=None), Magic(data=LOCAL), Magic(data=END))
    DOC = FormatDoc(
        title="Zip, zip64, self-extracting zip",
        kind="archive",
        suffixes=(
            ".zip",
            ".jar",
            ".apk",
            ".whl",
            ".docx",
            ".xlsx",
            ".epub",
            ".ipa",
            ".aar",
            ".nupkg",
            ".xapk",
            ".appx",
        ),
        references=("https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT",),
        limits=(
            "Methods: stored, deflate, deflate64, bzip2, LZMA, Zstandard, XZ. Shrink, reduce, implode and PPMd are "
            "reported, not read.",
            "Split archives: each part is read by its local headers.",
        ),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A local header with a known method and a sane name length, or an empty archive's end record."""
        head = blob.read(0, 30)
        if head.startswith(END):
            return blob.size < 1 << 16
        if len(head) < 30:
            return False
        version, _, method = struct.unpack_from("<HHH", head, 4)
        (name_length,) = struct.unpack_from("<H", head, 26)
        return bool(version & 0xFF <= 63 and (method in codecs.ZIP_METHODS or method <= 20) and 0 < name_length < 4096)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Members in the order of their local headers."""
        directory = read_directory(blob)
        if directory is None:
            if blob.read(0, 4) != END:
                yield Problem(
                    code=ProblemCode.CORRUPT,
                    message=UntrustedText("the central directory is missing or wrong; local headers were used"),
                    severity=Severity.NOTE,
                    consequence="Members were found by their local headers; sizes and names come from there.",
                )
            yield from _by_local_headers(blob, context)
            return
        entries, tail = directory
        yield Accounted(tail, _tail_length(blob, tail))
        end = 0
        overlapping = 0
        for entry in sorted(entries, key=lambda item: item.header):
            if entry.header < end:
                overlapping += 1
                continue
            data = _data_offset(blob, entry)
            if data is None:
                yield Passed(code=ProblemCode.CORRUPT, name=decode_name(entry.name), message="no local header")
                continue
            end = data + entry.packed
            yield Accounted(entry.header, end - entry.header + _descriptor_length(blob, end, entry))
            yield from _member(blob, entry, data, context)
        if overlapping:
            yield Problem(
                code=ProblemCode.BOUND_RATIO,
                message=UntrustedText(f"{overlapping} members claim bytes of other members"),
                consequence="Overlapping members were not unpacked: this is how zip bombs are built.",
            )


def _tail_length(blob: Blob, directory: int) -> int:
    """How many bytes the directory, the end record and its comment take."""
    for offset, view in blob.part(directory, blob.size - directory).windows(overlap=3):
        at = bytes(view).find(END)
        if at >= 0:
            record = blob.read(directory + offset + at, 22)
            comment = int(struct.unpack_from("<H", record, 20)[0]) if len(record) == 22 else 0
            return offset + at + 22 + comment
    return blob.size - directory


def read_directory(blob: Blob) -> tuple[list[Entry], int] | None:
    """All entries of the central directory and where it starts, or None when it does not fit the bytes."""
    for found in _end_records(blob):
        parsed = _directory_at(blob, found)
        if parsed is not None:
            return parsed
    return None


def _end_records(blob: Blob) -> Iterator[int]:
    """Places of end records: the first one (of a carved archive, with more bytes behind) or the last one."""
    start = max(0, blob.size - (1 << 16) - 22)
    tail = blob.read(start)
    at = tail.rfind(END)
    if at >= 0:
        yield start + at
    for offset, view in blob.windows(overlap=3):
        at = bytes(view).find(END)
        if at >= 0:
            yield offset + at
            return


def _directory_at(blob: Blob, end: int) -> tuple[list[Entry], int] | None:
    record = blob.read(end, 22)
    if len(record) < 22:
        return None
    _, _, _, count, size, offset, _ = struct.unpack_from("<HHHHIIH", record, 4)
    directory_end = end
    if BIG in (size, offset) or count == 0xFFFF:
        locator = blob.read(end - 20, 20) if end >= 20 else b""
        if locator[:4] == b"PK\x06\x07":
            at = struct.unpack_from("<Q", locator, 8)[0]
            record64 = blob.read(at, 56)
            if record64[:4] != END64:  # prefixed archive: the offsets do not count the prefix
                window = blob.read(max(0, end - 20 - 4096), min(4096, end - 20))
                back = window.rfind(END64)
                at = max(0, end - 20 - 4096) + back if back >= 0 else -1
                record64 = blob.read(at, 56) if at >= 0 else b""
            if record64[:4] == END64:
                count, size, offset = struct.unpack_from("<QQQ", record64, 32)
                directory_end = at
    start = directory_end - size
    if start < 0 or (count and blob.read(start, 4) != CENTRAL) or count > MAX_ENTRIES:
        return None
    prefix = start - offset  # bytes before the archive that its offsets do not count
    if prefix < 0:
        return None
    entries = list(_entries(blob, start, directory_end, prefix))
    if len(entries) & 0xFFFF != count & 0xFFFF:  # writers without zip64 let the count wrap
        return None
    return entries, start


def _entries(blob: Blob, start: int, end: int, prefix: int) -> Iterator[Entry]:
    view = blob.view(start, end - start)
    at = 0
    while at + 46 <= len(view):
        if view[at : at + 4] != CENTRAL:
            return
        made, _, flags, method, stamp, _, crc, packed, size, names, extras, comment, _, _, attributes, header = (
            struct.unpack_from("<HHHHHHIIIHHHHHII", view, at + 4)
        )
        name = bytes(view[at + 46 : at + 46 + names])
        extra = bytes(view[at + 46 + names : at + 46 + names + extras])
        if BIG in (packed, size, header):
            size, packed, header = _zip64(extra, size, packed, header)
        unix = made >> 8 == 3
        yield Entry(name, flags, method, packed, size, crc, header + prefix, stamp, extra, attributes, unix)
        at += 46 + names + extras + comment


def _zip64(extra: bytes, size: int, packed: int, header: int) -> tuple[int, int, int]:
    fields = _extra_field(extra, 1)
    values = [size, packed, header]
    at = 0
    for index, value in enumerate(values):
        if value == BIG and at + 8 <= len(fields):
            values[index] = struct.unpack_from("<Q", fields, at)[0]
            at += 8
    return values[0], values[1], values[2]


def _extra_field(extra: bytes, wanted: int) -> bytes:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return b""


def _data_offset(blob: Blob, entry: Entry) -> int | None:
    head = blob.view(entry.header, 30)
    if len(head) < 30 or head[:4] != LOCAL:
        return None
    names, extras = struct.unpack_from("<HH", head, 26)
    return entry.header + 30 + int(names) + int(extras)


def _descriptor_length(blob: Blob, at: int, entry: Entry) -> int:
    if not entry.flags & 8:
        return 0
    signed = blob.read(at, 4) == DESCRIPTOR
    return (16 if signed else 12) if entry.size < BIG and entry.packed < BIG else (24 if signed else 20)


def member_name(entry: Entry) -> UntrustedText:
    """The name: UTF-8 by flag or by the Info-ZIP field, else guessed."""
    info = _extra_field(entry.extra, 0x7075)
    if len(info) > 5:
        return decode_name(info[5:], utf8=True)
    return decode_name(entry.name, utf8=bool(entry.flags & 0x800))


def _member(blob: Blob, entry: Entry, data: int, context: Context) -> Iterator[Unpacked]:
    name = member_name(entry)
    mode = entry.attributes >> 16 if entry.unix else 0
    if name.endswith("/") and entry.size == 0:
        yield Passed(name=name)
        return
    packed = blob.part(data, entry.packed)
    if mode & 0o170000 == 0o120000 and entry.size < 4096 and not entry.flags & 1:
        target = context.collect(codecs.zip_chunks(packed, entry.method, entry.size))
        yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {decode_name(target.read())}"))
        return
    method = entry.method
    if entry.flags & 1:
        opened = zipcrypt.decrypt(packed, entry.flags, entry.crc, entry.time, method, entry.extra, context.passwords)
        if opened is None:
            yield Passed(code=ProblemCode.ENCRYPTED, name=name)
            return
        packed, method = opened
    if method not in codecs.ZIP_METHODS:
        yield Passed(code=ProblemCode.UNSUPPORTED, name=name, message=f"compression method {method}")
        return
    if method == 0:
        yield Content(name=name, blob=packed)
        if entry.crc and checksum.of_blob(packed) != entry.crc:
            yield checksum.problem(name)
        return
    chunks = codecs.zip_chunks(packed, method, entry.size)
    if entry.crc:  # 0: not told
        chunks = checksum.checked(chunks, entry.crc)
    yield Content(name=name, blob=context.collect(chunks, packed_size=entry.packed))


def _by_local_headers(blob: Blob, context: Context) -> Iterator[Unpacked]:
    """Walk local headers from the start; where a size is unknown, the stream's own end or the next header tells."""
    at = 0
    for _ in range(MAX_ENTRIES):
        head = blob.read(at, 30)
        if head[:4] != LOCAL or len(head) < 30:
            following = _next_local(blob, at + 1) if head[:4] not in (CENTRAL, END) else None
            if following is None:
                return
            at = following
            continue
        _, flags, method, stamp, _, crc, packed, size, names, extras = struct.unpack_from("<HHHHHIIIHH", head, 4)
        name = blob.read(at + 30, names)
        extra = blob.read(at + 30 + names, extras)
        if BIG in (packed, size):
            size, packed, _ = _zip64(extra, size, packed, 0)
        data = at + 30 + names + extras
        if flags & 8 and not packed:
            packed, size = _streamed_length(blob, data, method)
        end = min(blob.size, data + packed)
        entry = Entry(name, flags, method, end - data, size, crc, at, stamp, extra, 0, False)
        yield Accounted(at, end - at)
        yield from _member(blob, entry, data, context)
        if data + packed > blob.size:
            raise FormatError("the archive ends inside a member", code=ProblemCode.TRUNCATED)
        at = end
    return


def _streamed_length(blob: Blob, data: int, method: int) -> tuple[int, int]:
    """Packed length and size of a member whose header leaves them out: its stream's own end says."""
    if method == 8:
        return codecs.deflate_length(blob.view(data)), 0
    following = _next_local(blob, data)
    return (blob.size if following is None else following) - data, 0


def _next_local(blob: Blob, start: int) -> int | None:
    rest = blob.part(start, blob.size - start)
    for offset, view in rest.windows(overlap=3):
        window = bytes(view)
        places = [at for at in (window.find(LOCAL), window.find(CENTRAL)) if at >= 0]
        if places:
            return start + offset + min(places)
    return None


UNPACKER = Zip()
