"""HTTP/2 towards a server, one request at a time on a connection.

How it is recorded: HTTP/2 has no header *block* as bytes, only compressed fields (RFC 9113). A message is written as an
HTTP/1.1 header block: the pseudo-fields become the start line (and `host`), every other field stands in the order and
with the very bytes of name and value that came out of decompression, and the body is the content of all DATA frames
without their padding. Trailers are kept as interim heads are. The record says `h2`.
"""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from witnessmark.errors import NetworkFailed
from witnessmark.net.address_bar import Target
from witnessmark.net.http1 import FramingError, Head, parse_head

Fields = list[tuple[bytes, bytes]]

# RFC 9113, 8.2.2: fields that speak about the connection have no place in HTTP/2.
_CONNECTION = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade", b"host"})
_WINDOW = 8 << 20
_PIECE = 256 << 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A piece of an answer: a head, or some of the body."""

    head: Head | None = None
    interim: bool = False
    data: bytes = b""


class Http2Session:
    """One connection. Raises NetworkFailed when the server breaks the protocol or stops."""

    def __init__(self, sock: socket.socket, head_bytes: int) -> None:
        self._sock = sock
        config = h2.config.H2Configuration(
            client_side=True, header_encoding=None, validate_inbound_headers=False, normalize_inbound_headers=False
        )
        self._h2 = h2.connection.H2Connection(config=config)
        # Set before the preface: values changed later would count only once the server has acknowledged them.
        self._h2.local_settings = h2.settings.Settings(
            client=True,
            initial_values={
                h2.settings.SettingCodes.ENABLE_PUSH: 0,
                h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
                h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE: head_bytes,
            },
        )
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_WINDOW)
        self._flush()
        self.usable = True

    def request_fields(self, head: Head, target: Target) -> Fields:
        """The fields that a browser's HTTP/1.1 request becomes."""
        method, where = head.request
        dropped = _CONNECTION | {token.encode() for token in head.tokens("connection")}
        fields: Fields = [
            (b":method", method.encode()),
            (b":authority", (head.value("host") or target.authority).encode()),
            (b":scheme", b"https"),
            (b":path", where.encode()),
        ]
        return fields + [(n.lower(), v) for n, v in head.fields if n.lower() not in dropped]

    def rendered_request(self, fields: Fields) -> bytes:
        """A request's fields as an HTTP/1.1 header block."""
        pseudo = {name: value for name, value in fields if name.startswith(b":")}
        lines = [b"%s %s HTTP/1.1" % (pseudo[b":method"], pseudo[b":path"]), b"host: " + pseudo[b":authority"]]
        lines += [name + b": " + value for name, value in fields if not name.startswith(b":")]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def exchange(self, fields: Fields, body: bytes, deadline: float) -> Iterator[Answer]:
        """Send one request and yield its answer."""
        try:
            stream_id = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream_id, fields, end_stream=not body)
            self._flush()
            waiting = memoryview(body)
            while True:
                waiting = self._send_some(stream_id, waiting)
                for event in self._receive(deadline):
                    if isinstance(event, h2.events.ConnectionTerminated):
                        self.usable = False
                    if getattr(event, "stream_id", stream_id) != stream_id:
                        continue
                    if isinstance(event, h2.events.StreamEnded):
                        return
                    yield from self._answer(event)
        except h2.exceptions.H2Error as error:
            self.usable = False
            raise NetworkFailed(
                f"the server breaks HTTP/2: {error or type(error).__name__}", kind="protocol"
            ) from error

    def _send_some(self, stream_id: int, waiting: memoryview) -> memoryview:
        while len(waiting):
            room = min(self._h2.local_flow_control_window(stream_id), self._h2.max_outbound_frame_size, len(waiting))
            if room <= 0:
                break
            self._h2.send_data(stream_id, bytes(waiting[:room]), end_stream=room == len(waiting))
            waiting = waiting[room:]
        self._flush()
        return waiting

    def _receive(self, deadline: float) -> list[h2.events.Event]:
        if time.monotonic() > deadline:
            raise NetworkFailed("the time allowed for this recording is over", kind="timeout")
        try:
            data = self._sock.recv(_PIECE)
        except TimeoutError as error:
            raise NetworkFailed("the server has stopped sending", kind="timeout") from error
        except OSError as error:
            self.usable = False
            raise NetworkFailed(f"the connection broke ({error})", kind="connect") from error
        if not data:
            self.usable = False
            raise NetworkFailed("the connection ended before the answer did", kind="connect")
        events = self._h2.receive_data(data)
        self._flush()
        return events

    def _flush(self) -> None:
        try:
            self._sock.sendall(self._h2.data_to_send())
        except OSError as error:
            self.usable = False
            raise NetworkFailed(f"the connection broke ({error})", kind="connect") from error

    def _answer(self, event: h2.events.Event) -> Iterator[Answer]:
        if isinstance(event, h2.events.InformationalResponseReceived):
            yield Answer(head=_head(event.headers or []), interim=True)
        elif isinstance(event, h2.events.TrailersReceived):
            yield Answer(head=_head([(b":status", b"trailers"), *(event.headers or [])]), interim=True)
        elif isinstance(event, h2.events.ResponseReceived):
            yield Answer(head=_head(event.headers or []))
        elif isinstance(event, h2.events.DataReceived):
            if event.flow_controlled_length:
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id or 0)
                self._flush()
            yield Answer(data=event.data or b"")
        elif isinstance(event, h2.events.StreamReset):
            raise NetworkFailed(f"the server gave up the answer (code {event.error_code})", kind="protocol")


def _head(headers: Fields) -> Head:
    """An answer's fields as an HTTP/1.1 header block. Raises FramingError for fields that cannot stand in one."""
    status = next((bytes(v) for n, v in headers if bytes(n) == b":status"), b"")
    lines = [b"HTTP/1.1 " + status + b" "]
    for name, value in ((bytes(n), bytes(v)) for n, v in headers):
        if b"\n" in name + value or b"\r" in name + value or b"\0" in name + value:
            raise FramingError("an HTTP/2 field has a line break in it")
        if not name.startswith(b":"):
            lines.append(name + b": " + value)
    return parse_head(b"\r\n".join(lines) + b"\r\n\r\n")
