"""Where an HTTP/1.1 message begins and ends, without changing one byte of it.

Written for evidence: whatever a server sends is kept as sent, so the reader here is lenient about what it may be and
strict about how much it may be. RFC 9112 section numbers stand next to the rules.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/(\d)\.(\d)[ \t]+(\d{3})(?:[ \t]+(.*))?", re.DOTALL)
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) (\S+) HTTP/1\.([01])")
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(;.*)?", re.DOTALL)
_LINE = 16_384
_FIELDS = 1_000


class FramingError(Exception):
    """The bytes are no HTTP message that can be delimited; what was read is kept by the caller."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Start line and fields. `raw` is every byte up to and with the empty line."""

    raw: bytes
    start: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    odd: tuple[bytes, ...] = ()  # lines that are no field: kept, and reported

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a field, in order, whatever the case of its name."""
        wanted = name.lower().encode()
        return tuple(v.decode("latin-1") for n, v in self.fields if n.lower() == wanted)

    def value(self, name: str) -> str:
        """The first value of a field, or an empty string."""
        return next(iter(self.values(name)), "")

    def tokens(self, name: str) -> tuple[str, ...]:
        """All comma-separated parts of a field, lower case."""
        return tuple(part.strip().lower() for v in self.values(name) for part in v.split(",") if part.strip())

    @property
    def status(self) -> int:
        """The status code. Raises FramingError when the start line is no status line."""
        if not (match := _STATUS.fullmatch(self.start)):
            raise FramingError("the first line is not an HTTP status line")
        return int(match[3])

    @property
    def reason(self) -> str:
        """The reason phrase as sent."""
        match = _STATUS.fullmatch(self.start)
        return (match[4] or b"").decode("latin-1") if match else ""

    @property
    def request(self) -> tuple[str, str]:
        """Method and target. Raises FramingError when the start line is no request line."""
        if not (match := _REQUEST.fullmatch(self.start)):
            raise FramingError("the first line is not an HTTP request line")
        return match[1].decode(), match[2].decode("latin-1")

    @property
    def keeps_alive(self) -> bool:
        """Whether the sender means to go on using the connection (RFC 9112, 9.3)."""
        tokens = self.tokens("connection")
        if self.start.startswith(b"HTTP/1.0") or self.start.endswith(b"HTTP/1.0"):
            return "keep-alive" in tokens and "close" not in tokens
        return "close" not in tokens


def head_end(data: bytes | bytearray, start: int = 0) -> int:
    """Offset just after the empty line that ends a head, or -1 while it is not there yet."""
    match = _END.search(data, start)
    return match.end() if match else -1


def parse_head(raw: bytes) -> Head:
    """Split a whole head. Raises FramingError for more than a thousand fields; odd lines are kept aside."""
    lines = raw.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    if len(lines) > _FIELDS + 1:
        raise FramingError(f"more than {_FIELDS} header lines")
    fields: list[tuple[bytes, bytes]] = []
    odd: list[bytes] = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if line[:1] in (b" ", b"\t") and fields:  # obsolete line folding, 5.2
            fields[-1] = (fields[-1][0], fields[-1][1] + b" " + line.strip())
        elif not colon or not name or name != name.strip() or b" " in name:
            odd.append(line)
        else:
            fields.append((name, value.strip(b" \t")))
    return Head(raw=raw, start=lines[0], fields=tuple(fields), odd=tuple(odd))


class Framing(StrEnum):
    """What delimits a body."""

    NONE = "none"
    LENGTH = "content-length"
    CHUNKED = "chunked"
    CLOSE = "close"


class Body:
    """Follows one body through its bytes. Feed it what arrives; it says where the body ends and what is payload."""

    def __init__(self, framing: Framing, length: int = 0) -> None:
        self.framing = framing
        self.done = framing is Framing.NONE or (framing is Framing.LENGTH and length == 0)
        self.left = length
        self.broken = ""  # why the framing cannot be followed any more; the rest is read until the connection closes
        self._state = "size"
        self._line = bytearray()
        self._trailer = 0

    def feed(self, data: memoryview) -> tuple[int, list[memoryview]]:
        """Take in bytes: how many belong to this body, and which of them are payload (chunk framing left out)."""
        if self.done:
            return 0, []
        if self.framing is Framing.CLOSE or self.broken:
            return len(data), [data]
        if self.framing is Framing.LENGTH:
            took = min(self.left, len(data))
            self.left -= took
            self.done = self.left == 0
            return took, [data[:took]]
        return self._chunks(data)

    def ended(self) -> bool:
        """The connection closed: whether the body is whole."""
        return self.done or (self.framing is Framing.CLOSE and not self.broken)

    def _chunks(self, data: memoryview) -> tuple[int, list[memoryview]]:
        at, payload = 0, []
        while at < len(data) and not self.done:
            if self._state == "data":
                took = min(self.left, len(data) - at)
                payload.append(data[at : at + took])
                at, self.left = at + took, self.left - took
                if self.left == 0:
                    self._state = "after"
                continue
            at = self._take_line(data, at)
            if self._line.endswith(b"\n"):
                self._finish_line(bytes(self._line).rstrip(b"\r\n"))
                self._line.clear()
            if self.broken:
                return len(data), [*payload, data[at:]]
        return at, payload

    def _take_line(self, data: memoryview, at: int) -> int:
        chunk = bytes(data[at : at + _LINE])
        cut = chunk.find(b"\n")
        took = len(chunk) if cut < 0 else cut + 1
        self._line += chunk[:took]
        if len(self._line) > _LINE:
            self.broken = "a line of the chunked framing is too long"
        return at + took

    def _finish_line(self, line: bytes) -> None:
        if self._state == "after":
            self._state = "size"
            if line:
                self.broken = "a chunk is longer than it says"
        elif self._state == "size":
            match = _SIZE.fullmatch(line)
            if match is None:
                self.broken = "a chunk has no size"
                return
            self.left = int(match[1], 16)
            self._state = "data" if self.left else "trailer"
        elif not line:
            self.done = True
        else:
            self._trailer += len(line)
            if self._trailer > 65_536:
                self.broken = "the trailer is too long"


def response_body(head: Head, method: str) -> Body:
    """How the body of a response is delimited (RFC 9112, 6.3). Raises FramingError for lengths that disagree."""
    if method == "HEAD" or head.status in (204, 304) or head.status < 200:
        return Body(Framing.NONE)
    return _body(head, Body(Framing.CLOSE))


def request_body(head: Head) -> Body:
    """How the body of a request is delimited."""
    return _body(head, Body(Framing.NONE))


def _body(head: Head, otherwise: Body) -> Body:
    codings = head.tokens("transfer-encoding")
    if codings:
        return Body(Framing.CHUNKED) if codings[-1] == "chunked" else Body(Framing.CLOSE)
    lengths = set(head.tokens("content-length"))
    if not lengths:
        return otherwise
    text = lengths.pop()
    if lengths or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise FramingError("the Content-Length fields are no one number")
    return Body(Framing.LENGTH, int(text))
