"""Fetch one address: bounded, polite, redirects followed and re-checked, the wire's own bytes kept."""

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from witnessmark.errors import NetworkFailed
from witnessmark.model.capture import Hop, Wire
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.net.address_bar import Target, follow, parse
from witnessmark.net.coding import decode
from witnessmark.net.dial import dial
from witnessmark.net.http1 import Body, Framing, FramingError, Head, response_body
from witnessmark.net.policy import Policy
from witnessmark.net.politeness import Politeness
from witnessmark.net.stream import BrokenHead, Stream

_REDIRECTS = (301, 302, 303, 307, 308)


class Sink(Protocol):
    """Where a body goes when it should not stay in memory."""

    def write(self, payload: memoryview, /) -> object:
        """Take the next bytes of the payload. The view is good only during the call."""

    def framed(self, data: memoryview, /) -> object:
        """Take the bytes of a chunked body as they came, framing included. Called only for chunked bodies."""


@runtime_checkable
class Receiver(Sink, Protocol):
    """A sink with memory of its own for the bytes, which it hashes by itself."""

    def room(self) -> memoryview:
        """Where the next bytes are to be received; empty when they may come from anywhere."""

    def sha256(self) -> Sha256:
        """Of everything written. Asked once, at the end."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What is known of an answer before its body. `at` is when it was asked for; `framing` is how the body ends
    and `length` how long the server says it is, if it does."""

    url: str
    head: Head
    wire: Wire
    at: datetime
    framing: Framing
    length: int | None


def utc_now() -> datetime:
    """The time of day, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came back. `body` is the payload as sent (chunk framing removed, content coding left on).

    `size` and `sha256` are of that payload, also when it went into a sink and `body` is empty. `problems` say if the
    body is cut or over a limit; `complete` is False then.
    """

    url: str
    method: str
    status: int
    head: Head
    request_head: bytes
    body: bytes
    framed: bytes  # the body as it came, chunk framing included; the same as `body` where there was none
    size: int
    sha256: Sha256
    complete: bool
    wire: Wire
    redirects: tuple[Hop, ...]
    at: datetime
    problems: tuple[Problem, ...]

    def header(self, name: str) -> str:
        """The first value of a header field, or an empty string."""
        return self.head.value(name)

    def content(self, limit: int = 256 << 20) -> bytes:
        """The body with its content codings (gzip, deflate, br, zstd) undone, at most `limit` bytes.

        Raises NetworkFailed when a coding is unknown, broken, or the content is larger.
        """
        return decode(self.body, self.head.tokens("content-encoding"), limit)


def fetch(  # noqa: PLR0913  keyword arguments of the one public call, each optional
    url: str,
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    politeness: Politeness | None = None,
    into: Callable[[Opening], Sink | None] | None = None,
    observe: Callable[[Response], None] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Response:
    """Fetch `url` and follow its redirects.

    `into` is asked when the final head is there and may give a sink for the body; `observe` sees every response
    on the way. Every status code is a Response, 404 too; a body that is cut short or too large is a Response with
    `complete=False` and a Problem.
    Raises NetworkRefused, CertificateRefused, NetworkFailed, UsageError.
    """
    policy = policy or Policy()
    polite = politeness or Politeness(0.0)
    target = parse(url)
    hops: list[Hop] = []
    deadline = time.monotonic() + policy.limits.total_seconds
    while True:
        polite.wait(target.host)
        request = _request(target, method, body, dict(headers or {}), policy)
        at = clock()
        response = replace(_exchange(target, method, request, body, policy, deadline, at, into), redirects=tuple(hops))
        if observe is not None:
            observe(response)
        location = response.header("location")
        if response.status not in _REDIRECTS or not location:
            return response
        if len(hops) >= policy.limits.redirects:
            raise NetworkFailed(f"{url}: more than {policy.limits.redirects} redirects", kind="redirects")
        hops.append(_hop(response))
        following = follow(target, location)
        if following.authority != target.authority and headers:
            headers = {n: v for n, v in headers.items() if n.lower() not in ("authorization", "cookie")}
        if response.status == 303 or (response.status in (301, 302) and method == "POST"):
            method, body = "GET", b""
        target = following


def _hop(response: Response) -> Hop:
    return Hop(
        url=UntrustedText(response.url),
        status=response.status,
        location=UntrustedText(response.header("location")),
        wire=response.wire,
        at=response.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def _request(target: Target, method: str, body: bytes, headers: dict[str, str], policy: Policy) -> bytes:
    fields = {"Host": target.authority, "User-Agent": policy.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
    given = {name.title(): value for name, value in headers.items()}
    fields |= given
    if body or method in ("POST", "PUT"):
        fields["Content-Length"] = str(len(body))
    fields["Connection"] = "close"
    lines = [f"{method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise NetworkFailed("a header field has a line break in it", kind="protocol")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _exchange(
    target: Target,
    method: str,
    request: bytes,
    body: bytes,
    policy: Policy,
    deadline: float,
    at: datetime,
    into: Callable[[Opening], Sink | None] | None,
) -> Response:
    connection = dial(target, policy)
    with closing(connection.sock) as sock:
        stream = Stream(sock, deadline=deadline)
        try:
            sock.sendall(request + body)
            head = _final_head(stream, policy)
        except (OSError, FramingError) as error:
            kind = "timeout" if isinstance(error, TimeoutError) else "protocol"
            raise NetworkFailed(f"{target.host}: {error}", kind=kind) from error
        problems = [_note(f"a header line is no field: {line[:80]!r}") for line in head.odd[:3]]
        redirected = head.status in _REDIRECTS and bool(head.value("location"))
        framed, disagree = _framing(head, method)
        length = framed.left if framed.framing is Framing.LENGTH else None
        opening = Opening(url=target.url, head=head, wire=connection.wire, at=at, framing=framed.framing, length=length)
        sink = into(opening) if into is not None and not redirected else None
        received = _receive(stream, framed, 1 << 20 if redirected else policy.limits.body_bytes, sink)
        problems += [*disagree, *received.problems]
    return Response(
        url=target.url,
        method=method,
        status=head.status,
        head=head,
        request_head=request,
        body=bytes(received.kept),
        framed=bytes(received.framed if received.chunked else received.kept),
        size=received.size,
        sha256=sink.sha256() if isinstance(sink, Receiver) else Sha256(received.digest.hexdigest()),
        complete=received.complete,
        wire=connection.wire,
        redirects=(),  # `fetch` knows them
        at=at,
        problems=tuple(problems),
    )


def _final_head(stream: Stream, policy: Policy) -> Head:
    for _ in range(policy.limits.interim_heads):
        head = stream.head(policy.limits.head_bytes)
        if head is None:
            raise BrokenHead("the server closed the connection without an answer", b"")
        if head.status >= 200 or head.status == 101:
            return head
    raise FramingError("the server sends interim answers without end")


class _Received:
    """What came of one body."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.framed = bytearray()
        self.chunked = False
        self.size = 0
        self.digest = hashlib.sha256()
        self.complete = False
        self.problems: list[Problem] = []


def _framing(head: Head, method: str) -> tuple[Body, list[Problem]]:
    try:
        return response_body(head, method), []
    except FramingError as error:
        return Body(Framing.CLOSE), [_note(f"{error}: read until the connection closed")]


def _receive(stream: Stream, body: Body, limit: int, sink: Sink | None) -> _Received:
    received = _Received()
    received.chunked = body.framing is Framing.CHUNKED
    try:
        _pump(stream, body, limit, sink, received)
    except NetworkFailed as error:
        received.problems.append(_cut(str(error)))
        return received
    if body.broken:
        received.problems.append(_cut(body.broken))
    elif not body.ended() and received.size < limit:
        received.problems.append(_cut("the connection ended before the body did"))
    elif stream.abrupt and body.framing is Framing.CLOSE:
        received.problems.append(_cut("TLS ended without its farewell, so the end may be a cut"))
    received.complete = not any(p.severity is Severity.PARTIAL for p in received.problems)
    return received


def _pump(stream: Stream, body: Body, limit: int, sink: Sink | None, received: _Received) -> None:
    own = sink if isinstance(sink, Receiver) else None
    while not body.done:
        data = stream.some(own.room() if own is not None else None)
        if not len(data):
            return
        used, payload = body.feed(data)
        if received.chunked:
            _take_framed(data[:used], sink, received)
        for piece in payload:
            kept = piece[: limit - received.size]
            received.size += len(kept)
            if own is None:
                received.digest.update(kept)
            if sink is None:
                received.kept += kept
            else:
                sink.write(kept)
            if len(kept) < len(piece):
                received.problems.append(
                    Problem(
                        code=ProblemCode.BOUND_BYTES,
                        message=UntrustedText(f"the body is longer than {limit} bytes"),
                        consequence="only its beginning was kept",
                    )
                )
                return


def _take_framed(data: memoryview, sink: Sink | None, received: _Received) -> None:
    if sink is None:
        received.framed += data
    else:
        sink.framed(data)


def _cut(why: str) -> Problem:
    return Problem(
        code=ProblemCode.TRUNCATED,
        message=UntrustedText(why),
        consequence="what came until then was kept; the rest is not known",
    )


def _note(why: str) -> Problem:
    return Problem(code=ProblemCode.NETWORK, message=UntrustedText(why), severity=Severity.NOTE)
