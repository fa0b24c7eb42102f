"""Undo content codings, a bounded piece at a time. Only for reading: what is recorded stays as it was sent."""

import zlib
from collections.abc import Iterator

import brotli
import zstandard

from witnessmark.errors import NetworkFailed

_PIECE = 1 << 16
_MAX_CODINGS = 4


def decode(data: bytes, codings: tuple[str, ...], limit: int) -> bytes:
    """The content under these codings (in the order the header lists them), at most `limit` bytes.

    Raises NetworkFailed for an unknown or broken coding, and for content over the limit.
    """
    codings = tuple(c for c in codings if c != "identity")
    if len(codings) > _MAX_CODINGS:
        raise NetworkFailed("too many content codings, one inside the other", kind="protocol")
    for coding in reversed(codings):
        out = bytearray()
        try:
            for piece in _pieces(data, coding):
                out += piece
                if len(out) > limit:
                    raise NetworkFailed(f"the content is larger than {limit} bytes", kind="size")
        except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
            raise NetworkFailed(f"the {coding} coding is broken: {error}", kind="protocol") from error
        data = bytes(out)
    if len(data) > limit:
        raise NetworkFailed(f"the content is larger than {limit} bytes", kind="size")
    return data


def _pieces(data: bytes, coding: str) -> Iterator[bytes]:
    if coding in ("gzip", "x-gzip", "deflate"):
        return _zlib(data, coding)
    if coding == "br":
        return _brotli(data)
    if coding == "zstd":
        return _zstd(data)
    raise NetworkFailed(f"an unknown content coding: {coding[:40]!r}", kind="protocol")


def _zlib(data: bytes, coding: str) -> Iterator[bytes]:
    # Some servers send raw deflate for "deflate" (RFC 9110, 8.4.1.2): a zlib header is 0x?8 and divides by 31.
    raw = coding == "deflate" and not (data[:1] and data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0)
    window = -15 if raw else 47
    left = data
    while left:
        engine = zlib.decompressobj(window)
        while left and not engine.eof:
            yield engine.decompress(left, _PIECE)
            left = engine.unconsumed_tail
        if not engine.eof:
            yield engine.flush()
            if not engine.eof:
                raise EOFError("it ends too early")
        left = engine.unused_data if coding != "deflate" else b""


def _brotli(data: bytes) -> Iterator[bytes]:
    engine = brotli.Decompressor()
    yield engine.process(data, output_buffer_limit=_PIECE)
    while not engine.is_finished():
        if engine.can_accept_more_data():
            raise EOFError("it ends too early")
        yield engine.process(b"", output_buffer_limit=_PIECE)


def _zstd(data: bytes) -> Iterator[bytes]:
    with zstandard.ZstdDecompressor(max_window_size=128 << 20).stream_reader(data, read_across_frames=True) as reader:
        while piece := reader.read(_PIECE):
            yield piece
