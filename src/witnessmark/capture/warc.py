"""Write WARC 1.1 (ISO 28500:2017): one gzip member a record, appended and flushed, never rewritten.

`WARC-Payload-Digest` is left out for bodies with chunk framing: readers disagree on whether the framing belongs to the
payload. Our metadata record has the digest without it.
"""

import contextlib
import hashlib
import os
import struct
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from isal import isal_zlib

from witnessmark.capture.following import FollowingHash
from witnessmark.model.fact import Sha256

# Above this the bytes are stored, not squeezed: large bodies are mostly packed already, and speed matters there.
STORE_ABOVE = 8 << 20
_PIECE = 1 << 20
_BLOCK = 65_535  # the most that one stored block holds

Fields = list[tuple[str, str]]


class _Compressor(Protocol):
    def compress(self, data: bytes | memoryview, /) -> bytes: ...
    def flush(self) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where a record lies in the file."""

    id: str
    offset: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Region:
    """Some of a file's bytes."""

    path: Path
    start: int
    size: int

    def pieces(self) -> Iterator[bytes]:
        """The bytes, a megabyte at a time. Raises OSError if the file has become shorter."""
        left = self.size
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.start)
            while left:
                piece = file.read(min(_PIECE, left))
                if not piece:
                    raise OSError(f"{self.path.name} is shorter than it was")
                left -= len(piece)
                yield piece


@dataclass(frozen=True, kw_only=True)
class Block:
    """A record's content: bytes, files, or regions of files; size and digest are known beforehand."""

    parts: tuple["bytes | Path | Region", ...]
    size: int
    sha256: Sha256

    @classmethod
    def of_bytes(cls, data: bytes) -> "Block":
        """Content that is in memory."""
        return cls(parts=(data,), size=len(data), sha256=Sha256(hashlib.sha256(data).hexdigest()))

    def pieces(self) -> Iterator[bytes]:
        """The content, a megabyte at a time."""
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
                continue
            region = part if isinstance(part, Region) else Region(path=part, start=0, size=part.stat().st_size)
            yield from region.pieces()


class WarcWriter:
    """Appends records to one file. Raises OSError as the disk does; what was written before stays readable."""

    def __init__(self, path: Path, randomness: Callable[[int], bytes]) -> None:
        self.path = path
        self.sha256: Sha256 | None = None  # of the whole file, once it is closed
        self._randomness = randomness
        self._file = path.open("xb", buffering=0)
        self._offset = 0
        self._digest = FollowingHash()
        self._cut = False  # the following hash has bytes that were cut off again

    def information(self, at: datetime, fields: Iterable[tuple[str, str]]) -> Placed:
        """The warcinfo record that stands first."""
        text = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields)
        extra = [("WARC-Filename", self.path.name)]
        return self.write("warcinfo", "", at, "application/warc-fields", Block.of_bytes(text.encode()), extra)

    def write(
        self, kind: str, uri: str, at: datetime, media_type: str, block: Block, extra: Fields | None = None
    ) -> Placed:
        """Append one record. Not flushed to the disk until `commit`."""
        extra = [*(extra or []), ("WARC-Block-Digest", f"sha256:{block.sha256}")]
        record_id, head = self._head(kind, uri, at, media_type, block.size, extra)
        start = self._offset
        try:
            self._member(_compressor(block.size), head, block)
        except OSError:
            self.cut_back(start)
            raise
        return Placed(id=record_id, offset=start, length=self._offset - start)

    def open(
        self, kind: str, uri: str, at: datetime, media_type: str, size: int, extra: Fields | None = None
    ) -> "OpenRecord":
        """Begin a record of `size` bytes that are not there yet. Write nothing else until it is closed or abandoned.

        Its header has no digests: they would have to be known before the first byte.
        """
        record_id, head = self._head(kind, uri, at, media_type, size, extra)
        record = OpenRecord(self, record_id, self._offset)
        try:
            record.feed(head)
        except OSError:
            record.abandon()
            raise
        return record

    def _head(
        self, kind: str, uri: str, at: datetime, media_type: str, size: int, extra: Fields | None
    ) -> tuple[str, bytes]:
        record_id = dict(extra or []).get("WARC-Record-ID") or self.new_id()
        head: Fields = [("WARC-Type", kind), ("WARC-Record-ID", record_id), ("WARC-Date", warc_date(at))]
        if uri:
            head.append(("WARC-Target-URI", uri))
        head += [(n, v) for n, v in extra or [] if n != "WARC-Record-ID"]
        head += [("Content-Type", media_type), ("Content-Length", str(size))]
        text = "WARC/1.1\r\n" + "".join(f"{name}: {_one_line(value)}\r\n" for name, value in head) + "\r\n"
        return record_id, text.encode("utf-8")

    def _member(self, compressor: _Compressor, head: bytes, block: Block) -> None:
        self._put(compressor.compress(head))
        for piece in block.pieces():
            self._put(compressor.compress(piece))
        self._put(compressor.compress(b"\r\n\r\n"))
        self._put(compressor.flush())

    def cut_back(self, start: int) -> None:
        """Take off what stands after `start`: behind half a record nothing could be read any more."""
        self._file.truncate(start)
        self._file.seek(start)
        self._offset = start
        self._cut = True

    def new_id(self) -> str:
        """A fresh record id."""
        return f"<urn:uuid:{uuid.UUID(bytes=self._randomness(16), version=4)}>"

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._offset

    def commit(self) -> None:
        """Have the disk keep what was written."""
        os.fsync(self._file.fileno())

    def let_go(self) -> None:
        """Give the file back after a failure that was reported already; what it has stays."""
        with contextlib.suppress(OSError):
            self._file.close()

    def handle(self) -> int:
        """The open file, for flushing it."""
        return self._file.fileno()

    def close(self) -> None:
        """Flush and close. Raises OSError; the second time it does nothing."""
        if not self._file.closed:
            self.commit()
            self._file.close()
            digest = self._digest.hexdigest()
            self.sha256 = None if self._cut else digest

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while len(view):
            written = self._file.write(view) or 0
            self._digest.update(data if written == len(data) else view[:written])
            self._offset += written
            view = view[written:]

    def put_here(self, data: memoryview) -> None:
        """Append and hash on this thread. Raises OSError; then it is not known how much was written."""
        while len(data):
            written = self._file.write(data) or 0
            self._digest.update_here(data[:written])
            self._offset += written
            data = data[written:]


class OpenRecord:
    """A record that is written while its content comes in."""

    def __init__(self, writer: WarcWriter, record_id: str, start: int) -> None:
        self.id = record_id
        self._writer, self._start, self._member = writer, start, _Stored()

    def feed(self, data: bytes | memoryview) -> None:
        """The next bytes of the content. Raises OSError."""
        self._writer.put_here(self._member.framed(memoryview(data)))

    def close(self) -> None:
        """All of the content is there. Raises OSError."""
        self.feed(b"\r\n\r\n")
        self._writer.put_here(memoryview(self._member.flush()))

    def abandon(self) -> None:
        """Take it out of the file again, as if it had never been begun. Raises OSError."""
        self._writer.cut_back(self._start)


class _Stored:
    """A gzip member of stored blocks (RFC 1951, 3.2.4): bytes go through as they are."""

    def __init__(self) -> None:
        self._crc = self._size = 0
        self._head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
        self._out = bytearray()

    def compress(self, data: bytes | memoryview, /) -> bytes:
        """The bytes in blocks."""
        return bytes(self.framed(memoryview(data)))

    def framed(self, data: memoryview) -> memoryview:
        """The bytes in blocks, in memory that is used again the next time."""
        self._crc = isal_zlib.crc32(data, self._crc)
        self._size += len(data)
        needed = len(self._head) + len(data) + 5 * (len(data) // _BLOCK + 1)
        if len(self._out) < needed:
            self._out = bytearray(needed)
        out, at = memoryview(self._out), len(self._head)
        out[:at] = self._head
        self._head = b""
        for start in range(0, len(data), _BLOCK):
            block = data[start : start + _BLOCK]
            struct.pack_into("<BHH", out, at, 0, len(block), len(block) ^ 0xFFFF)
            out[at + 5 : at + 5 + len(block)] = block
            at += 5 + len(block)
        return out[:at]

    def flush(self) -> bytes:
        """An empty last block and the trailer."""
        return self._head + b"\x01\0\0\xff\xff" + struct.pack("<II", self._crc, self._size & 0xFFFFFFFF)


def _compressor(size: int) -> _Compressor:
    if size > STORE_ABOVE:
        return _Stored()
    compressor: _Compressor = isal_zlib.compressobj(2, wbits=31)
    return compressor


def warc_date(moment: datetime) -> str:
    """W3C-DTF with microseconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _one_line(value: str) -> str:
    """A header value cannot break out of its line, whatever a server put into it."""
    return "".join(c if c.isprintable() else f"%{ord(c):02X}" for c in value)
