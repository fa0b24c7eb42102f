"""Take a URL apart strictly: what we send is what was checked."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import idna

from witnessmark.errors import NetworkRefused, UsageError

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")  # `0x7f.1`, `2130706433`: addresses in disguise, as browsers see them
_DEFAULT = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_MAX = 8_192


@dataclass(frozen=True, kw_only=True)
class Target:
    """A checked URL in its parts. `path` includes the query and is ASCII; there is no fragment."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken."""
        return self.scheme in ("https", "wss")

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _DEFAULT[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """The address without its fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse(url: str, *, schemes: tuple[str, ...] = ("http", "https")) -> Target:
    """Check a URL and take it apart. Raises UsageError when malformed, NetworkRefused for another scheme."""
    text = url.strip()
    if len(text) > _MAX:
        raise UsageError(f"the address is longer than {_MAX} characters")
    if _FORBIDDEN.search(text):
        raise UsageError(f"the address has a blank, backslash or control character in it: {text!r}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"not an address: {text!r} ({error})") from error
    if parts.scheme.lower() not in schemes:
        raise NetworkRefused(
            f"{parts.scheme or 'no scheme'}: only {' and '.join(schemes)} are fetched", hint="write it as https://…"
        )
    if "@" in parts.netloc:
        raise NetworkRefused("an address with a user name or password in it is not fetched", hint="leave it out")
    scheme = parts.scheme.lower()
    path = quote(parts.path or "/", safe="%/:@!$&'()*+,;=-._~[]|^`{}\"<>")
    query = "?" + quote(parts.query, safe="%/:@!$&'()*+,;=-._~?[]|^`{}\"<>") if "?" in text.partition("#")[0] else ""
    return Target(scheme=scheme, host=_host(parts.hostname), port=port or _DEFAULT[scheme], path=path + query)


def follow(base: Target, location: str) -> Target:
    """The target of a redirect, checked like any other address."""
    return parse(quote(urljoin(base.url, location.strip()), safe="%/:@!$&'()*+,;=-._~?#[]|^`{}\"<>"))


def _host(name: str | None) -> str:
    if not name:
        raise UsageError("the address names no host")
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        pass  # a name, not an address
    try:
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError as error:
        raise UsageError(f"not a host name: {name!r} ({error})") from error
    if not _HOST.fullmatch(host) or len(host) > 253 or _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise UsageError(f"not a host name: {name!r}")
    return host
