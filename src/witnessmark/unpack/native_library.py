"""Formats that the system's libarchive opens, in process, where that library is installed."""

from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.blob_file import BlobFile
from witnessmark.unpack.names import storable
from witnessmark.unpack.unpacker import Content, Context, FormatError, Passed, Unpacked

try:  # the wheel only binds to a library that may not be there
    import libarchive
    from libarchive.exception import ArchiveError
except (ImportError, OSError, TypeError, AttributeError):
    libarchive = None
    ArchiveError = OSError

MAX_MEMBERS = 4_000_000


def present() -> bool:
    """Whether the library is installed."""
    return libarchive is not None


def members(blob: Blob, context: Context) -> Iterator[Unpacked]:
    """Members in archive order. Raises FormatError for what the library cannot read."""
    password = context.passwords[0] if context.passwords else None
    try:
        with libarchive.stream_reader(BufferedReader(BlobFile(blob)), passphrase=password) as archive:
            for count, entry in enumerate(archive):
                if count > MAX_MEMBERS:
                    raise FormatError("more members than the bound", code=ProblemCode.BOUND_MEMBERS)
                yield from _member(entry, blob.size, context)
    except ArchiveError as error:
        text = str(error)
        code = ProblemCode.ENCRYPTED if "assphrase" in text or "ncrypt" in text else ProblemCode.CORRUPT
        raise FormatError(f"libarchive: {text[:200]}", code=code) from error


def _member(entry: Any, packed_size: int, context: Context) -> Iterator[Unpacked]:
    name = storable(str(entry.pathname))
    if entry.issym or entry.islnk:
        yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{name} -> {storable(str(entry.linkpath))}"))
    elif entry.isdir:
        yield Passed(name=name)
    elif entry.isreg:
        yield Content(name=name, blob=context.collect(_chunks(entry), packed_size=packed_size))
    else:
        yield Passed(code=ProblemCode.DEVICE, name=name)


def _chunks(entry: Any) -> Iterator[bytes]:
    try:
        yield from entry.get_blocks()
    except ArchiveError as error:
        raise FormatError(f"libarchive: {str(error)[:200]}") from error
