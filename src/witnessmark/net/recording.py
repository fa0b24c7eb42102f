"""What the recording proxy hands on: each exchange with every byte that passed, on disk before it is whole."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from witnessmark.model.capture import Wire
from witnessmark.model.fact import Sha256
from witnessmark.model.problem import Problem
from witnessmark.net.http1 import Head


@dataclass(frozen=True, kw_only=True)
class Part:
    """One direction of an exchange. The file holds `head_size` bytes of head, then the body as it was sent.

    `payload_sha256` and `payload_size` leave the chunk framing out (RFC 9112, 7.1); `chunked` says if there was any.
    """

    path: Path
    head: Head | None
    head_size: int
    size: int
    sha256: Sha256
    payload_size: int
    payload_sha256: Sha256
    chunked: bool
    complete: bool
    body_sha256: Sha256  # of everything after the head, chunk framing included


def nothing(path: Path) -> Part:
    """A direction in which nothing passed; there is no file."""
    empty = Sha256(hashlib.sha256().hexdigest())
    return Part(
        path=path,
        head=None,
        head_size=0,
        size=0,
        sha256=empty,
        payload_size=0,
        payload_sha256=empty,
        chunked=False,
        complete=False,
        body_sha256=empty,
    )


@dataclass(frozen=True, kw_only=True)
class SocketLog:
    """One WebSocket connection: the raw frames of each direction, and one JSON line for each message."""

    sent: Part
    received: Part
    messages: Path
    count: int


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and what came back. `protocol` is `http/1.1` or `h2` (then heads are our rendering, see http2.py)."""

    number: int
    url: str
    method: str
    status: int | None
    protocol: str
    started: datetime
    ended: datetime
    wire: Wire | None
    request: Part
    response: Part | None
    interim: tuple[bytes, ...] = ()  # 1xx heads that came before the answer
    socket: SocketLog | None = None
    problems: tuple[Problem, ...] = ()


class ExchangeSink(Protocol):
    """Who keeps the exchanges. Called from many threads; must copy what it keeps, the files go away afterwards."""

    def keep(self, exchange: Exchange) -> None:
        """Take one finished exchange."""


class Spool:
    """One direction of one exchange while it passes. What a crash leaves is a readable file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.payload_size = 0
        self._head: Head | None = None
        self._head_size = 0
        self._file = path.open("xb", buffering=0)
        self._block, self._body, self._payload = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
        self._chunked = False

    def head(self, raw: bytes, head: Head | None, *, chunked: bool = False) -> None:
        """Write the head block."""
        self._head, self._head_size, self._chunked = head, len(raw), chunked
        self._block.update(raw)
        self._file.write(raw)
        self.size += len(raw)

    def body(self, data: memoryview, payload: list[memoryview]) -> None:
        """Write bytes of the body as they came; `payload` are the parts of them that are no framing."""
        self._file.write(data)
        self._block.update(data)
        self._body.update(data)
        self.size += len(data)
        if self._chunked:
            for piece in payload:
                self._payload.update(piece)
        self.payload_size += sum(map(len, payload))

    def finish(self, *, complete: bool) -> Part:
        """Close the file and say what is in it."""
        self._file.close()
        body = Sha256(self._body.hexdigest())
        return Part(
            path=self.path,
            head=self._head,
            head_size=self._head_size,
            size=self.size,
            sha256=Sha256(self._block.hexdigest()),
            payload_size=self.payload_size,
            payload_sha256=Sha256(self._payload.hexdigest()) if self._chunked else body,
            chunked=self._chunked,
            complete=complete,
            body_sha256=body,
        )
