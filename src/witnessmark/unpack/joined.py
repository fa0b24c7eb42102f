"""Compressed files of one or more streams, one after the other."""

from collections.abc import Callable, Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.codecs import INFLATE_ERROR, Engine, Stream
from witnessmark.unpack.names import UNNAMED
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatError, Unpacked

MAX_STREAMS = 1_000_000


class Joined:
    """Streams of one kind, joined; `end` is where the last one stopped."""

    def __init__(self, blob: Blob, make: Callable[[], Engine], mark: bytes, *, padding: bytes = b"") -> None:
        self._blob = blob
        self._make = make
        self._mark = mark
        self._padding = padding
        self.end = 0

    def chunks(self) -> Iterator[bytes]:
        """Everything the streams unpack to. Raises FormatError for damage."""
        for _ in range(MAX_STREAMS):
            stream = Stream(self._blob, self._make, self.end)
            try:
                yield from stream.chunks()
            except INFLATE_ERROR as error:
                raise FormatError(f"damaged compressed data: {error}") from error
            finally:
                self.end = stream.end
            at = self.end
            while self._padding and self._blob.read(at, len(self._padding)) == self._padding:
                at += len(self._padding)
            if self._blob.read(at, len(self._mark)) != self._mark:
                return
            self.end = at


def joined_members(blob: Blob, context: Context, joined: Joined) -> Iterator[Unpacked]:
    """One unnamed member; what follows the last stream is left over."""
    content = context.collect(joined.chunks(), packed_size=blob.size)
    yield Accounted(0, joined.end)
    yield Content(name=UNNAMED, blob=content)
