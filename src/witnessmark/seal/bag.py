"""BagIt (RFC 8493): what every file of a bundle must hash to, and how to say where one does not."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.errors import VerificationFailed
from witnessmark.model.fact import Sha256

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_CHUNK = 1 << 16
_MANY = 1 << 10


@dataclass(frozen=True, kw_only=True)
class Sums:
    """One file's digests."""

    size: int
    sha256: Sha256
    sha512: str
    chunks: tuple[tuple[int, int, str], ...] = ()  # offset, length, SHA-256: only for files of more than one chunk


def chunk_size(size: int) -> int:
    """64 KiB, or as much more (a power of two) as keeps a file at no more than 1,024 chunks."""
    chunk = _CHUNK
    while chunk * _MANY < size:
        chunk *= 2
    return chunk


def sums(blob: Blob, *, with_chunks: bool = False) -> Sums:
    """Hash one file in one pass."""
    short, long = hashlib.sha256(), hashlib.sha512()
    chunks = []
    step = chunk_size(blob.size)
    for offset, view in blob.windows(step):
        short.update(view)
        long.update(view)
        if with_chunks and blob.size > step:
            chunks.append((offset, len(view), hashlib.sha256(view).hexdigest()))
    return Sums(size=blob.size, sha256=Sha256(short.hexdigest()), sha512=long.hexdigest(), chunks=tuple(chunks))


def manifest(rows: Mapping[str, str]) -> bytes:
    """`digest`, two spaces, path; sorted by path: what `sha256sum` writes and `sha256sum -c` reads."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(rows.items())).encode()


def parse_manifest(data: bytes, name: str, digits: int) -> dict[str, str]:
    """Path to digest. Every byte must be as `manifest` writes it. Raises VerificationFailed."""
    rows: dict[str, str] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n")[:-1], 1):
        digest, gap, path = line[:digits], line[digits : digits + 2], line[digits + 2 :]
        if gap != "  " or not path or path in rows or set(digest) - set("0123456789abcdef"):
            raise VerificationFailed(f"{name}, line {number}, is malformed")
        rows[path] = digest
    if manifest(rows) != data:
        raise VerificationFailed(f"{name} is not in the form in which it was written")
    return rows


def chunk_list(files: Iterable[tuple[str, Sums]]) -> bytes:
    """One line a chunk: digest, offset, length, path."""
    return "".join(
        f"{digest} {offset} {length} {path}\n" for path, sum_ in files for offset, length, digest in sum_.chunks
    ).encode()


def parse_chunk_list(data: bytes) -> dict[str, list[tuple[int, int, str]]]:
    """Path to its chunks. Raises VerificationFailed."""
    chunks: dict[str, list[tuple[int, int, str]]] = {}
    try:
        for line in data.decode("utf-8").splitlines():
            digest, offset, length, path = line.split(" ", 3)
            chunks.setdefault(path, []).append((int(offset), int(length), digest))
    except (UnicodeDecodeError, ValueError) as error:
        raise VerificationFailed("chunks-sha256.txt is malformed") from error
    return chunks


def where_changed(blob: Blob, chunks: list[tuple[int, int, str]]) -> str:
    """Which bytes of a file differ, as closely as the chunk list can say."""
    expected = sum(length for _, length, _ in chunks)
    wrong = [
        f"{offset} to {offset + length - 1}"
        for offset, length, digest in chunks
        if hashlib.sha256(blob.view(offset, length)).hexdigest() != digest
    ]
    size = f"; it has {blob.size} bytes instead of {expected}" if blob.size != expected else ""
    if not wrong:
        return f"bytes after {expected}{size}"
    return "bytes " + ", ".join(wrong[:5]) + (f" and {len(wrong) - 5} more ranges" if len(wrong) > 5 else "") + size
