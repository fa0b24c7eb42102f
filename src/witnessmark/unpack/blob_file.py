"""A read-only file object over a blob, for libraries that want one."""

import io
from typing import Any

from witnessmark.blob import Blob


class BlobFile(io.RawIOBase):
    """Reads and seeks in a blob without copying it. Wrap it in `io.BufferedReader` where many small reads follow."""

    def __init__(self, blob: Blob) -> None:
        super().__init__()
        self._blob = blob
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position from the blob's start, in bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; a place before the start is an OSError, a place past the end reads as empty."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._blob.size}[whence]
        if start + offset < 0:
            raise OSError(22, "seek before the start")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the position; returns how many bytes were read, 0 at the end."""
        view = self._blob.view(self._at, len(buffer))
        buffer[: len(view)] = view
        self._at += len(view)
        return len(view)
