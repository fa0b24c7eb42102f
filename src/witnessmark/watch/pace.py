"""When to look again."""

from datetime import datetime, timedelta

from witnessmark.net.politeness import retry_after
from witnessmark.watch.store import State, Target

SUSPICION_INTERVAL = 60.0
LONGEST_BACK_OFF = 6 * 3600.0
LONGEST_ASKED = 24 * 3600.0


def interval_at(base: float, contacted_at: str, now: datetime) -> float:
    """Seconds between looks: 30 for two hours after the vendor was asked, 300 for two days, then at least daily."""
    if not contacted_at:
        return base
    since = (now - datetime.fromisoformat(contacted_at)).total_seconds()
    if since <= 2 * 3600:
        return min(base, 30.0)
    if since <= 48 * 3600:
        return min(base, 300.0)
    return min(base, 86_400.0)


def next_look(target: Target, state: State, at: datetime, asked_to_wait: str) -> datetime:
    """Soon while a removal is suspected, later while the host is in trouble or asks for time (`Retry-After`)."""
    seconds = interval_at(target.settings.interval, state.contacted_at, at)
    if state.suspects and not state.removed_at:
        # Enough looks and still not confirmed: a check is missing, and asking ever again will not bring it.
        over = max(0, state.confirmations - target.settings.confirmations)
        seconds = min(seconds, SUSPICION_INTERVAL * 2 ** min(over, 10))
    if state.failures:
        seconds = min(max(seconds, LONGEST_BACK_OFF), seconds * 2 ** min(state.failures - 1, 10))
    asked = retry_after(asked_to_wait, at) if asked_to_wait else None
    if asked is not None:
        seconds = max(seconds, min(asked, LONGEST_ASKED))
    return at + timedelta(seconds=seconds)


def latest_sensible(target: Target, now: datetime) -> float:
    """The latest moment (seconds since 1970) at which a look can have been scheduled from now."""
    return now.timestamp() + max(target.settings.interval, LONGEST_ASKED) * 1.1
