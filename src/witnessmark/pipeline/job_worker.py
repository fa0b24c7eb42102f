"""The process of one job: one order on standard input, news on standard output, an end when its parent ends."""

import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from witnessmark.capture.browser import Driving
from witnessmark.capture.custody import capture_into
from witnessmark.capture.download import capture_download
from witnessmark.capture.page import Request, capture_page
from witnessmark.case import Case, open_case
from witnessmark.errors import WitnessmarkError
from witnessmark.knowledge import load_knowledge
from witnessmark.model.capture import Capture, CaptureState
from witnessmark.model.evidence import Actor, Event, EventKind
from witnessmark.model.fact import Kind, Sha256
from witnessmark.net.client import utc_now
from witnessmark.net.policy import Policy
from witnessmark.pipeline import ScanOptions, scan
from witnessmark.pipeline.jobs import JobKind, JobRequest, News, Order
from witnessmark.pipeline.makers import MakerScreening
from witnessmark.pipeline.result_cache import default_folder
from witnessmark.pipeline.task import Counts

PACE = 0.25
"""Seconds between two pieces of news."""
MOST_ERRORS = 100
"""Problems that stand in the journal's entry itself; all of them are in the report that it carries."""

Tell = Callable[[News], None]


def main() -> int:
    """Do what the order says; 0 when it is done, 1 with the reason in the last news."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with open_case(Path(order.case), actor=Actor(name=order.request.actor or "not stated")) as case:
            _tell(_do(case, order.request))
    except WitnessmarkError as error:
        _tell(News(error=str(error), hint=error.hint))
        return 1
    except Exception as error:  # noqa: BLE001  the worker's edge: a defect of ours ends one job, and is told
        _tell(News(error=f"{type(error).__name__}: {error}", hint="This is a defect in witnessmark; please report it."))
        return 1
    return 0


def _end_with_parent() -> None:
    # Not through `sys.stdin`: a thread that waits inside its lock makes the interpreter abort at its end.
    while os.read(0, 4096):
        continue
    os.kill(os.getpid(), signal.SIGTERM)


def _tell(news: News) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(news) + b"\n")
    sys.stdout.buffer.flush()


def _do(case: Case, request: JobRequest) -> News:
    if request.kind is JobKind.SCAN:
        return scan_into(case, Sha256(request.digest), request.name, _tell)
    capture, event = capture_into(case, _maker(request))
    if capture.state is CaptureState.REFUSED:
        reason = "; ".join(problem.message for problem in capture.problems) or "nothing came"
        return News(said=f"nothing could be fetched: {reason}"[:2000], event=event.seq)
    body = next((file for file in capture.files if file.role == "body"), None)
    said = f"captured, {capture.state}: {capture.exchanges} exchanges"
    if request.kind is JobKind.PAGE or body is None:
        return News(said=said, event=event.seq)
    return scan_into(case, body.sha256, capture.original_name or "download", _tell)


def _maker(request: JobRequest) -> Callable[[Path], Capture]:
    policy = Policy(allow_hosts=frozenset(request.allow_hosts))

    def say(text: str) -> None:
        _tell(News(said=text))

    if request.kind is JobKind.DOWNLOAD:
        return lambda out: capture_download(
            request.url, policy, out, utc_now, secrets.token_bytes, note=request.note, say=say
        )
    page = Request(url=request.url, policy=policy, driving=Driving(), note=request.note, say=say)
    return lambda out: capture_page(page, out, utc_now, secrets.token_bytes)


class _Pace:
    """Turns what the scan says many times a second into news a few times a second."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._at = 0.0

    def watch(self, counts: Counts, places: int, path: tuple[str, ...]) -> None:
        """Pass it on when it is time."""
        now = time.monotonic()
        if now - self._at < PACE:
            return
        self._at = now
        said = " › ".join(path)[-400:]
        self._tell(News(said=said, members=counts.seen, bytes_read=counts.bytes_read, places=places))


def scan_into(case: Case, digest: Sha256, name: str, tell: Tell) -> News:
    """Scan a blob of the case under the name it came with, and record the report in the journal."""
    case.must_allow(EventKind.SCANNED)
    tell(News(said="loading the rules"))
    knowledge = load_knowledge(None)
    cache = default_folder()
    options = ScanOptions(
        jobs=min(2, os.cpu_count() or 1),
        cache=cache,
        matcher_cache=cache / "patterns",
        makers=MakerScreening(day=datetime.now(UTC).date()),
    )
    with tempfile.TemporaryDirectory(prefix="witnessmark-") as folder:
        # The scan names a file as it finds it; among the blobs it would be a bare digest.
        link = Path(folder) / _file_name(name)
        link.symlink_to(case.store.local(digest).absolute())
        report = scan((str(link),), knowledge, options, watch=_Pace(tell).watch)
    event: Event = case.record(
        EventKind.SCANNED,
        report,
        inputs=(case.item(digest, name=name, role="original"),),
        errors=report.problems[:MOST_ERRORS],
    )
    found = sum(1 for finding in report.findings if finding.kind is Kind.FINDING)
    return News(
        said="scanned",
        members=report.coverage.members_seen,
        bytes_read=report.coverage.bytes_read,
        places=len(report.findings),
        findings=found,
        event=event.seq,
    )


def _file_name(name: str) -> str:
    """The last part of a name, without what no file name can hold, short enough for any file system."""
    last = name.replace("\\", "/").rpartition("/")[2].replace("\0", "")
    encoded = last.encode("utf-8", "surrogateescape")[:200]
    return encoded.decode("utf-8", "ignore").strip() if last not in ("", ".", "..") else "file"


if __name__ == "__main__":
    sys.exit(main())
