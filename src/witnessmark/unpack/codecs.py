"""Decompression as bounded chunks, over the fastest kept library for each method."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from lzma import LZMADecompressor
from typing import Protocol

import brotli
import lz4.block
import lz4.frame
import zstandard
from isal import igzip_lib, isal_zlib

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import deflate64
from witnessmark.unpack.unpacker import FormatError

INFLATE_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # the stub says an instance
"""What igzip raises for damage."""
STEP_IN = 1 << 18
STEP_OUT = 1 << 20
ONE_SHOT = 4 << 20
ZSTD_STEP = 1 << 13  # this interface has no bound on output; small input keeps a bomb's step under 256 MiB


class Engine(Protocol):
    """The streaming interface that lzma, bz2 and igzip share."""

    @property
    def eof(self) -> bool:
        """Whether the stream's own end was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether more packed bytes are wanted."""

    @property
    def unused_data(self) -> bytes:
        """What followed the end."""

    def decompress(self, data: bytes | memoryview, max_length: int = -1) -> bytes:
        """At most `max_length` bytes."""


def checked(engine: Engine, data: bytes | memoryview, limit: int) -> bytes:
    """One step of any engine. Raises FormatError for what bz2 (OSError) and lz4 (RuntimeError) say of damage."""
    try:
        return engine.decompress(data, limit)
    except (OSError, EOFError, RuntimeError) as error:
        raise FormatError(f"damaged compressed data: {error}") from error


class Stream:
    """One compressed stream over a blob; `end` is where it stopped, once the chunks are used up."""

    def __init__(self, blob: Blob, make: Callable[[], Engine], start: int = 0) -> None:
        self._blob = blob
        self._make = make
        self.end = start

    def chunks(self) -> Iterator[bytes]:
        """Yield decompressed bytes up to the stream's own end. Raises FormatError(TRUNCATED) without one."""
        engine = self._make()
        while not engine.eof:
            feed: bytes | memoryview = b""
            if engine.needs_input:
                feed = self._blob.view(self.end, STEP_IN)
                self.end += len(feed)
                if not feed:
                    raise FormatError("the compressed data ends early", code=ProblemCode.TRUNCATED)
            chunk = checked(engine, feed, STEP_OUT)
            if chunk:
                yield chunk
        self.end -= len(engine.unused_data or b"")  # lz4 gives None


def _igzip(flag: int) -> Callable[[], Engine]:
    def make() -> Engine:
        engine: Engine = igzip_lib.IgzipDecompressor(flag=flag)
        return engine

    return make


raw_deflate = _igzip(igzip_lib.DECOMP_DEFLATE)
zlib_stream = _igzip(igzip_lib.DECOMP_ZLIB)
gzip_member = _igzip(igzip_lib.DECOMP_GZIP)


def inflate_chunks(packed: Blob, size: int) -> Iterator[bytes]:
    """Raw deflate; one call when the claimed size is small and true."""
    if 0 < size <= ONE_SHOT:
        engine = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)
        try:
            data = engine.decompress(packed.view(), size + 1)
        except INFLATE_ERROR as error:
            raise FormatError(f"deflate: {error}") from error
        if engine.eof and len(data) <= size:
            yield data
            return
    try:
        yield from Stream(packed, raw_deflate).chunks()
    except INFLATE_ERROR as error:
        raise FormatError(f"deflate: {error}") from error


def deflate_length(view: memoryview) -> int:
    """How many bytes a raw deflate stream at the start of `view` takes; nothing is kept."""
    engine = zlib.decompressobj(-15)
    at = 0
    while not engine.eof and at < len(view):
        feed = engine.unconsumed_tail or bytes(view[at : at + STEP_IN])
        at += 0 if engine.unconsumed_tail else len(feed)
        try:
            engine.decompress(feed, STEP_OUT)
        except zlib.error:
            return at
    return at - len(engine.unused_data)


def lzma_raw(properties: bytes) -> Engine:
    """The engine for LZMA data whose 5 property bytes are stored apart."""
    first, dictionary = struct.unpack("<BI", properties[:5])
    if first >= 9 * 5 * 5:
        raise FormatError("LZMA properties out of range")
    return LZMADecompressor(
        lzma.FORMAT_RAW,
        filters=[
            {
                "id": lzma.FILTER_LZMA1,
                "lc": first % 9,
                "lp": first // 9 % 5,
                "pb": first // 45,
                "dict_size": max(4096, min(dictionary, 512 << 20)),
            }
        ],
    )


def _zip_lzma(packed: Blob, size: int) -> Iterator[bytes]:
    header = packed.read(0, 4)
    (length,) = struct.unpack_from("<H", header, 2)
    engine = lzma_raw(packed.read(4, length))
    out = 0
    at = 4 + length
    while not engine.eof and out < size:
        feed = packed.read(at, STEP_IN) if engine.needs_input else b""
        at += len(feed)
        if engine.needs_input and not feed:
            raise FormatError("the compressed data ends early", code=ProblemCode.TRUNCATED)
        chunk = engine.decompress(feed, min(STEP_OUT, size - out))
        out += len(chunk)
        yield chunk


class ZstdFrames:
    """All Zstandard frames from a place on, skippable ones left out; `end` is where they stop."""

    def __init__(self, blob: Blob, start: int = 0) -> None:
        self._blob = blob
        self.end = start

    def chunks(self) -> Iterator[bytes]:
        """Decompressed bytes. Raises FormatError for damage."""
        while self.end + 4 <= self._blob.size:
            (mark,) = struct.unpack("<I", self._blob.read(self.end, 4))
            if mark & 0xFFFFFFF0 == 0x184D2A50 and self.end + 8 <= self._blob.size:
                self.end += 8 + int(struct.unpack("<I", self._blob.read(self.end + 4, 4))[0])
            elif mark == 0xFD2FB528:
                yield from self._frame()
            else:
                return

    def _frame(self) -> Iterator[bytes]:
        engine = zstandard.ZstdDecompressor(max_window_size=128 << 20).decompressobj()
        at = self.end
        try:
            while not engine.eof:
                feed = self._blob.read(at, ZSTD_STEP)
                at += len(feed)
                if not feed:
                    raise FormatError("the Zstandard data ends early", code=ProblemCode.TRUNCATED)
                chunk = engine.decompress(feed)
                if chunk:
                    yield chunk
        except zstandard.ZstdError as error:
            raise FormatError(f"zstd: {error}") from error
        finally:
            self.end = at - len(engine.unused_data)


def lz4_engine() -> Engine:
    """LZ4 frames."""
    engine: Engine = lz4.frame.LZ4FrameDecompressor()
    return engine


def lz4_block(packed: bytes, limit: int) -> bytes:
    """One bare LZ4 block that gives at most `limit` bytes. Raises FormatError."""
    try:
        data: bytes = lz4.block.decompress(packed, uncompressed_size=limit)
    except lz4.block.LZ4BlockError as error:
        raise FormatError(f"lz4: {error}") from error
    return data


def brotli_chunks(blob: Blob) -> Iterator[bytes]:
    """One Brotli stream. Raises FormatError for damage."""
    engine = brotli.Decompressor()
    at = 0
    try:
        while not engine.is_finished():
            feed = b""
            if engine.can_accept_more_data():
                feed = blob.read(at, 1 << 16)
                at += len(feed)
                if not feed:
                    raise FormatError("the Brotli data ends early", code=ProblemCode.TRUNCATED)
            chunk = engine.process(feed, output_buffer_limit=STEP_OUT)
            if chunk:
                yield chunk
    except brotli.error as error:
        raise FormatError(f"brotli: {error}") from error


def _zip_bzip2(packed: Blob, size: int) -> Iterator[bytes]:
    return Stream(packed, bz2.BZ2Decompressor).chunks()


def _zip_zstd(packed: Blob, size: int) -> Iterator[bytes]:
    return ZstdFrames(packed).chunks()


def _zip_xz(packed: Blob, size: int) -> Iterator[bytes]:
    return Stream(packed, LZMADecompressor).chunks()


def _zip_deflate64(packed: Blob, size: int) -> Iterator[bytes]:
    return deflate64.chunks(packed)


def _stored(packed: Blob, size: int) -> Iterator[bytes]:
    for _, view in packed.windows():
        yield bytes(view)


ZIP_METHODS: dict[int, Callable[[Blob, int], Iterator[bytes]]] = {
    0: _stored,
    8: inflate_chunks,
    9: _zip_deflate64,
    12: _zip_bzip2,
    14: _zip_lzma,
    20: _zip_zstd,
    93: _zip_zstd,
    95: _zip_xz,
}


def zip_chunks(packed: Blob, method: int, size: int) -> Iterator[bytes]:
    """The bytes of one zip member; `size` is a claim and only a hint."""
    return ZIP_METHODS[method](packed, size)
