"""Leave a host alone between two requests, and hear it when it asks for more time."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_HOSTS = 10_000


class Politeness:
    """Remembers when each host was last asked. Safe to share between threads."""

    def __init__(self, interval: float, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._interval = interval
        self._sleep = sleep
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, now: Callable[[], float] = time.monotonic) -> float:
        """Wait until the host may be asked again; returns the seconds waited."""
        with self._lock:
            moment = now()
            if len(self._next) > _MAX_HOSTS:
                self._next = {name: at for name, at in self._next.items() if at > moment}
            due = max(moment, self._next.get(host, moment))
            self._next[host] = due + self._interval
        if due > moment:
            self._sleep(due - moment)
        return due - moment


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a `Retry-After` field asks for (RFC 9110, 10.2.3), or None when it says nothing readable."""
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
