"""Turn exchanges into WARC records, one after another on one thread, each on disk before the next."""

import base64
import queue
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from witnessmark.capture.cdxj import CdxLine, line_for
from witnessmark.capture.warc import Block, Fields, OpenRecord, Placed, WarcWriter
from witnessmark.errors import WitnessmarkError
from witnessmark.model.capture import Tls, Wire
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.net.address_bar import follow, parse
from witnessmark.net.client import Opening, Response
from witnessmark.net.recording import Exchange, Part, SocketLog

HTTP_REQUEST = "application/http;msgtype=request"
HTTP_RESPONSE = "application/http;msgtype=response"
_MAX_POST = 1 << 20
_MAX_PROBLEMS = 500


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The record of a response: still to be written where there is a `block`, else it is in the file already."""

    id: str
    block: Block | None = None
    fields: Fields = field(default_factory=list)


class Keeper:
    """An ExchangeSink over one WARC file. Use it in `with`; leaving it waits until all is on the disk."""

    def __init__(self, warc: WarcWriter) -> None:
        self.warc = warc
        self.count = 0
        self.incomplete = 0
        self.refused = 0
        self.index: list[CdxLine] = []
        self.problems: list[Problem] = []
        self.main: dict[str, Exchange] = {}
        self.first: datetime | None = None
        self._chains: dict[str, str] = {}
        self._numbers = 0
        self._idle = threading.Condition()
        self._pending = 0
        self._queue: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self._failure: OSError | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Keeper":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def keep(self, exchange: Exchange) -> None:
        """Take one exchange; it is written soon. After the disk refused once, files stay where they were spooled."""
        with self._idle:
            self._pending += 1
        self._queue.put(exchange)

    def drain(self) -> None:
        """Wait until all that was handed over is written."""
        with self._idle:
            self._idle.wait_for(lambda: self._pending == 0)

    def next_number(self) -> int:
        """A number for an exchange that did not come from the proxy."""
        self._numbers += 1
        return self._numbers

    def after(self, exchange: Exchange, location: str) -> Exchange | None:
        """The exchange that a redirect led to, if it was recorded."""
        try:
            target = follow(parse(exchange.url), location).url
        except WitnessmarkError:
            return None
        return self.main.get(target)

    def note_failure(self, error: OSError) -> None:
        """The disk refused something beside the records."""
        self._failure = self._failure or error

    @property
    def failure(self) -> OSError | None:
        """What the disk said, if it stopped taking records."""
        return self._failure

    def begin(self, opening: Opening, size: int) -> OpenRecord:
        """Begin the record of a response of which only the head is there. Raises OSError.

        Keep nothing else until it is closed or abandoned.
        """
        self.drain()
        self._chain(opening.wire, opening.at)
        fields = connection_fields(opening.wire, "http/1.1")
        return self.warc.open("response", opening.url, opening.at, HTTP_RESPONSE, size, fields)

    def exchange(self, number: int, response: Response, answer: Answer, ended: datetime) -> None:
        """Write a fetched response whose body lies elsewhere: response, request and metadata. Raises OSError."""
        chain = self._chain(response.wire, response.at)
        about: Fields = [("WARC-Concurrent-To", answer.id)]
        request = Block.of_bytes(response.request_head)
        facts: dict[str, Any] = {
            "exchange": number,
            "method": response.method,
            "url": response.url,
            "status": response.status,
            "protocol": "http/1.1",
            "started": response.at,
            "ended": ended,
            "server": _server(response.wire),
            "tls": None if response.wire.tls is None else _tls(response.wire.tls, chain),
            "response": {
                "payload_bytes": response.size,
                "payload_sha256": response.sha256,
                "complete": response.complete,
            },
            "problems": response.problems,
        }
        with self._lock:
            self.count += 1
            if answer.block is not None:
                common = connection_fields(response.wire, "http/1.1")
                fields = [("WARC-Record-ID", answer.id), *common, *answer.fields]
                self.warc.write("response", response.url, response.at, HTTP_RESPONSE, answer.block, fields)
            self.warc.write("request", response.url, response.at, HTTP_REQUEST, request, about)
            metadata = Block.of_bytes(msgspec.json.encode(facts))
            self.warc.write("metadata", response.url, response.at, "application/json", metadata, about)
            self.warc.commit()

    def resource(self, uri: str, at: datetime, media_type: str, data: bytes, extra: Fields | None = None) -> Placed:
        """Write something of ours (a screenshot, a log) as a resource record. Raises OSError."""
        with self._lock:
            placed = self.warc.write("resource", uri, at, media_type, Block.of_bytes(data), extra)
            self.warc.commit()
        return placed

    def _work(self) -> None:
        while (exchange := self._queue.get()) is not None:
            self.count += 1
            self._note(exchange)
            if self._failure is None:
                try:
                    with self._lock:
                        self._write(exchange)
                        self.warc.commit()
                    _drop_files(exchange)
                except OSError as error:
                    self._failure = error
            with self._idle:
                self._pending -= 1
                self._idle.notify_all()

    def _note(self, exchange: Exchange) -> None:
        self.main.setdefault(exchange.url, exchange)
        self.first = self.first or exchange.started
        for problem in exchange.problems:
            self.incomplete += problem.severity is not Severity.NOTE and problem.code is not ProblemCode.REFUSED
            self.refused += problem.code is ProblemCode.REFUSED
            if len(self.problems) < _MAX_PROBLEMS:
                text = UntrustedText(f"{exchange.method} {exchange.url[:300]}: {problem.message}")
                self.problems.append(msgspec.structs.replace(problem, message=text))

    def _write(self, exchange: Exchange) -> None:
        response_id, request_id = self.warc.new_id(), self.warc.new_id()
        chain = self._chain(exchange.wire, exchange.started)
        common = connection_fields(exchange.wire, exchange.protocol)
        answer = exchange.response
        if answer is not None and answer.head is not None:
            placed = self._part("response", HTTP_RESPONSE, exchange, answer, common, response_id)
            body = _request_body(exchange.request)
            if (line := line_for(exchange, placed, body, self.warc.path.name)) is not None:
                self.index.append(line)
        elif answer is not None:
            # No head that can be read: kept as bytes, so that nobody's parser trips over it as HTTP.
            self._part(
                "resource",
                "application/octet-stream",
                exchange,
                answer,
                common,
                response_id,
                "urn:witnessmark:unparsed:",
            )
        if exchange.request.size:
            together = [*common, ("WARC-Concurrent-To", response_id)] if answer is not None else common
            self._part("request", HTTP_REQUEST, exchange, exchange.request, together, request_id)
        if exchange.socket is not None:
            self._socket(exchange, exchange.socket, response_id)
        facts = msgspec.json.encode(_facts(exchange, chain))
        about = response_id if answer is not None else request_id if exchange.request.size else ""
        link: Fields = [("WARC-Concurrent-To", about)] if about else []
        self.warc.write("metadata", exchange.url, exchange.started, "application/json", Block.of_bytes(facts), link)

    def _part(
        self,
        kind: str,
        media_type: str,
        exchange: Exchange,
        part: Part,
        common: Fields,
        record_id: str,
        prefix: str = "",
    ) -> Placed:
        fields: Fields = [("WARC-Record-ID", record_id), *common]
        # Readers look for HTTP only behind http addresses; elsewhere they would take the head for payload.
        if part.head is not None and not part.chunked and exchange.url.startswith("http"):
            fields.append(("WARC-Payload-Digest", f"sha256:{part.body_sha256}"))
        if not part.complete and kind != "request":
            fields.append(("WARC-Truncated", _why_truncated(exchange)))
        block = Block(parts=(part.path,), size=part.size, sha256=part.sha256)
        return self.warc.write(kind, prefix + exchange.url, exchange.started, media_type, block, fields)

    def _socket(self, exchange: Exchange, log: SocketLog, about: str) -> None:
        base = f"urn:witnessmark:websocket:{exchange.number}"
        link: Fields = [("WARC-Concurrent-To", about)]
        for name, part in (("sent", log.sent), ("received", log.received)):
            block = Block(parts=(part.path,), size=part.size, sha256=part.sha256)
            self.warc.write("resource", f"{base}:{name}", exchange.started, "application/octet-stream", block, link)
        messages = Block.of_bytes(log.messages.read_bytes())
        self.warc.write("resource", f"{base}:messages", exchange.started, "application/jsonl", messages, link)

    def _chain(self, wire: Wire | None, at: datetime) -> str:
        """Write a certificate chain the first time it is seen; later records name it by the digest of its PEM."""
        tls = wire.tls if wire else None
        if tls is None or not tls.chain:
            return ""
        pem = "".join(map(ssl.DER_cert_to_PEM_cert, tls.chain)).encode()
        block = Block.of_bytes(pem)
        if block.sha256 not in self._chains:
            uri = f"urn:witnessmark:tls-chain:{block.sha256}"
            self.warc.write("resource", uri, at, "application/pem-certificate-chain", block)
            self._chains[block.sha256] = uri
        return self._chains[block.sha256]


def connection_fields(wire: Wire | None, protocol: str) -> Fields:
    """Address, protocol and cipher as header fields of a record."""
    fields: Fields = []
    if wire is not None and wire.ip:
        fields.append(("WARC-IP-Address", wire.ip))
    fields.append(("WARC-Protocol", protocol))
    if wire is not None and wire.tls is not None:
        fields.append(("WARC-Protocol", wire.tls.version.lower().replace("tlsv", "tls/")))
        fields.append(("WARC-Cipher-Suite", wire.tls.cipher))
    return fields


def _facts(exchange: Exchange, chain: str) -> dict[str, Any]:
    """What the metadata record says of one exchange; documented in docs/capture.md."""
    wire = exchange.wire
    facts: dict[str, Any] = {
        "exchange": exchange.number,
        "method": exchange.method,
        "url": exchange.url,
        "status": exchange.status,
        "protocol": exchange.protocol,
        "started": exchange.started,
        "ended": exchange.ended,
        "server": None if wire is None else _server(wire),
        "tls": None if wire is None or wire.tls is None else _tls(wire.tls, chain),
        "request": _sizes(exchange.request),
        "response": _sizes(exchange.response) if exchange.response else None,
        "problems": exchange.problems,
    }
    if exchange.protocol == "h2":
        facts["heads"] = "rendered from HTTP/2: pseudo-fields as start line and host, fields in order as decompressed"
    if exchange.interim:
        facts["interim_heads_base64"] = [base64.b64encode(head).decode() for head in exchange.interim]
    if exchange.socket is not None:
        facts["websocket_messages"] = exchange.socket.count
    return facts


def _server(wire: Wire) -> dict[str, Any]:
    return {"host": wire.host, "port": wire.port, "ip": wire.ip, "dns": wire.answers, "via": wire.via}


def _tls(tls: Tls, chain: str) -> dict[str, Any]:
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "alpn": tls.alpn,
        "server_name": tls.server_name,
        "verified": tls.verified,
        "verdict": tls.verdict,
        "chain": chain,
    }


def _sizes(part: Part) -> dict[str, Any]:
    return {
        "head_bytes": part.head_size,
        "bytes": part.size,
        "sha256": part.sha256,
        "payload_bytes": part.payload_size,
        "payload_sha256": part.payload_sha256,
        "chunk_framing": part.chunked,
        "complete": part.complete,
    }


def _why_truncated(exchange: Exchange) -> str:
    codes = {problem.code for problem in exchange.problems}
    if ProblemCode.BOUND_BYTES in codes:
        return "length"
    return "time" if ProblemCode.BOUND_TIME in codes else "disconnect"


def _request_body(part: Part) -> bytes:
    if part.size - part.head_size > _MAX_POST or part.chunked:
        return b""
    with part.path.open("rb") as file:
        file.seek(part.head_size)
        return file.read()


def _drop_files(exchange: Exchange) -> None:
    parts = [exchange.request, exchange.response]
    if exchange.socket is not None:
        parts += [exchange.socket.sent, exchange.socket.received]
        exchange.socket.messages.unlink(missing_ok=True)
    for part in parts:
        if part is not None:
            part.path.unlink(missing_ok=True)


def new_keeper(path: Path, randomness: Callable[[int], bytes], at: datetime, about: Fields) -> Keeper:
    """Open a WARC file with its warcinfo record. Raises OSError."""
    warc = WarcWriter(path, randomness)
    warc.information(at, [("format", "WARC File Format 1.1"), ("conformsTo", _STANDARD), *about])
    warc.commit()
    return Keeper(warc)


_STANDARD = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
