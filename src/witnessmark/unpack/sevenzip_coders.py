"""The coders of a 7z folder, as a chain of chunk iterators."""

import bz2
import hashlib
import lzma
import struct
from collections.abc import Callable, Iterator
from lzma import LZMADecompressor

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import codecs
from witnessmark.unpack.sevenzip_header import Coder, Folder
from witnessmark.unpack.unpacker import FormatError

Chunks = Iterator[bytes]
BRANCHES = {
    b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x04": lzma.FILTER_X86,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x05": lzma.FILTER_POWERPC,
    b"\x03\x03\x04\x01": lzma.FILTER_IA64,
    b"\x06": lzma.FILTER_IA64,
    b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x07": lzma.FILTER_ARM,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x08": lzma.FILTER_ARMTHUMB,
    b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
    b"\x09": lzma.FILTER_SPARC,
}
AES = b"\x06\xf1\x07\x01"
MAX_CYCLES = 24


class NeedsPassword(Exception):
    """The folder is encrypted and no password was given, or none fits."""


class NotOurs(Exception):
    """A coder that only 7-Zip itself knows here."""


def known(folder: Folder) -> bool:
    """Whether every coder of the folder can be undone here."""
    ours = {b"\0", b"\x03\x01\x01", b"\x21", b"\x03", b"\x04\x01\x08", b"\x04\x02\x02", AES, *BRANCHES}
    return len(folder.packed) == 1 and all(
        coder.method in ours and coder.inputs == coder.outputs == 1 for coder in folder.coders
    )


def unpacked(folder: Folder, streams: list[Blob], password: str | None) -> Chunks:
    """The folder's one stream. Raises NeedsPassword, NotOurs, FormatError."""
    if not known(folder):
        raise NotOurs
    source = {output: source for source, output in folder.pairs}  # output of coder i feeds this input
    index = folder.packed[0]
    chunks: Chunks = (bytes(view) for _, view in streams[0].windows(1 << 18))
    for _ in folder.coders:
        if index >= len(folder.coders):
            raise FormatError("7z coders that do not connect")
        chunks = _apply(folder.coders[index], chunks, folder.sizes[index], password)
        if index not in source:
            return chunks
        index = source[index]
    raise FormatError("7z coders that form a ring")


def _apply(coder: Coder, chunks: Chunks, size: int, password: str | None) -> Chunks:
    method = coder.method
    if method == b"\0":
        return chunks
    if method == b"\x03\x01\x01":
        return _engine(lambda: codecs.lzma_raw(coder.properties), chunks, size)
    if method == b"\x21":
        return _engine(lambda: _lzma2(coder.properties), chunks, size)
    if method in BRANCHES:
        return _branch({"id": BRANCHES[method]}, chunks, size)
    if method == b"\x03":
        return _branch({"id": lzma.FILTER_DELTA, "dist": coder.properties[0] + 1}, chunks, size)
    if method == b"\x04\x01\x08":
        return _engine(codecs.raw_deflate, chunks, size)
    if method == b"\x04\x02\x02":
        return _engine(bz2.BZ2Decompressor, chunks, size)
    if method == AES:
        return _decrypted(coder.properties, chunks, password)
    raise NotOurs


def _lzma2(properties: bytes) -> codecs.Engine:
    bits = properties[0]
    if bits > 40:
        raise FormatError("LZMA2 dictionary out of range")
    size = 0xFFFFFFFF if bits == 40 else (2 | bits & 1) << (bits // 2 + 11)
    return LZMADecompressor(
        lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": max(4096, min(size, 512 << 20))}]
    )


def _engine(make: Callable[[], codecs.Engine], chunks: Chunks, size: int) -> Chunks:
    """Run a decoder until `size` bytes came out: 7z's LZMA streams have no end mark."""
    engine = make()
    left = size
    while left > 0 and not engine.eof:
        feed = b""
        if engine.needs_input:
            following = next(chunks, None)
            if following is None:
                raise FormatError("the packed stream ends early", code=ProblemCode.TRUNCATED)
            feed = following
        piece = codecs.checked(engine, feed, min(left, codecs.STEP_OUT))
        left -= len(piece)
        if piece:
            yield piece


def _branch(kind: dict[str, int], chunks: Chunks, size: int) -> Chunks:
    """Undo a branch or delta filter natively: the plain bytes are dressed up as stored LZMA2 chunks.

    liblzma runs these filters only in front of a compressor, and keeps its last bytes back unless that one ends.
    """
    engine = LZMADecompressor(lzma.FORMAT_RAW, filters=[kind, {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}])
    first = True
    for chunk in chunks:
        for at in range(0, len(chunk), 1 << 16):
            piece = chunk[at : at + (1 << 16)]
            dressed = struct.pack(">BH", 1 if first else 2, len(piece) - 1) + piece
            first = False
            out = engine.decompress(dressed)
            if out:
                yield out
    rest = engine.decompress(b"\0")
    if rest:
        yield rest


def _decrypted(properties: bytes, chunks: Chunks, password: str | None) -> Chunks:
    """AES-256 in CBC mode, the key from many rounds of SHA-256."""
    if password is None:
        raise NeedsPassword
    first = properties[0]
    cycles = first & 0x3F
    salt_size = (first >> 7 & 1) + (properties[1] >> 4 if len(properties) > 1 else 0)
    vector_size = (first >> 6 & 1) + (properties[1] & 15 if len(properties) > 1 else 0)
    salt = properties[2 : 2 + salt_size]
    vector = properties[2 + salt_size : 2 + salt_size + vector_size].ljust(16, b"\0")
    if cycles > MAX_CYCLES:
        raise FormatError(f"a key of 2^{cycles} rounds")
    key = _key(salt + password.encode("utf-16-le"), cycles)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    for chunk in chunks:
        yield decryptor.update(chunk)


def _key(seed: bytes, cycles: int) -> bytes:
    digest = hashlib.sha256()
    total = 1 << cycles
    for start in range(0, total, 1 << 12):
        stop = min(total, start + (1 << 12))
        digest.update(b"".join([seed + number.to_bytes(8, "little") for number in range(start, stop)]))
    return digest.digest()
