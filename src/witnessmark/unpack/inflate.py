"""Deflate in bounded chunks."""

import zlib
from collections.abc import Iterator

from witnessmark.unpack.unpacker import FormatError

ZLIB = 15
RAW = -15
_STEP_IN = 1 << 16
_STEP_OUT = 1 << 18


def inflated(packed: memoryview, wbits: int = ZLIB, *, size: int | None = None) -> Iterator[bytes]:
    """Yield what `packed` holds, at most 256 KB at a time, and stop at the stream's own end, or after `size` bytes.

    Raises FormatError where the stream is damaged or ends early; chunks before that were already given.
    """
    engine = zlib.decompressobj(wbits)
    at = given = 0
    try:
        while not engine.eof and (size is None or given < size):
            feed: bytes | memoryview = engine.unconsumed_tail
            if not feed:
                feed = packed[at : at + _STEP_IN]
                at += len(feed)
            if not feed:
                raise FormatError("a compressed stream ends early")
            chunk = engine.decompress(feed, _STEP_OUT)
            given += len(chunk)
            if chunk:
                yield chunk
    except zlib.error as error:
        raise FormatError(f"a compressed stream is damaged: {error}") from error


def inflate_exact(packed: memoryview, size: int) -> tuple[bytes, int]:
    """One zlib stream that must give exactly `size` bytes, and how many packed bytes it took. Raises FormatError."""
    engine = zlib.decompressobj()
    parts: list[bytes] = []
    got = at = 0
    try:
        while not engine.eof:
            feed: bytes | memoryview = engine.unconsumed_tail or packed[at : at + _STEP_IN]
            if not engine.unconsumed_tail:
                at += len(feed)
            if not feed:
                raise FormatError("a compressed stream ends early")
            parts.append(engine.decompress(feed, size - got + 1))
            got += len(parts[-1])
            if got > size:
                raise FormatError("a compressed stream is longer than it says")
    except zlib.error as error:
        raise FormatError(f"a compressed stream is damaged: {error}") from error
    if got != size:
        raise FormatError("a compressed stream is shorter than it says")
    return b"".join(parts), at - len(engine.unused_data)


def inflated_size(packed: memoryview, size: int) -> int:
    """How many packed bytes one zlib stream takes that gives exactly `size` bytes; keeps none. Raises FormatError."""
    engine = zlib.decompressobj()
    got = at = 0
    try:
        while not engine.eof:
            feed: bytes | memoryview = engine.unconsumed_tail
            if not feed:
                feed = packed[at : at + _STEP_IN]
                at += len(feed)
            if not feed:
                raise FormatError("a compressed stream ends early")
            got += len(engine.decompress(feed, _STEP_OUT))
            if got > size:
                raise FormatError("a compressed stream is longer than it says")
    except zlib.error as error:
        raise FormatError(f"a compressed stream is damaged: {error}") from error
    if got != size:
        raise FormatError("a compressed stream is shorter than it says")
    return at - len(engine.unused_data)
