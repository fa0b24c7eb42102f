"""Where we go, how far and how politely."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from witnessmark import __version__

USER_AGENT = f"witnessmark/{__version__}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one fetch. Seconds, bytes and counts; all inclusive."""

    connect_seconds: float = 20.0
    idle_seconds: float = 60.0
    total_seconds: float = 600.0
    redirects: int = 10
    head_bytes: int = 256 << 10
    interim_heads: int = 16
    body_bytes: int = 256 << 20


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the user allowed. `allow_hosts` are `name` or `name:port`, compared with the URL's own host and port.

    `proxy` is `http://host:port` or `socks5h://host:port` (a user name and password may be given); the proxy then
    resolves names, so that rebinding to a private address is the proxy's to refuse: literal private addresses are
    still refused here. `interval` is the least number of seconds between two requests of ours to one host.
    """

    allow_hosts: frozenset[str] = frozenset()
    offline: bool = field(default_factory=lambda: os.environ.get("WITNESSMARK_OFFLINE", "") not in ("", "0"))
    proxy: str = ""
    user_agent: str = USER_AGENT
    insecure: bool = False
    ca_file: Path | None = None
    interval: float = 1.0
    limits: Limits = field(default_factory=Limits)

    def allows(self, host: str, port: int) -> bool:
        """Whether the user named this host, so that even a private address is gone to."""
        names = {name.lower().strip("[]") for name in self.allow_hosts}
        bracketed = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return host.lower() in names or bracketed.lower() in {name.lower() for name in self.allow_hosts}
