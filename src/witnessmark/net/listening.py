"""Hand bytes on to a browser for as long as it listens."""

import socket

from witnessmark.net.http1 import Head


class Listening:
    """The browser's ear: once it stops listening we go on recording what the server sends."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.there = True

    def send(self, data: bytes | memoryview) -> None:
        """Hand bytes on while somebody listens."""
        if self.there:
            try:
                self._sock.sendall(data)
            except OSError:
                self.there = False

    def start_h2(self, head: Head, method: str) -> bool:
        """Hand an HTTP/2 head on as HTTP/1.1; True if the body then needs chunk framing."""
        bodiless = method == "HEAD" or head.status in (204, 304)
        chunked = not bodiless and not head.value("content-length")
        extra = b"transfer-encoding: chunked\r\n\r\n" if chunked else b"\r\n"
        self.send(head.raw[:-2] + extra)
        return chunked

    def send_h2(self, data: bytes, chunked: bool) -> None:
        """Hand a piece of an HTTP/2 body on."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)

    def end_h2(self, chunked: bool) -> None:
        """The body is over."""
        if chunked:
            self.send(b"0\r\n\r\n")
