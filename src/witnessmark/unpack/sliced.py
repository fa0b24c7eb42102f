"""Cut a stream of chunks into members that follow each other."""

from collections.abc import Iterator


class Sliced:
    """Hands out consecutive runs of bytes from one iterator of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest: bytes | memoryview = b""
        self.taken_whole = True

    def take(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes. Raises EOFError when the stream ends before; `taken_whole` tells if all were drawn."""
        self.taken_whole = False
        left = size
        while left:
            if not self._rest:
                following = next(self._chunks, None)
                if following is None:
                    raise EOFError("the compressed data ends before the member does")
                self._rest = following
                continue
            piece = self._rest[:left]
            self._rest = memoryview(self._rest)[len(piece) :]
            left -= len(piece)
            yield bytes(piece)
        self.taken_whole = True
