"""One exchange after another between a browser's connection and a server, recorded as it passes."""

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from witnessmark.errors import NetworkFailed, NetworkRefused, UsageError, WitnessmarkError
from witnessmark.model.capture import Wire
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.net.address_bar import Target, parse
from witnessmark.net.client import utc_now
from witnessmark.net.dial import Connection, dial
from witnessmark.net.http1 import Body, Framing, FramingError, Head, parse_head, request_body, response_body
from witnessmark.net.listening import Listening
from witnessmark.net.policy import Policy
from witnessmark.net.recording import Exchange, ExchangeSink, SocketLog, Spool, nothing
from witnessmark.net.session import CertificateRefused
from witnessmark.net.stream import BrokenHead, Stream
from witnessmark.net.tally import Tally
from witnessmark.net.tunnel import Tunnel

if TYPE_CHECKING:
    from witnessmark.net.http2 import Http2Session

_MAX_PATH = 65_536
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


class Tracker(Protocol):
    """Who may have to cut our connections from another thread."""

    def track(self, sock: socket.socket) -> None:
        """Remember a socket."""

    def forget(self, sock: socket.socket) -> None:
        """The socket is closed."""


class CutOff(Exception):
    """A limit of the recording was reached while bytes were passing."""


@dataclass
class Work:
    """One exchange while it happens."""

    number: int
    target: Target
    url: str
    method: str
    started: datetime
    folder: Path
    protocol: str = "http/1.1"
    wire: Wire | None = None
    request: Spool | None = None
    request_complete: bool = False
    response: Spool | None = None
    response_complete: bool = False
    status: int | None = None
    interim: list[bytes] = field(default_factory=list)
    socket: SocketLog | None = None
    problems: list[Problem] = field(default_factory=list)

    def spool(self, name: str) -> Spool:
        """A fresh file for one direction."""
        return Spool(self.folder / f"{self.number:06}.{name}")

    def problem(
        self, code: ProblemCode, message: str, consequence: str = "", *, hint: str = "", note: bool = False
    ) -> None:
        """Add a gap."""
        severity = Severity.NOTE if note else Severity.PARTIAL
        text = UntrustedText(message)
        self.problems.append(Problem(code=code, message=text, severity=severity, consequence=consequence, hint=hint))

    def finish(self) -> Exchange:
        """What is handed to the sink."""
        request = self.request.finish(complete=self.request_complete) if self.request else nothing(self.folder / "none")
        response = self.response.finish(complete=self.response_complete) if self.response else None
        return Exchange(
            number=self.number,
            url=self.url,
            method=self.method,
            status=self.status,
            protocol=self.protocol,
            started=self.started,
            ended=utc_now(),
            wire=self.wire,
            request=request,
            response=response,
            interim=tuple(self.interim),
            socket=self.socket,
            problems=tuple(self.problems),
        )


class Relay:
    """The exchanges of one browser connection. Keeps one connection to the server between them."""

    def __init__(
        self,
        browser: socket.socket,
        stream: Stream,
        policy: Policy,
        sink: ExchangeSink,
        spool: Path,
        tally: Tally,
        tracker: Tracker,
    ) -> None:
        self._browser, self._from_browser = browser, stream
        self._policy, self._sink, self._folder, self._tally, self._tracker = policy, sink, spool, tally, tracker
        self._connection: Connection | None = None
        self._authority = ""
        self._stream: Stream | None = None
        self._h2: Http2Session | None = None

    def close(self) -> None:
        """Close the connection to the server."""
        if self._connection is not None:
            self._tracker.forget(self._connection.sock)
            self._connection.sock.close()
        self._connection = self._stream = self._h2 = None

    def exchange(self, head: Head, base: Target | None) -> bool:
        """Pass one request on and its answer back; True if the browser's connection can be used again."""
        method, where = head.request
        try:
            target = _target(where, base)
        except WitnessmarkError as error:
            self._answer(400, str(error))
            return False
        number = self._tally.next_number()
        if number is None:
            self._answer(503, "the recording has reached its limit of exchanges or time")
            return False
        url = target.url if not _is_websocket(head) else "ws" + target.url.removeprefix("http")
        work = Work(number=number, target=target, url=url, method=method, started=utc_now(), folder=self._folder)
        self._tally.begin()
        try:
            return self._attempt(work, head, base is not None)
        finally:
            self._tally.end()
            self._sink.keep(work.finish())

    def _attempt(self, work: Work, head: Head, tunnelled: bool) -> bool:
        try:
            return self._pass(work, head, tunnelled)
        except (NetworkRefused, UsageError) as error:
            work.problem(ProblemCode.REFUSED, str(error), "this request was not sent", hint=error.hint)
        except CertificateRefused as error:
            work.wire = replace_tls(work, error)
            work.problem(ProblemCode.REFUSED, str(error), "this request was not sent", hint=error.hint)
        except NetworkFailed as error:
            work.problem(ProblemCode.NETWORK, str(error), "the answer is missing or cut")
        except FramingError as error:
            work.problem(ProblemCode.CORRUPT, str(error), "the answer could not be delimited; what came is kept")
        except CutOff as error:
            work.problem(ProblemCode.BOUND_BYTES, str(error), "the rest was not fetched")
        except (OSError, ssl.SSLError) as error:
            if error.errno in _DISK:
                work.problem(
                    ProblemCode.DISK_FULL, f"the disk did not take it: {error}", "the answer is missing or cut"
                )
            else:
                work.problem(ProblemCode.NETWORK, f"the connection broke: {error}", "the answer is missing or cut")
        self.close()
        if work.status is None:
            self._answer(502, work.problems[-1].message)
        return False

    def _pass(self, work: Work, head: Head, tunnelled: bool) -> bool:
        raw = head.raw if tunnelled else _origin_form(head, work.target)
        body = request_body(head)
        websocket = _is_websocket(head)
        reused = self._reach(work, websocket)
        work.wire = self._connection.wire if self._connection else None
        if self._h2 is not None:
            return self._pass_h2(work, head, body, self._h2)
        self._send_request(work, raw, head, body)
        try:
            answer = self._read_answer(work)
        except (BrokenHead, NetworkFailed) as error:
            # A kept connection that the server closed meanwhile: ask again on a fresh one, as browsers do (9.3.1).
            stale = reused and work.method in ("GET", "HEAD") and not getattr(error, "partial", b"")
            if not stale:
                self._keep_partial(work, getattr(error, "partial", b""))
                raise
            self.close()
            self._reach(work, websocket)
            work.wire = self._connection.wire if self._connection else None
            self._server().sendall(raw)
            answer = self._read_answer(work)
        if answer.status == 101:
            return self._tunnel(work, head, answer)
        return self._pass_back(work, answer) and head.keeps_alive

    def _keep_partial(self, work: Work, partial: bytes) -> None:
        if partial:
            work.response = work.spool("response")
            work.response.body(memoryview(partial), [memoryview(partial)])

    def _reach(self, work: Work, websocket: bool) -> bool:
        """Have a connection to the target's host; True if it had been used before."""
        same = self._connection is not None and self._authority == work.target.authority
        if same and (self._h2 is None or (self._h2.usable and not websocket)):
            return True
        self.close()
        alpn = ("http/1.1",) if websocket else ("h2", "http/1.1")
        self._connection = dial(work.target, self._policy, alpn=alpn)
        self._tracker.track(self._connection.sock)
        self._authority = work.target.authority
        tls = self._connection.wire.tls
        if tls is not None and tls.alpn == "h2":
            # Only here: loading h2 and its tables takes an eighth of the whole start-up.
            from witnessmark.net.http2 import Http2Session

            self._h2 = Http2Session(self._connection.sock, self._policy.limits.head_bytes)
        else:
            self._stream = Stream(self._connection.sock, deadline=self._tally.deadline)
        return False

    def _server(self) -> socket.socket:
        if self._connection is None:
            raise NetworkFailed("there is no connection to the server", kind="connect")
        return self._connection.sock

    def _server_stream(self) -> Stream:
        if self._stream is None:
            raise NetworkFailed("there is no connection to the server", kind="connect")
        return self._stream

    def _send_request(self, work: Work, raw: bytes, head: Head, body: Body) -> None:
        work.request = work.spool("request")
        work.request.head(raw, parse_head(raw), chunked=body.framing is Framing.CHUNKED)
        self._server().sendall(raw)
        for data, payload in self._body_from(self._from_browser, body):
            work.request.body(data, payload)
            self._server().sendall(data)
        work.request_complete = body.done

    def _body_from(self, stream: Stream, body: Body) -> "Pieces":
        while not body.done:
            data = stream.some()
            if not len(data):
                return
            used, payload = body.feed(data)
            if self._tally.spent(used):
                raise CutOff("the recording has reached its limit of bytes")
            yield data[:used], payload
            if used < len(data):
                stream.push_back(data[used:])

    def _read_answer(self, work: Work) -> Head:
        for _ in range(self._policy.limits.interim_heads):
            head = self._server_stream().head(self._policy.limits.head_bytes)
            if head is None:
                raise BrokenHead("the server closed the connection without an answer", b"")
            try:
                if head.status >= 200 or head.status == 101:
                    return head
            except FramingError as error:
                raise BrokenHead(str(error), head.raw + self._server_stream().rest()) from error
            work.interim.append(head.raw)
            self._browser.sendall(head.raw)
        raise FramingError("the server sends interim answers without end")

    def _pass_back(self, work: Work, head: Head) -> bool:
        stream = self._server_stream()
        try:
            body = response_body(head, work.method)
        except FramingError as error:
            work.problem(ProblemCode.CORRUPT, str(error), "read until the connection closed", note=True)
            body = Body(Framing.CLOSE)
        for line in head.odd[:3]:
            work.problem(ProblemCode.CORRUPT, f"a header line is no field: {line[:80]!r}", note=True)
        work.status = head.status
        work.response = work.spool("response")
        work.response.head(head.raw, head, chunked=body.framing is Framing.CHUNKED)
        listening = Listening(self._browser)
        listening.send(head.raw)
        for data, payload in self._body_from(stream, body):
            work.response.body(data, payload)
            listening.send(data)
            self._check_size(work)
        if body.broken:
            work.problem(ProblemCode.CORRUPT, body.broken, "kept as it came, until the connection closed")
        elif not body.ended():
            work.problem(ProblemCode.TRUNCATED, "the connection ended before the body did", "what came is kept")
        elif stream.abrupt and body.framing is Framing.CLOSE:
            work.problem(ProblemCode.TRUNCATED, "TLS ended without its farewell", "the end may be a cut")
        work.response_complete = body.ended() and not body.broken
        if not (work.response_complete and head.keeps_alive and body.framing is not Framing.CLOSE):
            self.close()
            return False
        return listening.there

    def _check_size(self, work: Work) -> None:
        limit = self._tally.limits.exchange_bytes
        if work.response is not None and work.response.size > limit:
            raise CutOff(f"the answer is longer than {limit} bytes")

    def _pass_h2(self, work: Work, head: Head, body: Body, session: "Http2Session") -> bool:
        work.protocol = "h2"
        payload = bytearray()
        for _, pieces in self._body_from(self._from_browser, body):
            for piece in pieces:
                payload += piece
        fields = session.request_fields(head, work.target)
        rendered = session.rendered_request(fields)
        work.request = work.spool("request")
        work.request.head(rendered, parse_head(rendered))
        work.request.body(memoryview(payload), [memoryview(payload)])
        work.request_complete = body.done
        listening, chunked = Listening(self._browser), False
        for answer in session.exchange(fields, bytes(payload), self._tally.deadline):
            if answer.head is not None and answer.interim:
                work.interim.append(answer.head.raw)
            elif answer.head is not None:
                work.status = answer.head.status
                work.response = work.spool("response")
                work.response.head(answer.head.raw, answer.head)
                chunked = listening.start_h2(answer.head, work.method)
            elif work.response is not None and answer.data:
                view = memoryview(answer.data)
                work.response.body(view, [view])
                listening.send_h2(answer.data, chunked)
                self._check_size(work)
                if self._tally.spent(len(answer.data)):
                    raise CutOff("the recording has reached its limit of bytes")
        listening.end_h2(chunked)
        work.response_complete = True
        return listening.there and head.keeps_alive

    def _tunnel(self, work: Work, request: Head, head: Head) -> bool:
        work.status = 101
        work.response = work.spool("response")
        work.response.head(head.raw, head)
        work.response_complete = True
        self._browser.sendall(head.raw)
        stream = self._server_stream()
        tunnel = Tunnel(work.folder / f"{work.number:06}", self._tally, utc_now)
        self._tally.end()  # an open socket is no reason to wait for the page to settle
        try:
            work.socket, problems = tunnel.run(
                (self._browser, self._from_browser.rest()), (self._server(), stream.rest()), request, head
            )
        finally:
            self._tally.begin()
        work.problems += problems
        self.close()
        return False

    def _answer(self, status: int, message: str) -> None:
        text = ("witnessmark: " + message).encode()
        head = f"HTTP/1.1 {status} Not recorded\r\nContent-Type: text/plain; charset=utf-8\r\n"
        head += f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
        with suppress(OSError):  # the browser may have gone
            self._browser.sendall(head.encode() + text)


Pieces = Iterator[tuple[memoryview, list[memoryview]]]


def replace_tls(work: Work, error: CertificateRefused) -> Wire:
    """The facts of a connection that was given up because of its certificate."""
    wire = work.wire or Wire(host=work.target.host, port=work.target.port)
    return Wire(host=wire.host, port=wire.port, ip=wire.ip, answers=wire.answers, via=wire.via, tls=error.tls)


def _target(where: str, base: Target | None) -> Target:
    if base is None:
        return parse(where, schemes=("http",))
    if not where.startswith(("/", "*")) or len(where) > _MAX_PATH or not where.isascii():
        raise UsageError("a request target that is no path")
    return replace(base, path=where)


def _origin_form(head: Head, target: Target) -> bytes:
    """What a proxy sends for an absolute-form request (RFC 9112, 3.2.1 and 3.2.2)."""
    method, _ = head.request
    _, _, rest = head.raw.partition(b"\n")
    version = head.start.rpartition(b" ")[2]
    kept = [
        b"Connection:" + line.partition(b":")[2] if line.lower().startswith(b"proxy-connection:") else line
        for line in rest.splitlines(keepends=True)
        if not line.lower().startswith(b"proxy-authorization:")
    ]
    return b"%s %s %s\r\n" % (method.encode(), target.path.encode(), version) + b"".join(kept)


def _is_websocket(head: Head) -> bool:
    return "websocket" in head.tokens("upgrade") and "upgrade" in head.tokens("connection")
