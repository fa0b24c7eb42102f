"""A WebSocket through the proxy: raw frames of both directions kept as they passed, each message in readable form."""

import base64
import json
import select
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.net.http1 import Head
from witnessmark.net.recording import SocketLog, Spool
from witnessmark.net.tally import Tally

_KINDS = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
_MAX_MESSAGE = 16 << 20
_TICK = 1.0

Side = tuple[socket.socket, bytes]


class FrameReader:
    """Cuts one direction into messages (RFC 6455, 5.2), undoing masks and permessage-deflate (RFC 7692)."""

    def __init__(self, direction: str, *, deflate: bool, takeover: bool) -> None:
        self.direction = direction
        self.broken = ""
        self._buffer = bytearray()
        self._parts = bytearray()
        self._kind = 0
        self._compressed = False
        self._deflate, self._takeover = deflate, takeover
        self._inflater = zlib.decompressobj(-15)

    def feed(self, data: bytes) -> list[dict[str, object]]:
        """Messages that are whole now. After a broken frame nothing more is read; the raw bytes are kept anyway."""
        messages: list[dict[str, object]] = []
        self._buffer += b"" if self.broken else data
        while not self.broken and (frame := self._frame()) is not None:
            message = self._take(*frame)
            if message is not None:
                messages.append(message)
        return messages

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, at = buffer[1] & 127, 2
        if length >= 126:
            width = 2 if length == 126 else 8
            if len(buffer) < at + width:
                return None
            length, at = int.from_bytes(buffer[at : at + width], "big"), at + width
        if length > _MAX_MESSAGE:
            self.broken = f"a frame of {length} bytes"
            return None
        mask = bytes(buffer[at : at + 4]) if buffer[1] & 128 else b""
        at += 4 if buffer[1] & 128 else 0
        if len(buffer) < at + length:
            return None
        payload = bytes(buffer[at : at + length])
        if mask:
            key = (mask * (length // 4 + 1))[:length]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")
        first = buffer[0]
        del buffer[: at + length]
        return first, payload

    def _take(self, first: int, payload: bytes) -> dict[str, object] | None:
        code, final = first & 15, bool(first & 128)
        if code >= 8:
            return self._message(code, payload)
        if code:
            self._kind, self._compressed = code, bool(first & 64)
            self._parts.clear()
        self._parts += payload
        if len(self._parts) > _MAX_MESSAGE:
            self.broken = "a message that is too long"
            return None
        if not final:
            return None
        whole = bytes(self._parts)
        if self._compressed and self._deflate:
            whole = self._inflate(whole)
        return None if self.broken else self._message(self._kind, whole)

    def _inflate(self, data: bytes) -> bytes:
        if not self._takeover:
            self._inflater = zlib.decompressobj(-15)
        try:
            out = self._inflater.decompress(data + b"\x00\x00\xff\xff", _MAX_MESSAGE)
        except zlib.error as error:
            self.broken = f"a compressed message is broken: {error}"
            return b""
        if self._inflater.unconsumed_tail:
            self.broken = "a compressed message that is too long"
        return out

    def _message(self, code: int, payload: bytes) -> dict[str, object]:
        message: dict[str, object] = {"direction": self.direction, "kind": _KINDS.get(code, f"opcode {code}")}
        try:
            if code != 1:
                raise UnicodeError
            message["text"] = payload.decode()
        except UnicodeError:
            message["base64"] = base64.b64encode(payload).decode()
        return message


class Tunnel:
    """Passes bytes both ways until one side closes or a limit is reached."""

    def __init__(self, stem: Path, tally: Tally, clock: Callable[[], datetime]) -> None:
        self._sent, self._received = Spool(stem.with_suffix(".ws-sent")), Spool(stem.with_suffix(".ws-received"))
        self._messages = stem.with_suffix(".ws-messages")
        self._tally, self._clock = tally, clock
        self._count = 0
        self._problems: list[Problem] = []

    def run(self, browser: Side, server: Side, request: Head, head: Head) -> tuple[SocketLog, list[Problem]]:
        """Relay until the end; returns what passed."""
        offer = head.value("sec-websocket-extensions").lower().replace(" ", "")
        deflate = offer.startswith("permessage-deflate")
        sent = FrameReader("sent", deflate=deflate, takeover="client_no_context_takeover" not in offer)
        received = FrameReader("received", deflate=deflate, takeover="server_no_context_takeover" not in offer)
        with self._messages.open("xb", buffering=0) as log:
            routes = {
                browser[0]: (server[0], self._sent, sent, browser[1]),
                server[0]: (browser[0], self._received, received, server[1]),
            }
            for to, spool, reader, early in routes.values():
                self._hand_on(early, to, spool, reader, log.write)
            self._loop(routes, log.write)
        for reader in (sent, received):
            if reader.broken:
                self._problem(ProblemCode.CORRUPT, f"WebSocket, {reader.direction}: {reader.broken}")
        log_ = SocketLog(
            sent=self._sent.finish(complete=not sent.broken),
            received=self._received.finish(complete=not received.broken),
            messages=self._messages,
            count=self._count,
        )
        return log_, self._problems

    def _loop(self, routes: "Routes", write: Callable[[bytes], object]) -> None:
        socks = list(routes)
        while True:
            if time.monotonic() > self._tally.deadline:
                self._problem(ProblemCode.BOUND_TIME, "the WebSocket was still open when the time was over")
                return
            pending = [s for s in socks if isinstance(s, ssl.SSLSocket) and s.pending()]
            ready = pending or select.select(socks, [], [], _TICK)[0]
            for sock in ready:
                to, spool, reader, _ = routes[sock]
                try:
                    data = sock.recv(65_536)
                    if not data:
                        return
                    if not self._hand_on(data, to, spool, reader, write):
                        return
                except (OSError, ValueError):  # the other side went away; what passed is kept
                    return

    def _hand_on(
        self, data: bytes, to: socket.socket, spool: Spool, reader: FrameReader, write: Callable[[bytes], object]
    ) -> bool:
        if not data:
            return True
        view = memoryview(data)
        spool.body(view, [view])
        to.sendall(data)
        for message in reader.feed(data):
            self._count += 1
            if self._count > self._tally.limits.messages:
                self._problem(ProblemCode.BOUND_MEMBERS, "more WebSocket messages than the limit")
                return False
            message["at"] = self._clock().isoformat(timespec="milliseconds")
            write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
        if self._tally.spent(len(data)):
            self._problem(ProblemCode.BOUND_BYTES, "the recording has reached its limit of bytes")
            return False
        return True

    def _problem(self, code: ProblemCode, message: str) -> None:
        self._problems.append(
            Problem(code=code, message=UntrustedText(message), consequence="the raw bytes that passed are kept")
        )


Routes = dict[socket.socket, tuple[socket.socket, Spool, FrameReader, bytes]]
