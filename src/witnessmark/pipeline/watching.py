"""Give the watch its means: the network, a browser, the case and the ways to tell somebody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from witnessmark.case import open_case
from witnessmark.errors import UsageError
from witnessmark.model.evidence import EventKind, Item
from witnessmark.model.sighting import Sighting, Verdict
from witnessmark.net import Policy
from witnessmark.net.politeness import Politeness
from witnessmark.watch.look import Looked, Means, iso
from witnessmark.watch.looking import fetcher
from witnessmark.watch.schedule import Alarm
from witnessmark.watch.store import Settings, State, Target, WatchStore


@dataclass(frozen=True, kw_only=True)
class Options:
    """What one `watch run` may use."""

    allow_hosts: frozenset[str] = frozenset()
    host_gap: float = 1.0
    proxy: str = ""
    second_proxy: str = ""
    browser: bool = True
    notify: tuple[str, ...] = ()


def new_target(url: str, settings: Settings, now: datetime, *, contacted: bool = False) -> Target:
    """A target that is due at once. Raises UsageError for what is no web address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is not a web address", hint="Give an address that starts with http:// or https://.")
    state = State(contacted_at=iso(now) if contacted else "")
    return Target(url=url, host=parts.hostname, settings=settings, state=state, next_at=now.timestamp())


def _now() -> datetime:
    return datetime.now(UTC)


def means(store: WatchStore, options: Options, *, token: Callable[[], str]) -> Means:
    """The fetches that looks use; the second network only where a proxy for it is named."""
    policy = Policy(allow_hosts=options.allow_hosts, proxy=options.proxy)
    polite = Politeness(options.host_gap)
    second = Policy(allow_hosts=options.allow_hosts, proxy=options.second_proxy) if options.second_proxy else None
    return Means(
        fetch=fetcher(policy, polite, _now),
        token=token,
        body=store.body,
        browser=None,
        second=None if second is None else fetcher(second, polite, _now),
    )


def recorder() -> Callable[[Target, Sighting, Looked], None]:
    """Record looks with news in the target's case; looks that saw the same stay in the watch list only."""

    def record(target: Target, sighting: Sighting, looked: Looked) -> None:
        if not target.settings.case or (sighting.verdict is Verdict.SAME and target.state.reference is not None):
            return
        with open_case(Path(target.settings.case)) as case:
            outputs: tuple[Item, ...] = ()
            if looked.body is not None:
                digest = case.put(looked.body)
                outputs = (case.item(digest, name=target.url, role="page"),)
            case.record(EventKind.SIGHTED, sighting, outputs=outputs)

    return record


def alarms(store: WatchStore, options: Options) -> Alarm | None:
    """Tell whoever asked to be told; None when nobody did."""
    return None
