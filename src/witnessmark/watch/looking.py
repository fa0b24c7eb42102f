"""Fetch an address once and put what came back into a `Seen`; the checks that a suspicion needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from witnessmark.errors import NetworkFailed, NetworkRefused
from witnessmark.model.fact import UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Verdict
from witnessmark.net import Policy, Response, fetch
from witnessmark.net.politeness import Politeness
from witnessmark.watch.page import read_page, share_kept
from witnessmark.watch.verdict import SAME_TEMPLATE, Seen, judge

_FAILURES = {
    "dns": Cause.DNS,
    "connect": Cause.REFUSED,
    "proxy": Cause.REFUSED,
    "tls": Cause.TLS,
    "timeout": Cause.TIMEOUT,
}
PAGE_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one fetch brought, with what is needed to record it."""

    seen: Seen
    body: bytes
    at: datetime
    clock_offset: float | None
    retry_after: str = ""


Fetch = Callable[[str], Answer]
"""Fetch one address; never raises for what a server or network does."""


def fetcher(policy: Policy, politeness: Politeness, clock: Callable[[], datetime]) -> Fetch:
    """A `Fetch` over the network door."""

    def look(url: str) -> Answer:
        try:
            return _answer(url, fetch(url, policy=policy, politeness=politeness, clock=clock))
        except (NetworkFailed, NetworkRefused) as error:
            kind = error.kind if isinstance(error, NetworkFailed) else "connect"
            failed = Seen(url=url, failure=_FAILURES.get(kind, Cause.PROTOCOL))
            return Answer(seen=failed, body=b"", at=clock(), clock_offset=None)

    return look


def _answer(url: str, response: Response) -> Answer:
    media = response.header("content-type").split(";")[0].strip().lower()
    body = response.body
    try:
        body = response.content()
    except NetworkFailed:
        return Answer(seen=Seen(url=url, failure=Cause.PROTOCOL), body=b"", at=response.at, clock_offset=None)
    is_page = media in PAGE_TYPES or (not media and body.lstrip()[:1] == b"<")
    return Answer(
        seen=Seen(
            url=url,
            final_url=response.url,
            status=response.status,
            media_type=media,
            digest=response.sha256,
            size=response.size,
            complete=response.complete,
            page=read_page(body) if is_page else None,
        ),
        body=body,
        at=response.at,
        clock_offset=_offset(response),
        retry_after=response.header("retry-after"),
    )


def _offset(response: Response) -> float | None:
    try:
        theirs = parsedate_to_datetime(response.header("date"))
        return round((response.at - theirs).total_seconds(), 1)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def sibling_of(url: str, token: str) -> str:
    """An address beside this one that nobody published; `token` is random."""
    parts = urlsplit(url)
    folder = parts.path.rsplit("/", 1)[0]
    suffix = "." + parts.path.rsplit(".", 1)[-1] if "." in parts.path.rsplit("/", 1)[-1] else ""
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{token}{suffix}", "", ""))


def home_of(url: str) -> str:
    """The front page of the same host."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/", "", ""))


def control_check(answer: Answer) -> Check:
    """A live page of the same host: it supports a removal that the rest of the site still answers."""
    seen = answer.seen
    if seen.failure is not None or (seen.status or 0) >= 500:
        return _check(CheckKind.CONTROL, None, f"{seen.url}: {seen.failure or seen.status}")
    if seen.status == 200:
        return _check(CheckKind.CONTROL, True, f"{seen.url} answers 200 as usual")
    return _check(CheckKind.CONTROL, False, f"{seen.url} answers {seen.status} too: the whole site may be affected")


def sibling_check(now: Seen, sibling: Seen, suspicion: Cause) -> Check:
    """How the site answers an address that never was; a removed page should be answered the same way."""
    if sibling.failure is not None or (sibling.status or 0) >= 500:
        return _check(CheckKind.SIBLING, None, f"a random address: {sibling.failure or sibling.status}")
    if sibling.status in (403, 429, 451):
        return _check(CheckKind.SIBLING, False, f"a random address is answered {sibling.status}: we may be blocked")
    if suspicion in (Cause.NOT_FOUND, Cause.GONE, Cause.WITHDRAWN, Cause.EMPTIED):
        return _check(CheckKind.SIBLING, True, f"a random address is answered {sibling.status}")
    same_place = urlsplit(sibling.final_url).path == urlsplit(now.final_url).path
    if sibling.status in (404, 410):
        return _check(CheckKind.SIBLING, True, f"a random address is answered {sibling.status}")
    if now.page is not None and sibling.page is not None:
        alike = share_kept(now.page.keys(), sibling.page.keys())
        supports = same_place or alike >= SAME_TEMPLATE
        return _check(CheckKind.SIBLING, supports, f"a random address gives a page that is {alike:.0%} the same")
    return _check(CheckKind.SIBLING, None, "a random address gives something that cannot be compared")


def second_look(kind: CheckKind, before: Seen, again: Seen, volatile: frozenset[str], sibling: Seen | None) -> Check:
    """A look by other means; it supports a removal if it would be suspected of one as well."""
    if again.failure is not None:
        return _check(kind, None, f"no answer: {again.failure}")
    found = judge(before, again, volatile=volatile, sibling=sibling)
    if found.suspects is not None:
        return _check(kind, True, f"sees the same: {found.suspects}")
    if found.verdict in (Verdict.BLOCKED, Verdict.UNREACHABLE, Verdict.UNCLEAR):
        return _check(kind, None, f"could not tell: {found.verdict} {found.cause}".strip())
    return _check(kind, False, f"still sees it: {found.verdict}")


def _check(kind: CheckKind, supports: bool | None, says: str) -> Check:
    return Check(kind=kind, supports=supports, says=UntrustedText(says))
