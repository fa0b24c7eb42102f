"""Go through somebody's proxy: HTTP CONNECT, or SOCKS5 with the proxy resolving names (as Tor wants it)."""

import base64
import socket
from urllib.parse import unquote, urlsplit

from witnessmark.errors import NetworkFailed, UsageError
from witnessmark.net.address_bar import Target
from witnessmark.net.http1 import FramingError, head_end, parse_head
from witnessmark.net.policy import Policy

_SOCKS = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}


def connect(target: Target, policy: Policy) -> tuple[socket.socket, str]:
    """A socket that leads to the target, and the proxy's name without its password.

    Raises UsageError for a proxy address we cannot read, NetworkFailed when the proxy does not let us through.
    """
    try:
        parts = urlsplit(policy.proxy)
        port = parts.port or {"http": 8080, "socks5h": 1080, "socks5": 1080}.get(parts.scheme, 0)
    except ValueError as error:
        raise UsageError(f"--proxy is no address: {error}") from error
    if parts.scheme not in ("http", "socks5h", "socks5") or not parts.hostname:
        raise UsageError("--proxy must be http://host:port or socks5h://host:port")
    via = f"{parts.scheme}://{parts.hostname}:{port}"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if max(len(user.encode()), len(password.encode())) > 255:
        raise UsageError("--proxy: the user name or password is too long")
    try:
        sock = socket.create_connection((parts.hostname, port), timeout=policy.limits.connect_seconds)
    except OSError as error:
        raise NetworkFailed(f"the proxy {via} does not answer ({error})", kind="proxy") from error
    try:
        if parts.scheme == "http":
            _http_connect(sock, target, user, password)
        else:
            _socks5(sock, target, user.encode(), password.encode())
    except (OSError, FramingError, NetworkFailed) as error:
        sock.close()
        raise NetworkFailed(
            f"the proxy {via} did not let us through to {target.host}: {error}", kind="proxy"
        ) from error
    sock.settimeout(policy.limits.idle_seconds)
    return sock, via


def _http_connect(sock: socket.socket, target: Target, user: str, password: str) -> None:
    where = f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}"]
    if user:
        lines.append("Proxy-Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    data = bytearray()
    while head_end(data) < 0:
        # One byte at a time: what follows the head belongs to the target.
        more = sock.recv(1)
        if not more or len(data) > 65_536:
            raise FramingError("no proper answer")
        data += more
    if not 200 <= parse_head(bytes(data)).status < 300:
        raise FramingError(f"it answered {parse_head(bytes(data)).status}")


def _socks5(sock: socket.socket, target: Target, user: bytes, password: bytes) -> None:
    """RFC 1928, with RFC 1929 for a user name; the name goes to the proxy unresolved."""
    sock.sendall(b"\x05\x02\x00\x02" if user else b"\x05\x01\x00")
    method = _exactly(sock, 2)[1]
    if method == 2 and user:
        sock.sendall(b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password)
        if _exactly(sock, 2)[1] != 0:
            raise FramingError("it refused the user name")
    elif method != 0:
        raise FramingError("it wants a way of logging in that we do not have")
    name = target.host.encode()
    sock.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + target.port.to_bytes(2, "big"))
    answer = _exactly(sock, 4)
    if answer[1] != 0:
        raise FramingError(_SOCKS.get(answer[1], f"code {answer[1]}"))
    length = {1: 4, 4: 16}.get(answer[3]) or _exactly(sock, 1)[0]
    _exactly(sock, length + 2)


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise FramingError("it closed the connection")
        data += more
    return data
