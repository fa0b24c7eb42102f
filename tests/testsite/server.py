"""The test site's server: raw sockets, HTTP/1.1 and HTTP/2, TLS good and bad, everything written down."""

import base64
import hashlib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import h2.config
import h2.connection
import h2.events

from testsite.content import ANSWERS, CLOSES, answer

_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Sent:
    """One exchange as the server knows it. For h2 `response` is empty and `fields`/`body` are what was sent."""

    path: str
    request: bytes
    response: bytes = b""
    protocol: str = "http/1.1"
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    socket_read: bytes = b""
    socket_sent: bytes = b""


class Site:
    """Serves until closed. `log` has one entry for each request read, in order of arrival."""

    def __init__(self, chain: Path | None = None, *, h2: bool = False, extra: dict[str, bytes] | None = None) -> None:
        self.log: list[Sent] = []
        self.answers = {**ANSWERS, **(extra or {})}
        self.big = b""  # served at /big, with ranges
        self.cut_big_after: list[int] = []  # how many bytes of /big to send before the connection dies, one a request
        self.heeds_if_range = True
        self.context: ssl.SSLContext | None = None
        self._h2 = h2
        if chain is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(chain)
            self.context.set_alpn_protocols(["h2", "http/1.1"] if h2 else ["http/1.1"])
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://{self.host}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
            self._open.add(sock)
            if isinstance(sock, ssl.SSLSocket) and sock.selected_alpn_protocol() == "h2":
                self._serve_h2(sock)
            else:
                while self._one(sock):
                    pass
        self._open.discard(sock)
        # A farewell in TLS for all but the paths that cut on purpose.
        with suppress(OSError, ValueError):
            if isinstance(sock, ssl.SSLSocket):
                sock.unwrap()
        sock.close()

    def _read(self, sock: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = sock.recv(65_536)
            if not more:
                return b""
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(rest) < length:
            more = sock.recv(65_536)
            if not more:
                return b""
            rest += more
        return head + b"\r\n\r\n" + rest

    def _one(self, sock: socket.socket) -> bool:
        raw = self._read(sock)
        if not raw:
            return False
        method, target, _ = raw.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        if target.startswith("http://"):  # some proxies leave the absolute form; servers must take it (RFC 9112, 3.2.2)
            target = "/" + target.split("/", 3)[3]
        path = target.partition("?")[0]
        entry = Sent(path=target, request=raw)
        with self._lock:
            self.log.append(entry)
        if path == "/socket":
            self._websocket(sock, raw, entry)
            return False
        if path == "/endless":
            return self._endless(sock, entry)
        if path == "/drip":
            return self._drip(sock, entry)
        if path == "/big":
            return self._big(sock, raw, entry)
        if path == "/dies" and sum(e.path == target for e in self.log) > 1:
            return False
        response = self._response(method, path, target, raw)
        entry.response = response
        sock.sendall(response if method != "HEAD" else response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        return path not in CLOSES

    def _response(self, method: str, path: str, target: str, raw: bytes) -> bytes:
        if path == "/post":
            body = raw.partition(b"\r\n\r\n")[2]
            text = method.encode() + b" " + hashlib.sha256(body).hexdigest().encode()
            return answer(text, kind=b"application/json" if "json" in target else b"text/plain")
        if path.startswith("/redirect/"):
            left = int(path.rpartition("/")[2])
            where = b"/pixel.png" if left <= 1 else b"/redirect/%d" % (left - 1)
            return answer(b"moved", b"Location: " + where, status=b"302 Found")
        if path == "/dies":
            return answer(b"<!doctype html><title>dies</title><script>fetch('/dies')</script>", kind=b"text/html")
        return self.answers.get(path, self.answers["/missing"])

    def _endless(self, sock: socket.socket, entry: Sent) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        block = b"endless " * 8_192
        for _ in range(20_000):
            sock.sendall(block)
        return False

    def _drip(self, sock: socket.socket, entry: Sent) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n")
        stop = threading.Event()
        for _ in range(600):
            sock.sendall(b".")
            stop.wait(0.05)
        return False

    def _big(self, sock: socket.socket, raw: bytes, entry: Sent) -> bool:
        start, tag = 0, hashlib.sha256(self.big).hexdigest()[:16].encode()
        for line in raw.lower().split(b"\r\n"):
            if line.startswith(b"range: bytes="):
                start = int(line[13:].rstrip(b"-"))
        if self.heeds_if_range and b'if-range: "' in raw.lower() and tag not in raw:
            start = 0
        body = self.big[start:]
        if start:
            head = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\n" % (
                start,
                len(self.big) - 1,
                len(self.big),
            )
        else:
            head = b"HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\n"
        head += b'ETag: "%s"\r\nContent-Type: application/zip\r\nContent-Length: %d\r\n\r\n' % (tag, len(body))
        cut = self.cut_big_after.pop(0) if self.cut_big_after else None
        body = body if cut is None else body[:cut]
        entry.response = head + body
        sock.sendall(entry.response)
        return cut is None

    def _websocket(self, sock: socket.socket, raw: bytes, entry: Sent) -> None:
        key = next(
            v.strip()
            for n, _, v in (x.partition(b":") for x in raw.split(b"\r\n"))
            if n.lower() == b"sec-websocket-key"
        )
        token = base64.b64encode(hashlib.sha1(key + _ACCEPT, usedforsecurity=False).digest())
        entry.response = (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            + token
            + b"\r\n\r\n"
        )
        sock.sendall(entry.response)

        def send(frame: bytes) -> None:
            entry.socket_sent += frame
            sock.sendall(frame)

        send(b"\x81\x05first")
        send(b"\x82\x7e\x01\x00" + bytes(range(256)))
        send(b"\x01\x03\xe6\xb0\x91" + b"\x89\x00" + b"\x80\x03\xe6\x97\x8f")  # in two frames, a ping between
        while data := sock.recv(65_536):
            entry.socket_read += data
            if entry.socket_read[-8:-6] == b"\x88\x82" or entry.socket_read[-6:-4] == b"\x88\x80":
                send(b"\x88\x00")
                return

    def _serve_h2(self, sock: socket.socket) -> None:
        config = h2.config.H2Configuration(
            client_side=False, header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False
        )
        connection = h2.connection.H2Connection(config=config)
        connection.initiate_connection()
        sock.sendall(connection.data_to_send())
        asked: dict[int, tuple[list[tuple[bytes, bytes]], bytearray]] = {}
        waiting: dict[int, bytes] = {}
        while data := sock.recv(65_536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    asked[event.stream_id] = (list(event.headers), bytearray())
                elif isinstance(event, h2.events.DataReceived):
                    asked[event.stream_id][1].extend(event.data)
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    waiting[event.stream_id] = self._answer_h2(connection, event.stream_id, *asked.pop(event.stream_id))
            for stream_id in list(waiting):
                waiting[stream_id] = _send_h2(connection, stream_id, waiting[stream_id])
                if not waiting[stream_id]:
                    del waiting[stream_id]
            sock.sendall(connection.data_to_send())

    def _answer_h2(
        self,
        connection: h2.connection.H2Connection,
        stream_id: int,
        headers: list[tuple[bytes, bytes]],
        body: bytearray,
    ) -> bytes:
        fields = {bytes(n): bytes(v) for n, v in headers}
        target = fields[b":path"].decode()
        raw = b"".join(bytes(n) + b": " + bytes(v) + b"\n" for n, v in headers) + b"\n" + bytes(body)
        path = target.partition("?")[0]
        response = self._response(fields[b":method"].decode(), path, target, b"\r\n\r\n" + bytes(body))
        while response.startswith(b"HTTP/1.1 1"):
            response = response.partition(b"\r\n\r\n")[2]
        head, _, content = response.partition(b"\r\n\r\n")
        if b"\r\nTransfer-Encoding: chunked" in head:
            content = _unchunked(content)
        lines = head.split(b"\r\n")
        sent = [(b":status", lines[0].split(b" ")[1])]
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            if name.lower() not in (b"connection", b"transfer-encoding", b"trailer", b"content-length"):
                sent.append((name.lower(), value.strip()))
        entry = Sent(path=target, request=raw, protocol="h2", fields=sent, body=content)
        with self._lock:
            self.log.append(entry)
        connection.send_headers(stream_id, sent, end_stream=not content)
        return content


def _unchunked(data: bytes) -> bytes:
    out = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        out, data = out + data[:length], data[length + 2 :]
    return out


def _send_h2(connection: h2.connection.H2Connection, stream_id: int, data: bytes) -> bytes:
    while data:
        room = min(connection.local_flow_control_window(stream_id), connection.max_outbound_frame_size, len(data))
        if room <= 0:
            break
        connection.send_data(stream_id, data[:room], end_stream=room == len(data), pad_length=None)
        data = data[room:]
    return data
