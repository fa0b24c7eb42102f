"""MIME messages: headers, parts, and their transfer encodings.

Our own reader: the standard library's pulls in the network modules, keeps every part several times, and takes quadratic
time on some inputs. References: RFC 5322, 2045 to 2047, 2231, 2557.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import decoded
from witnessmark.unpack.unpacker import FormatError

MAX_HEADER_BYTES = 1 << 20
_MAX_PARTS = 100_000
_MAX_DEPTH = 50
_BASE64_STEP = 1 << 18
_SEARCH = 16 << 20
_MAX_LINE = 1 << 17
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]{1,100}):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[^?]{0,20})?\?([bBqQ])\?([^?\s]{0,4000})\?=")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]{1,40})(\*[0-9]{0,3}\*?)?\s*=\s*(?:"([^"]*)"|([^;\s]*))')
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part that is not a multipart. `headers` are decoded; `body` is as it lies in the file."""

    headers: tuple[tuple[str, str], ...]
    body: Blob
    start: int  # where its headers begin
    offset: int  # where its body begins

    def header(self, name: str) -> str:
        """The first header of that name in lower case, or an empty string."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def media_type(self) -> str:
        """`text/plain` and so on, in lower case."""
        return self.header("content-type").split(";")[0].strip().lower() or "text/plain"

    @property
    def charset(self) -> str:
        """The charset as declared, or an empty string."""
        return parameters(self.header("content-type")).get("charset", "")

    @property
    def name(self) -> str:
        """The file name or place that the part gives itself, or an empty string."""
        disposition = parameters(self.header("content-disposition"))
        own = disposition.get("filename") or parameters(self.header("content-type")).get("name")
        return own or self.header("content-location")

    @property
    def encoding(self) -> str:
        """The transfer encoding in lower case."""
        return self.header("content-transfer-encoding").strip().lower()

    def content(self) -> Iterator[bytes]:
        """The body with its transfer encoding undone."""
        if self.encoding == "base64":
            yield from _base64(self.body)
        elif self.encoding == "quoted-printable":
            yield from _quoted(self.body)
        else:
            for _, view in self.body.windows():
                yield bytes(view)


def parts(blob: Blob) -> Iterator[Part]:
    """Every part of a message that holds something, in file order. Raises FormatError at a bound."""
    waiting = [(0, blob.size, 0)]
    for _ in range(_MAX_PARTS):
        if not waiting:
            return
        start, end, depth = waiting.pop()
        headers, body = _headers(blob, start, end)
        part = Part(headers=headers, body=blob.part(body, max(0, end - body)), start=start, offset=body)
        boundary = parameters(part.header("content-type")).get("boundary", "")
        if part.media_type.startswith("multipart/") and boundary:
            if depth >= _MAX_DEPTH:
                raise FormatError(f"parts nest deeper than {_MAX_DEPTH}", code=ProblemCode.BOUND_DEPTH)
            inner = list(_split(blob, body, end, boundary))
            if inner:
                waiting += [(first, last, depth + 1) for first, last in reversed(inner)]
                if depth == 0:  # the message's own headers still count
                    yield Part(headers=headers, body=blob.part(body, 0), start=start, offset=body)
                continue
        yield part
    raise FormatError(f"more than {_MAX_PARTS} parts", code=ProblemCode.BOUND_MEMBERS)


def _headers(blob: Blob, start: int, end: int) -> tuple[tuple[tuple[str, str], ...], int]:
    """The decoded headers of the part at `start`, and where its body begins."""
    head = blob.read(start, min(MAX_HEADER_BYTES, end - start))
    if head.startswith((b"\r\n", b"\n")):
        return (), start + (2 if head[:1] == b"\r" else 1)
    found = _END_OF_HEADERS.search(head)
    size = found.start() if found else len(head)
    fields = tuple(
        (field[1].decode("ascii").lower(), header_text(b" ".join(field[2].split(None))))
        for field in _FIELD.finditer(head[:size])
    )
    return fields, start + (found.end() if found else size)


def _split(blob: Blob, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each part between the boundary lines."""
    line = rb"--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]{0,200}(?:\r?\n|\Z)"
    anywhere = re.compile(rb"\r?\n" + line)
    found = re.compile(line).match(blob.view(start, min(_SEARCH, end - start)))
    first: int | None = None
    place = (start, start + found.end(), found[1]) if found else _search(blob, anywhere, start, end)
    for _ in range(_MAX_PARTS):
        if place is None:
            break
        if first is not None:
            yield first, place[0]
        if place[2] is not None:
            return
        first = place[1]
        place = _search(blob, anywhere, max(first - 1, place[0] + 1), end)  # the next boundary may follow at once
    if first is not None:  # no closing line: the last part runs to the end
        yield first, end


def _search(blob: Blob, line: re.Pattern[bytes], at: int, end: int) -> tuple[int, int, bytes | None] | None:
    """(start, end, closing mark) of the next boundary, window by window so that a huge part costs no memory."""
    for start in range(at, end, _SEARCH):
        found = line.search(blob.view(start, min(_SEARCH + _MAX_LINE, end - start)))
        if found is not None and found.start() < _SEARCH:
            return start + found.start(), start + found.end(), found[1]
        if start > at:
            blob.forget(start)
    return None


def header_text(raw: bytes) -> str:
    """A header's value with its encoded words decoded."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return _WORD.sub(_word, re.sub(r"(\?=)\s+(=\?)", r"\1\2", text))


def _word(found: re.Match[str]) -> str:
    charset, kind, body = found.groups()
    try:
        if kind in "bB":
            data = binascii.a2b_base64(body + "=" * (-len(body) % 4))
        else:
            data = binascii.a2b_qp(body, header=True)
    except (binascii.Error, ValueError):
        return found[0]
    return decoded(data, charset)


def parameters(value: str) -> dict[str, str]:
    """`charset`, `boundary`, `filename` and so on, continued and percent-encoded forms put together (RFC 2231)."""
    found: dict[str, str] = {}
    for name, star, quoted, plain in _PARAMETER.findall(value[:65_536]):
        text = quoted or plain
        if star.endswith("*"):
            charset, _, rest = text.partition("'") if "'" in text else ("utf-8", "", text)
            text = _percent(rest.rpartition("'")[2] or rest, charset or "utf-8")
        key = name.lower()
        found[key] = found.get(key, "") + text if star and len(found.get(key, "")) < 65_536 else found.get(key) or text
    return found


def _percent(text: str, charset: str) -> str:
    data = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: binascii.unhexlify(found[1]), text.encode("utf-8", "replace"))
    return decoded(data, charset)


def _base64(body: Blob) -> Iterator[bytes]:
    left = b""
    for _, view in body.windows(_BASE64_STEP):
        clean = left + _NOT_BASE64.sub(b"", bytes(view))
        whole = len(clean) - len(clean) % 4
        left = clean[whole:]
        yield binascii.a2b_base64(clean[:whole])
    if len(left) > 1:
        yield binascii.a2b_base64(left + b"=" * (-len(left) % 4))


def _quoted(body: Blob) -> Iterator[bytes]:
    """Quoted-printable is line by line; a window is cut at its last line's end."""
    left = b""
    for _, view in body.windows(_BASE64_STEP):
        lines = left + bytes(view)
        cut = lines.rfind(b"\n") + 1 or (len(lines) if len(lines) > 4 * _BASE64_STEP else 0)
        left = lines[cut:]
        yield binascii.a2b_qp(lines[:cut])
    yield binascii.a2b_qp(left)
