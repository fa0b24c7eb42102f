"""Fetch an address once and put what came back into a `Seen`; the checks that a suspicion needs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from witnessmark.errors import NetworkFailed, NetworkRefused, UsageError
from witnessmark.model.fact import UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Verdict
from witnessmark.net import Policy, Response, fetch
from witnessmark.net.coding import decode
from witnessmark.net.politeness import Politeness
from witnessmark.watch.feed import FEED_TYPES, read_feed
from witnessmark.watch.instead import SAME_TEMPLATE
from witnessmark.watch.judgement import Around, Seen
from witnessmark.watch.page import Page, Slots, read_page, share_kept
from witnessmark.watch.verdict import judge

_FAILURES = {
    "dns": Cause.DNS,
    "connect": Cause.REFUSED,
    "proxy": Cause.REFUSED,
    "tls": Cause.TLS,
    "refused": Cause.REFUSED,
    "timeout": Cause.TIMEOUT,
}
PAGE_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one fetch brought, with what is needed to record it. `seen.page` is set by `with_page`, where it is needed:
    most looks find the bytes that they know and need no parsing."""

    seen: Seen
    body: bytes
    at: datetime
    clock_offset: float | None
    retry_after: str = ""
    validator: str = ""  # the server's own mark of this version: tag and date


Fetch = Callable[[str], Answer]
"""Fetch one address; never raises for what a server or network does."""


KEPT = 16 << 20  # bytes of one answer that stay in memory; a longer one is hashed to its end
STILL = 0.5  # of the control page's text: with less it may be a relaunch, where every old address goes


class _Start:
    """Keeps the start of a body; all of it is hashed and counted by the fetch."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, payload: memoryview, /) -> None:
        """Take the next bytes."""
        self.data += payload[: KEPT - len(self.data)]

    def framed(self, data: memoryview, /) -> None:
        """Chunk framing tells nothing here."""


def fetcher(policy: Policy, politeness: Politeness, clock: Callable[[], datetime], *, method: str = "GET") -> Fetch:
    """A `Fetch` over the network door. With method HEAD, `size` is what the server says it would send."""

    def look(url: str) -> Answer:
        start = _Start()
        try:
            response = fetch(
                url, method=method, policy=policy, politeness=politeness, into=lambda _: start, clock=clock
            )
            return _answer(url, response, bytes(start.data))
        except (NetworkFailed, NetworkRefused, UsageError) as error:
            kind = error.kind if isinstance(error, NetworkFailed) else "refused"
            failed = Seen(url=url, failure=_FAILURES.get(kind, Cause.PROTOCOL))
            return Answer(seen=failed, body=b"", at=clock(), clock_offset=None)

    return look


def _answer(url: str, response: Response, body: bytes) -> Answer:
    media = response.header("content-type").split(";")[0].strip().lower()
    complete = response.complete
    try:
        body = decode(body, response.head.tokens("content-encoding"), KEPT)
    except NetworkFailed:
        complete = False
    return Answer(
        seen=Seen(
            url=url,
            final_url=response.url,
            status=response.status,
            media_type=media,
            digest=response.sha256 if response.method != "HEAD" else None,
            size=response.size if response.method != "HEAD" else _length(response),
            complete=complete,
        ),
        body=body,
        at=response.at,
        clock_offset=_offset(response),
        retry_after=response.header("retry-after"),
        validator=f"{response.header('etag')} {response.header('last-modified')}".strip()[:300],
    )


def _length(response: Response) -> int:
    text = response.header("content-length")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


_BLANKS = b"\xef\xbb\xbf \t\r\n"
_ARCHIVES = (b"PK\x03\x04", b"%PDF-", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF", b"\xfd7zXZ", b"BZh")
_ANY_FILE = ("", "application/octet-stream", "binary/octet-stream", "application/zip", "application/x-zip-compressed")


def page_of(data: bytes, media_type: str) -> Page | None:
    """The page or feed that these bytes are, or None for any other file. The server's word is not enough: an archive
    sent as a page is an archive, and a page sent as an archive is a page."""
    start = data[:400].lstrip(_BLANKS)
    if start.startswith(_ARCHIVES):
        return None
    if media_type in FEED_TYPES or media_type in PAGE_TYPES:
        feed = read_feed(data) if start.startswith((b"<?xml", b"<rss", b"<feed")) else None
        return feed or (read_page(data) if media_type in PAGE_TYPES else None)
    marked = start[:15].lower().startswith((b"<!doctype html", b"<html", b"<head", b"<title"))
    return read_page(data) if (marked and media_type in _ANY_FILE) or (not media_type and start[:1] == b"<") else None


def with_page(answer: Answer) -> Answer:
    """The same answer, its page read."""
    if answer.seen.page is not None or answer.seen.failure is not None:
        return answer
    return replace(answer, seen=replace(answer.seen, page=page_of(answer.body, answer.seen.media_type)))


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


def host_of(url: str) -> str:
    """The host's name, for politeness."""
    return urlsplit(url).hostname or ""


def home_of(url: str) -> str:
    """The front page of the same host."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/", "", ""))


def control_check(before: Seen | None, answer: Answer, suspected: Seen) -> Check:
    """A live page of the same host: it supports a removal if it is as it was when the watch began.

    Without a look from then (`before`), it must answer 200 and not show what the suspected page shows.
    """
    seen = answer.seen
    if seen.failure is not None or (seen.status or 0) >= 500:
        return _check(CheckKind.CONTROL, None, f"{seen.url}: {seen.failure or seen.status}")
    if seen.url == suspected.url:
        return _check(CheckKind.CONTROL, None, "the page is the host's front page; name another one with --control")
    if seen.status != 200:
        return _check(CheckKind.CONTROL, False, f"{seen.url} answers {seen.status} too: the whole site may be affected")
    if before is not None:
        found = judge(before, seen)
        if found.verdict in (Verdict.BLOCKED, Verdict.UNREACHABLE):
            return _check(CheckKind.CONTROL, None, f"{seen.url}: {found.verdict} {found.cause}")
        rebuilt = found.likeness is not None and found.likeness < STILL
        if found.suspects is not None or found.verdict is Verdict.UNCLEAR or rebuilt:
            return _check(CheckKind.CONTROL, False, f"{seen.url} is not what it was: the whole site may be affected")
        return _check(CheckKind.CONTROL, True, f"{seen.url} answers 200 and is what it was")
    if (
        seen.page is not None
        and suspected.page is not None
        and seen.final_url != suspected.final_url
        and seen.page.blocks
        and share_kept(seen.page.keys(), suspected.page.keys()) >= SAME_TEMPLATE
    ):
        return _check(CheckKind.CONTROL, False, f"{seen.url} shows the same: the whole site may be affected")
    return _check(CheckKind.CONTROL, True, f"{seen.url} answers 200 as usual")


def sibling_check(now: Seen, sibling: Seen, suspicion: Cause, at_first: int | None = None) -> Check:
    """How the site answers an address that never was; a removed page should be answered the same way.

    `at_first` is the status of that answer at the first look. A site that said 404 to any address then and shows
    something now has changed as a whole.
    """
    if sibling.failure is not None or (sibling.status or 0) >= 500:
        return _check(CheckKind.SIBLING, None, f"a random address: {sibling.failure or sibling.status}")
    if sibling.status in (403, 429, 451):
        return _check(CheckKind.SIBLING, False, f"a random address is answered {sibling.status}: we may be blocked")
    if at_first in (404, 410) and sibling.status == 200:
        says = (
            f"a random address, answered {at_first} at the first look, shows a page now: the whole site may be affected"
        )
        return _check(CheckKind.SIBLING, False, says)
    if suspicion in (Cause.NOT_FOUND, Cause.GONE, Cause.WITHDRAWN, Cause.EMPTIED, Cause.REDIRECT, Cause.REDIRECT_HOME):
        return _check(CheckKind.SIBLING, True, f"a random address is answered {sibling.status}")
    same_place = urlsplit(sibling.final_url).path == urlsplit(now.final_url).path
    if sibling.status in (404, 410):
        return _check(CheckKind.SIBLING, True, f"a random address is answered {sibling.status}")
    if now.page is not None and sibling.page is not None:
        alike = share_kept(now.page.keys(), sibling.page.keys())
        supports = same_place or alike >= SAME_TEMPLATE
        return _check(CheckKind.SIBLING, supports, f"a random address gives a page that is {alike:.0%} the same")
    return _check(CheckKind.SIBLING, None, "a random address gives something that cannot be compared")


def second_look(kind: CheckKind, before: Seen, again: Seen, volatile: Slots, around: Around) -> Check:
    """A look by other means; it supports a removal if it would be suspected of one as well."""
    if again.failure is not None:
        return _check(kind, None, f"no answer: {again.failure}")
    found = judge(before, again, volatile=volatile, around=around)
    if found.suspects is not None:
        return _check(kind, True, f"sees the same: {found.suspects}")
    if found.verdict in (Verdict.BLOCKED, Verdict.UNREACHABLE, Verdict.UNCLEAR):
        return _check(kind, None, f"could not tell: {found.verdict} {found.cause}".strip())
    return _check(kind, False, f"still sees it: {found.verdict}")


def _check(kind: CheckKind, supports: bool | None, says: str) -> Check:
    return Check(kind=kind, supports=supports, says=UntrustedText(says))
