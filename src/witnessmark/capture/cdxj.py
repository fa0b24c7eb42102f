"""The index that replay tools look pages up in: CDXJ, with the request's body in the key for POST and the like.

The key is a SURT (host reversed, then path); for other methods than GET it gets `__wb_method` and what the body says,
as the IIPC's "CDX for non-GET requests" describes, so that a replayed POST finds its answer.
"""

import base64
import ipaddress
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import unquote_plus, urlencode, urlsplit

from witnessmark.capture.warc import Placed
from witnessmark.net.recording import Exchange

_MAX_QUERY = 4_096
_MAX_VALUES = 1_000
_WWW = re.compile(r"^www\d*\.")


@dataclass(frozen=True, kw_only=True)
class CdxLine:
    """One line of the index."""

    key: str
    timestamp: str
    fields: dict[str, str]

    def __str__(self) -> str:
        return f"{self.key} {self.timestamp} {json.dumps(self.fields, ensure_ascii=True)}"


def line_for(exchange: Exchange, placed: Placed, body: bytes, filename: str) -> CdxLine | None:
    """The line of one answered exchange, or None for what no replay looks up (WebSockets, CONNECT)."""
    response = exchange.response
    if response is None or response.head is None or not exchange.url.startswith(("http:", "https:")):
        return None
    fields = {
        "url": exchange.url,
        "mime": response.head.value("content-type").partition(";")[0].strip().lower() or "unk",
        "status": str(exchange.status),
        "digest": f"sha256:{response.payload_sha256}",
        "length": str(placed.length),
        "offset": str(placed.offset),
        "filename": filename,
    }
    key_url = exchange.url
    if exchange.method != "GET":
        fields["method"] = exchange.method
        head = exchange.request.head
        query = body_query(head.value("content-type") if head else "", body) if body else ""
        if query:
            fields["requestBody"] = query
        joint = "&" if "?" in key_url else "?"
        key_url += f"{joint}__wb_method={exchange.method}" + (f"&{query}" if query else "")
    return CdxLine(key=surt(key_url), timestamp=cdx_time(exchange.started), fields=fields)


def index_text(lines: list[CdxLine]) -> bytes:
    """The whole index, sorted as its readers expect."""
    return "".join(sorted(f"{line}\n" for line in lines)).encode()


def cdx_time(moment: datetime) -> str:
    """Fourteen digits, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def surt(url: str) -> str:
    """The sort-friendly form of a URL: `com,example)/path?a=1&b=2`, lower case, arguments sorted, `www.` dropped."""
    parts = urlsplit(url)
    host = _WWW.sub("", (parts.hostname or "").lower())
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = ",".join(reversed(host.split(".")))
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    path = parts.path.lower() or "/"
    if len(path) > 1:
        path = path.rstrip("/") or "/"
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    # A blank would end the key's column.
    return (f"{host}{port}){path}" + (f"?{query}" if query else "")).replace(" ", "%20").replace("\n", "%0A")


def body_query(media_type: str, body: bytes) -> str:
    """A request's body as query arguments."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        query = _form(body)
    elif kind.startswith("multipart/"):
        query = _multipart(media_type, body)
    elif kind in ("application/json", "text/plain"):
        query = _json(body) or (_opaque(body) if kind == "text/plain" else "")
    else:
        query = _opaque(body)
    return query[:_MAX_QUERY]


def _opaque(body: bytes) -> str:
    return "__wb_post_data=" + base64.b64encode(body[:_MAX_QUERY]).decode()


def _form(body: bytes) -> str:
    try:
        return unquote_plus(body.decode())
    except UnicodeDecodeError:
        return _opaque(body)


def _multipart(media_type: str, body: bytes) -> str:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + media_type.encode() + b"\r\n\r\n" + body)
    values = []
    for part in list(message.iter_parts())[:_MAX_VALUES] if message.is_multipart() else []:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            values.append((name, content))
    return urlencode(values) if values else _opaque(body)


def _json(body: bytes) -> str:
    """Every leaf under its own name; a name that comes again gets `.2_`, `.3_` and so on."""
    found: dict[str, str] = {}
    counts: dict[str, int] = {}

    def add(value: object, name: str, depth: int) -> None:
        if depth > 50 or len(found) >= _MAX_VALUES:
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                add(inner, str(key), depth + 1)
        elif isinstance(value, list):
            for inner in value:
                add(inner, name, depth + 1)
        elif name:
            counts[name] = counts.get(name, 0) + 1
            found[name if counts[name] == 1 else f"{name}.{counts[name]}_"] = _leaf(value)

    try:
        add(json.loads(body), "", 0)
    except (ValueError, RecursionError):
        return ""
    return urlencode(found)


def _leaf(value: object) -> str:
    """As a browser's `toString` would write it, which is what the replay compares with."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
