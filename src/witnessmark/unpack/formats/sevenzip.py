"""7z: own reader over native decoders; 7-Zip itself, where installed, for the coders that only it knows."""

import lzma
import struct
import zlib
from collections.abc import Iterator
from itertools import chain

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import sevenzip_header
from witnessmark.unpack.extracted import by_program, seven_zip
from witnessmark.unpack.names import storable
from witnessmark.unpack.sevenzip_coders import NeedsPassword, NotOurs, known, unpacked
from witnessmark.unpack.sevenzip_header import Folder, Header, Member
from witnessmark.unpack.sliced import Sliced
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

MARK = b"7z\xbc\xaf\x27\x1c"
MAX_HEADER = 256 << 20
LINK = 0o120000


class SevenZip(Unpacker):
    """Igor Pavlov's format, solid or not, with encrypted headers or not."""

    NAME = "7z"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="7z, self-extracting 7z",
        kind="archive",
        suffixes=(".7z",),
        references=("https://py7zr.readthedocs.io/en/latest/archive_format.html", "https://www.7-zip.org/7z.html"),
        limits=("PPMd, BCJ2, ARM64 and other rare coders need 7-Zip.",),
        program="7zz",
        install="apt install 7zip, or brew install sevenzip",
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """A start header whose checksum holds."""
        head = blob.read(0, 32)
        return len(head) == 32 and head[6] == 0 and zlib.crc32(head[12:]) == int.from_bytes(head[8:12], "little")

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Members in archive order."""
        offset, size = struct.unpack_from("<QQ", blob.read(0, 32), 12)
        if size == 0:
            yield Accounted(0, 32)
            return
        if 32 + offset + size > blob.size or size > MAX_HEADER:
            raise FormatError("the header lies behind the end of the file", code=ProblemCode.TRUNCATED)
        yield Accounted(0, 32 + offset + size)
        try:
            header, password = _header(blob, blob.read(32 + offset, size), context)
        except NeedsPassword:
            yield Passed(code=ProblemCode.ENCRYPTED, name=UntrustedText("[all names]"))
            return
        try:
            yield from _all(blob, header, password, context)
        except NotOurs:
            yield from by_program(blob, context, self.DOC, seven_zip(context), ".7z")


def _header(blob: Blob, data: bytes, context: Context) -> tuple[Header, str | None]:
    """The real header, and the password that opened it. Raises NeedsPassword."""
    choices: list[str | None] = [None, *context.passwords]
    for password in choices:
        try:
            raw = data
            for _ in range(4):
                if not sevenzip_header.is_encoded(raw):
                    return sevenzip_header.parse(raw), password
                outer = sevenzip_header.parse(raw)
                folder = outer.folders[0]
                streams = _streams(blob, outer)[0]
                if folder.size > MAX_HEADER:
                    raise FormatError("a 7z header above its bound")
                raw = b"".join(Sliced(unpacked(folder, streams, password)).take(folder.size))
        except NeedsPassword:
            continue
        except (FormatError, lzma.LZMAError, EOFError):
            if password is None:
                raise
    raise NeedsPassword


def _streams(blob: Blob, header: Header) -> list[list[Blob]]:
    """The packed streams of each folder."""
    at = 32 + header.pack_at
    sizes = iter(header.pack_sizes)
    streams = []
    for folder in header.folders:
        parts = []
        for _ in folder.packed:
            size = next(sizes, 0)
            parts.append(blob.part(at, size))
            at += size
        streams.append(parts)
    return streams


def _all(blob: Blob, header: Header, password: str | None, context: Context) -> Iterator[Unpacked]:
    members = iter(header.members)
    if not all(known(folder) for folder in header.folders):
        raise NotOurs  # before anything was yielded
    for folder, streams in zip(header.folders, _streams(blob, header), strict=True):
        waiting: list[Member] = []
        for _ in folder.files or ():
            if _next_with_stream(members, waiting) is None:
                raise FormatError("fewer 7z names than files")
        yield from _folder(folder, streams, waiting, password, context)
    for member in members:
        yield _without_stream(member)


def _next_with_stream(members: Iterator[Member], waiting: list[Member]) -> Member | None:
    for member in members:
        waiting.append(member)
        if member.has_stream:
            return member
    return None


def _without_stream(member: Member) -> Unpacked:
    name = storable(member.name)
    return Passed(name=name) if member.folder else Content(name=name, blob=Blob.of_bytes(b""))


def _folder(
    folder: Folder, streams: list[Blob], members: list[Member], password: str | None, context: Context
) -> Iterator[Unpacked]:
    chunks = _opened(folder, streams, password, context)
    sizes = iter(folder.files or ())
    packed = sum(stream.size for stream in streams)
    sliced = Sliced(chunks) if chunks is not None else None
    for member in members:
        if not member.has_stream:
            yield _without_stream(member)
            continue
        size = next(sizes)
        name = storable(member.name)
        if sliced is None:
            yield Passed(code=ProblemCode.ENCRYPTED, name=name)
            continue
        if not sliced.taken_whole:
            yield Passed(code=ProblemCode.CORRUPT, name=name, message="lies behind a member that could not be read")
            continue
        content = context.collect(sliced.take(size), packed_size=packed)
        if member.attributes >> 16 & 0o170000 == LINK and member.attributes & 0x8000:
            target = content.read(0, 4096).decode("utf-8", "backslashreplace")
            yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {target}"))
        else:
            yield Content(name=name, blob=content)


def _opened(folder: Folder, streams: list[Blob], password: str | None, context: Context) -> Iterator[bytes] | None:
    """The folder's bytes, with whichever password gives a readable start; None when none does."""
    for choice in dict.fromkeys((password, *context.passwords)):
        try:
            trial = unpacked(folder, streams, choice)
            first = next(trial, b"")
        except NeedsPassword:
            continue
        except (FormatError, lzma.LZMAError):
            if choice is None:
                raise
            continue
        return chain((first,), trial)
    return None


UNPACKER = SevenZip()
