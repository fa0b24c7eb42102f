"""Random-access bytes of one member, in memory or mapped from a file, without copying them."""

import hashlib
import mmap
from collections.abc import Iterator
from pathlib import Path

from witnessmark.model.fact import Sha256

WINDOW = 1 << 22


class Blob:
    """Bytes that can be read anywhere. Mapped pages are given back after each window, so size costs no memory."""

    __slots__ = ("_map", "_sha256", "_view", "path", "size")

    def __init__(self, view: memoryview, *, mapped: mmap.mmap | None = None, path: Path | None = None) -> None:
        self._view = view
        self._map = mapped
        self._sha256: Sha256 | None = None
        self.path = path
        self.size = len(view)

    @classmethod
    def of_bytes(cls, data: bytes | bytearray | memoryview) -> "Blob":
        """Wrap bytes that are already in memory."""
        return cls(memoryview(data))

    @classmethod
    def of_path(cls, path: Path) -> "Blob":
        """Map a regular file read-only. Raises OSError as `open` does."""
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size == 0:
                return cls(memoryview(b""), path=path)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return cls(memoryview(mapped), mapped=mapped, path=path)

    def view(self, offset: int = 0, length: int | None = None) -> memoryview:
        """A slice without a copy, clipped to the blob."""
        end = self.size if length is None else min(self.size, offset + length)
        return self._view[offset:end]

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """A slice as bytes, clipped to the blob."""
        return bytes(self.view(offset, length))

    def part(self, offset: int, length: int) -> "Blob":
        """A blob over a slice of this one; shares the memory."""
        return Blob(self.view(offset, length), mapped=None)

    def windows(self, size: int = WINDOW, overlap: int = 0) -> Iterator[tuple[int, memoryview]]:
        """Yield (offset, view) over the whole blob; each window starts `overlap` bytes before the last one's end."""
        start = 0
        while start < self.size:
            yield start, self.view(start, size)
            if start + size >= self.size:
                break
            start += size - overlap
            self.forget(start)

    def forget(self, upto: int) -> None:
        """Let the kernel drop mapped pages before `upto`; they are read again if asked for."""
        if self._map is not None:
            self._map.madvise(mmap.MADV_DONTNEED, 0, upto - upto % mmap.PAGESIZE)

    def sha256(self) -> Sha256:
        """The digest of all bytes, computed once."""
        if self._sha256 is None:
            digest = hashlib.sha256()
            for _, view in self.windows():
                digest.update(view)
            self._sha256 = Sha256(digest.hexdigest())
        return self._sha256
