"""Read a socket within bounds of time and size, one head and one piece of a body after another."""

import socket
import ssl
import time

from witnessmark.errors import NetworkFailed
from witnessmark.net.http1 import FramingError, Head, head_end, parse_head

PIECE = 256 << 10


class Stream:
    """The reading side of a connection, with what was read ahead kept for the next read."""

    def __init__(self, sock: socket.socket, *, deadline: float | None = None) -> None:
        self.sock = sock
        self.deadline = deadline  # on the monotonic clock
        self.abrupt = False  # the connection ended without TLS's farewell: the end may be a cut
        self._ahead = bytearray()
        self._buffer = bytearray(PIECE)

    def head(self, limit: int) -> Head | None:
        """Read one whole head; None when the connection ends before its first byte.

        Raises FramingError (first argument: why; `partial` has the bytes) when it is cut, too long or no head.
        """
        searched = 0
        while (end := head_end(self._ahead, searched)) < 0:
            if len(self._ahead) > limit:
                raise self._broken(f"a header block of more than {limit} bytes")
            searched = max(0, len(self._ahead) - 3)
            data = self._receive()
            if not data:
                if not self._ahead:
                    return None
                raise self._broken("the connection ended inside the header block")
            self._ahead += data
        if end > limit:
            raise self._broken(f"a header block of more than {limit} bytes")
        raw = bytes(self._ahead[:end])
        del self._ahead[:end]
        return parse_head(raw)

    def some(self, room: memoryview | None = None) -> memoryview:
        """The next bytes, empty at the end of the connection. The view is good until the next call.

        Where there is `room`, they are received at its start, except what was read ahead.
        """
        if self._ahead:
            data = bytes(self._ahead)
            self._ahead.clear()
            return memoryview(data)
        return self._receive(room)

    def push_back(self, data: memoryview) -> None:
        """Give bytes back that belong to the next message."""
        self._ahead[:0] = data

    def rest(self) -> bytes:
        """What was read ahead and not used."""
        return bytes(self._ahead)

    def _broken(self, why: str) -> "BrokenHead":
        return BrokenHead(why, bytes(self._ahead))

    def _receive(self, room: memoryview | None = None) -> memoryview:
        into = room or memoryview(self._buffer)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise NetworkFailed("the time allowed for this fetch is over", kind="timeout")
        try:
            count = self.sock.recv_into(into)
        except TimeoutError as error:
            raise NetworkFailed("the server has stopped sending", kind="timeout") from error
        except ssl.SSLEOFError:
            self.abrupt = True
            return memoryview(b"")
        except OSError as error:
            raise NetworkFailed(f"the connection broke ({error})", kind="connect") from error
        return into[:count]


class BrokenHead(FramingError):
    """A head that cannot be used; `partial` has what came."""

    def __init__(self, why: str, partial: bytes) -> None:
        super().__init__(why)
        self.partial = partial
