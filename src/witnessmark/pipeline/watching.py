"""Give the watch its means: the network, a browser, the case and the ways to tell somebody."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from witnessmark.errors import UsageError
from witnessmark.net import Limits, Policy
from witnessmark.net.politeness import Politeness
from witnessmark.pipeline.watch_browser import browser_fetcher, of_control
from witnessmark.pipeline.watch_case import CaseWork, Contacts, Seal
from witnessmark.pipeline.watch_channels import CHANNELS, Sending, check_channel, tell
from witnessmark.pipeline.watch_clerk import Clerk, day_digest
from witnessmark.watch.look import Means
from witnessmark.watch.looking import fetcher
from witnessmark.watch.outcome import iso
from witnessmark.watch.schedule import Running, Scheduler
from witnessmark.watch.store import Settings, State, Target, WatchStore
from witnessmark.watch.telling import Message

__all__ = ["CHANNELS", "Options", "clerk", "keep_watch", "means", "new_target", "running", "send_digest", "utc_now"]
LIMITS = Limits(connect_seconds=15, idle_seconds=30, total_seconds=300, body_bytes=4 << 30)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What one `watch run` may use."""

    allow_hosts: frozenset[str] = frozenset()
    host_gap: float = 1.0
    workers: int = 16
    proxy: str = ""
    second_proxy: str = ""
    browser: bool = True
    notify: tuple[str, ...] = ()
    seal: Seal | None = None
    bundles: Path = field(default_factory=Path)


def new_target(url: str, settings: Settings, now: datetime, *, contacted: bool = False) -> Target:
    """A target that is due at once. Raises UsageError for what is no web address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not url.lower().startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is not a web address", hint="Give an address that starts with http:// or https://.")
    state = State(contacted_at=iso(now) if contacted else "")
    return Target(url=url, host=host, settings=settings, state=state, next_at=now.timestamp())


def utc_now() -> datetime:
    """The time of day, aware."""
    return datetime.now(UTC)


def policy_of(options: Options) -> Policy:
    """Where looks may go, and how far."""
    return Policy(allow_hosts=options.allow_hosts, proxy=options.proxy, limits=LIMITS, interval=options.host_gap)


def means(store: WatchStore, options: Options) -> Means:
    """The fetches that looks use; the second network only where a proxy for it is named."""
    policy = policy_of(options)
    polite = Politeness(options.host_gap)
    fetch = fetcher(policy, polite, utc_now)
    second = replace(policy, proxy=options.second_proxy)
    return Means(
        fetch=fetch,
        token=lambda: secrets.token_hex(8),
        body=store.body,
        browser=browser_fetcher(policy, utc_now, secrets.token_bytes) if options.browser else None,
        second=fetcher(second, polite, utc_now) if options.second_proxy else None,
        control=of_control(fetch),
        head=fetcher(policy, polite, utc_now, method="HEAD"),
    )


def clerk(store: WatchStore, options: Options, say: Callable[[str], None]) -> Clerk:
    """Who does the errands. Raises UsageError for a way of telling that cannot be used."""
    policy = policy_of(options)
    work = CaseWork(
        store=store,
        policy=replace(policy, limits=replace(LIMITS, total_seconds=3600)),
        clock=utc_now,
        browser=options.browser,
        seal=options.seal,
        bundles=options.bundles,
    )
    sending = Sending(policy=policy)
    return Clerk(store=store, work=work, sending=sending, contacts=Contacts(), clock=utc_now, say=say)


def keep_watch(scheduler: Scheduler, errands: Clerk, *, once: bool) -> None:
    """Run looks and errands until stopped, or with `once` what is due. Raises CaseError as the scheduler does."""
    if once:
        errands.hear_contacts()
        scheduler.run(once=True)
        while errands.errands():
            pass
        return
    stop = threading.Event()
    thread = threading.Thread(target=errands.loop, args=(stop,), name="errands")
    thread.start()
    try:
        scheduler.run()
    finally:
        stop.set()
        thread.join()


def send_digest(store: WatchStore, day: datetime, options: Options, *, again: bool = False) -> Message:
    """The digest of one UTC day, sent to whom `options` name unless that was done. Raises what `tell` raises."""
    message = day_digest(store, day)
    sending = Sending(policy=policy_of(options))
    for channel in options.notify:
        name = f"digest {message.mark} {check_channel(channel)}"
        if store.mark(name) and not again:
            continue
        tell(channel, message, sending)
        with store.writing():
            store.set_mark(name, iso(utc_now()))
    return message


def running(options: Options) -> Running:
    """How the schedule is run. Raises UsageError for a way of telling that cannot be used."""
    channels = tuple(check_channel(channel) for channel in options.notify)
    return Running(workers=options.workers, host_gap=options.host_gap, channels=channels)
