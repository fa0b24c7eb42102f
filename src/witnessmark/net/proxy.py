"""A proxy between a browser and the network that records every byte as it passes and changes none.

It ends TLS with a certificate of its own, forwards what the browser sends and hands back what the server sends. Two
doors: `page` for the page's own requests, and `browser` for requests that the browser makes for itself; those are
refused and counted, never forwarded.
"""

import socket
import ssl
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from witnessmark.errors import WitnessmarkError
from witnessmark.net.address_bar import Target, parse
from witnessmark.net.authority import RunAuthority
from witnessmark.net.http1 import FramingError, Head
from witnessmark.net.policy import Policy
from witnessmark.net.recording import ExchangeSink
from witnessmark.net.relay import Relay
from witnessmark.net.stream import Stream
from witnessmark.net.tally import ProxyLimits, Tally

_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class RecordingProxy:
    """Listens on loopback while it is open (`with`). Raises OSError if no port can be had."""

    def __init__(self, policy: Policy, sink: ExchangeSink, spool: Path, *, limits: ProxyLimits | None = None) -> None:
        self.authority = RunAuthority()
        self._policy, self._sink, self._spool = policy, sink, spool
        limits = limits or ProxyLimits()
        self.tally = Tally(limits=limits, deadline=time.monotonic() + limits.seconds)
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._page = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._browser = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._stopping = False

    @property
    def page_address(self) -> str:
        """Where the page's requests go."""
        return f"http://127.0.0.1:{self._page.getsockname()[1]}"

    @property
    def browser_address(self) -> str:
        """Where the browser's own requests go, to be refused."""
        return f"http://127.0.0.1:{self._browser.getsockname()[1]}"

    def __enter__(self) -> "RecordingProxy":
        for listener, serve in ((self._page, self._serve), (self._browser, self._refuse)):
            threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, patience: float = 10.0) -> None:
        """Cut all connections and wait until what was under way has been handed to the sink."""
        self._stopping = True
        for listener in (self._page, self._browser):
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes `accept`
            listener.close()
        with self.tally.lock:
            open_now, threads = list(self._open), list(self._threads)
        for sock in open_now:
            with suppress(OSError):
                # Not `sock.shutdown`: on a TLS socket that would make a reader see ciphertext as if it were content.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        until = time.monotonic() + patience
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def track(self, sock: socket.socket) -> None:
        """Remember a socket, so that `close` can cut it."""
        with self.tally.lock:
            self._open.add(sock)

    def forget(self, sock: socket.socket) -> None:
        """The socket is closed."""
        with self.tally.lock:
            self._open.discard(sock)

    def _accept(self, listener: socket.socket, serve: "Serve") -> None:
        while not self._stopping:
            try:
                sock, _ = listener.accept()
            except OSError:
                return  # closed by `close`
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(self._policy.limits.idle_seconds)
            thread = threading.Thread(target=self._run, args=(serve, sock), daemon=True)
            with self.tally.lock:
                full = len(self._threads) >= self.tally.limits.connections
                if not full:
                    self._threads.add(thread)
            if full:
                sock.close()
            else:
                thread.start()

    def _run(self, serve: "Serve", sock: socket.socket) -> None:
        self.track(sock)
        try:
            # If the browser's side breaks off or makes no sense, whatever passed is with the sink already.
            with suppress(OSError, FramingError, WitnessmarkError), closing(sock):
                serve(sock)
        finally:
            self.forget(sock)
            with self.tally.lock:
                self._threads.discard(threading.current_thread())

    def _refuse(self, sock: socket.socket) -> None:
        head = Stream(sock).head(self._policy.limits.head_bytes)
        if head is not None:
            with self.tally.lock:
                if len(self.tally.refused_browser) < 1_000:
                    # Without its path: it carries numbers that tell one machine from another.
                    where = head.request[1].removeprefix("http://").partition("/")[0]
                    self.tally.refused_browser.add(where.removesuffix(":443")[:200])
            sock.sendall(_REFUSED)

    def _serve(self, sock: socket.socket) -> None:
        stream = Stream(sock)
        head = stream.head(self._policy.limits.head_bytes)
        if head is None:
            return
        method, where = head.request
        if method != "CONNECT":
            self._exchanges(sock, stream, head, None)
            return
        base = parse(f"https://{where}/")
        sock.sendall(_ESTABLISHED)
        if sock.recv(1, socket.MSG_PEEK) != b"\x16":  # no TLS hello: plain HTTP or ws:// through a tunnel
            self._exchanges(sock, Stream(sock), None, parse(f"http://{where}/"))
            return
        with closing(self._secured(sock, base.host)) as secured:
            self.track(secured)
            try:
                self._exchanges(secured, Stream(secured), None, base)
            finally:
                self.forget(secured)

    def _secured(self, sock: socket.socket, host: str) -> ssl.SSLSocket:
        secured = self.authority.context(host).wrap_socket(sock, server_side=True, suppress_ragged_eofs=True)
        secured.settimeout(self._policy.limits.idle_seconds)
        return secured

    def _exchanges(self, sock: socket.socket, stream: Stream, head: Head | None, base: Target | None) -> None:
        """One exchange after another, until one side closes."""
        relay = Relay(sock, stream, self._policy, self._sink, self._spool, self.tally, self)
        with closing(relay):
            while True:
                head = head or stream.head(self._policy.limits.head_bytes)
                if head is None or self._stopping or not relay.exchange(head, base):
                    return
                head = None


class Serve(Protocol):
    """What is done with an accepted connection."""

    def __call__(self, sock: socket.socket) -> None:
        """Serve it until it ends."""
