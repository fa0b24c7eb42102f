"""Where times and random bytes come from. Both are handed in, so that a test or a replay can fix them."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from witnessmark.model.evidence import ClockReading

Randomness = Callable[[int], bytes]
"""Gives that many random bytes."""

system_randomness: Randomness = secrets.token_bytes

_TIMESYNCD = Path("/run/systemd/timesync/synchronized")


class Clock(Protocol):
    """Says what time it is, and how it knows."""

    def read(self) -> ClockReading:
        """The time now."""


class SystemClock:
    """This machine's clock. Its distance from true time is unknown unless a timestamp authority measured it."""

    def read(self) -> ClockReading:
        """The time now, with what is known of the clock's synchronisation."""
        synchronised = "synchronised by systemd-timesyncd" if _TIMESYNCD.exists() else "synchronisation not known"
        return ClockReading(t_utc=format_utc(datetime.now(UTC)), source=f"system clock, {synchronised}")


def format_utc(moment: datetime) -> str:
    """RFC 3339 with microseconds and `Z`; sorts as text. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> datetime:
    """The inverse of `format_utc`; accepts any RFC 3339 time with a zone. Raises ValueError otherwise."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"no zone in {text!r}")
    return moment.astimezone(UTC)
