"""The bounds of one recording and what has passed so far, shared by all its connections."""

import threading
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class ProxyLimits:
    """Bounds of one recording. Seconds, bytes and counts."""

    exchanges: int = 20_000
    exchange_bytes: int = 1 << 30
    total_bytes: int = 8 << 30
    connections: int = 256
    messages: int = 100_000
    seconds: float = 600.0


@dataclass
class Tally:
    """Counts. `deadline` and `last_activity` are on the monotonic clock."""

    limits: ProxyLimits
    deadline: float
    bytes: int = 0
    exchanges: int = 0
    active: int = 0
    refused_browser: set[str] = field(default_factory=set)
    last_activity: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spent(self, count: int) -> bool:
        """Count bytes; True once the recording has had all it may have."""
        with self.lock:
            self.bytes += count
            self.last_activity = time.monotonic()
            return self.bytes > self.limits.total_bytes

    def next_number(self) -> int | None:
        """The number of the next exchange, or None when there may be no more."""
        with self.lock:
            if self.exchanges >= self.limits.exchanges or time.monotonic() > self.deadline:
                return None
            self.exchanges += 1
            return self.exchanges

    def begin(self) -> None:
        """An exchange is under way."""
        with self.lock:
            self.active += 1
            self.last_activity = time.monotonic()

    def end(self) -> None:
        """An exchange is over."""
        with self.lock:
            self.active -= 1
            self.last_activity = time.monotonic()
