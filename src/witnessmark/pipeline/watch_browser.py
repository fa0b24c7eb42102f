"""A look with a real browser, for the moment when a page seems to be gone."""

import hashlib
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from witnessmark.capture.browser import Driving, find_browser
from witnessmark.capture.folder import Randomness
from witnessmark.capture.page import Request, capture_page
from witnessmark.errors import WitnessmarkError
from witnessmark.model.capture import Capture, CaptureKind
from witnessmark.model.fact import Sha256
from witnessmark.model.sighting import Cause
from witnessmark.net import Policy
from witnessmark.watch.judgement import Seen
from witnessmark.watch.looking import Answer, Fetch

DRIVING = Driving(load_seconds=30, settle_seconds=8, scroll_steps=5, total_seconds=60)


def browser_fetcher(policy: Policy, clock: Callable[[], datetime], randomness: Randomness) -> Fetch | None:
    """A `Fetch` whose page is the document as a browser built it, scripts run; None where there is no browser.

    One browser at a time: it takes some hundred megabytes.
    """
    if find_browser() is None:
        return None
    one = threading.Lock()

    def look(url: str) -> Answer:
        with one, tempfile.TemporaryDirectory(prefix="witnessmark-look-", ignore_cleanup_errors=True) as folder:
            out = Path(folder) / "look"
            try:
                capture = capture_page(Request(url=url, policy=policy, driving=DRIVING), out, clock, randomness)
                return _answer(url, capture, out, clock())
            except (WitnessmarkError, OSError):
                return _failed(url, Cause.PROTOCOL, clock())

    return look


def _answer(url: str, capture: Capture, out: Path, at: datetime) -> Answer:
    dom = out / "dom.html"
    if capture.kind is not CaptureKind.PAGE or capture.status is None:
        return _failed(url, Cause.PROTOCOL, at)
    body = dom.read_bytes() if dom.is_file() else b""
    # A download opens no document: then there is nothing that a browser could see.
    if not body and 200 <= capture.status < 300:
        return _failed(url, Cause.PROTOCOL, at)
    seen = Seen(
        url=url,
        final_url=_final(capture),
        status=capture.status,
        media_type="text/html",
        digest=Sha256(hashlib.sha256(body).hexdigest()),
        size=len(body),
    )
    return Answer(seen=seen, body=body, at=at, clock_offset=None)


def _final(capture: Capture) -> str:
    """Without a fragment, which no server ever sees."""
    return urlsplit(capture.final_url)._replace(fragment="").geturl()


def _failed(url: str, cause: Cause, at: datetime) -> Answer:
    return Answer(seen=Seen(url=url, failure=cause), body=b"", at=at, clock_offset=None)


def of_control(fetch: Fetch, most: int = 1_000) -> Fetch:
    """The same fetch with a memory: many pages of one host share a control page."""
    known: dict[str, Answer] = {}
    lock = threading.Lock()

    def look(url: str) -> Answer:
        with lock:
            if url in known:
                return known[url]
        answer = fetch(url)
        with lock:
            if len(known) < most and answer.seen.failure is None:
                known[url] = answer
        return answer

    return look
