"""Capture a download: streamed to disk, hashed before anything reads it, taken up again where it broke off.

Each attempt is a WARC record of its own with the bytes that it brought; `body` is what they add up to.
"""

import os
import re
from collections.abc import Callable
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import msgspec

from witnessmark import __version__
from witnessmark.capture.attempt import Attempt
from witnessmark.capture.direct import exchange_of, refused
from witnessmark.capture.folder import CaptureFolder, Clock, Randomness, disk_problem, utc
from witnessmark.capture.keeping import Keeper, new_keeper
from witnessmark.capture.resuming import Earlier, earlier_download, strong_validator
from witnessmark.capture.warc import Fields
from witnessmark.errors import NetworkFailed, NetworkRefused, WitnessmarkError
from witnessmark.model.capture import Capture, CaptureKind, CaptureState
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.net.address_bar import parse
from witnessmark.net.client import Opening, Response, fetch
from witnessmark.net.http1 import Head
from witnessmark.net.policy import Policy
from witnessmark.net.politeness import Politeness

_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")
_RETRIED = ("timeout", "connect", "protocol")


def _silent(_: str) -> None:
    """Say nothing."""


class _Download:
    """The attempts at one address, until the body is whole or there is no hope."""

    def __init__(self, url: str, policy: Policy, folder: CaptureFolder, keeper: Keeper, clock: Clock) -> None:
        self.url, self.policy, self.folder, self.keeper, self.clock = url, policy, folder, keeper, clock
        self.have = 0
        self.total: int | None = None
        self.validator = ""
        self.digest: Sha256 | None = None
        self.problems: list[Problem] = []
        self.restarts = 0

    def go_on_from(self, earlier: Earlier, out: BinaryIO, at: datetime) -> None:
        """Start with what another run brought, and put its record into ours. Raises OSError."""
        if not earlier.validator:
            self.problems.append(_note("the earlier download has no validator to go on with: fetched from the start"))
            return
        digest, self.have = earlier.copy_to(out)
        self.validator = earlier.validator
        self.keeper.resource(f"urn:witnessmark:resumed:{earlier.capture.id}", at, "application/json", earlier.record)
        came = f"the first {self.have} bytes (SHA-256 {digest}) came with {earlier.capture.id}"
        self.problems.append(_note(f"{came}, {earlier.capture.started_at}; its own folder has the record of them"))

    def attempt(self, out: BinaryIO, polite: Politeness, say: Callable[[str], None]) -> Response:
        """Ask for what is missing and keep what comes. Raises as `fetch` does."""
        number = self.keeper.next_number()
        if not self.have:
            out.seek(0)
            out.truncate()
        sink = Attempt(out, self.folder.unfinished / f"{number:06}.response", self.have, say)
        headers = {"Range": f"bytes={self.have}-", "If-Range": self.validator} if self.have and self.validator else {}

        def into(opening: Opening) -> Attempt:
            if self.have and not self._continues(opening.head):
                self._check_whole(opening.head)
                self._start_again(out, sink)
            return sink.begin(opening, self.keeper, self.policy.limits.body_bytes)

        def observe(response: Response) -> None:
            if sink.head is None or response.head is not sink.head:
                self.keeper.keep(exchange_of(response, self.folder.unfinished, self.keeper.next_number(), self.clock))

        try:
            response = fetch(
                self.url,
                headers=headers,
                policy=self.policy,
                politeness=polite,
                into=into,
                observe=observe,
                clock=self.clock,
            )
        except (OSError, WitnessmarkError):
            sink.abort()
            raise
        self.keeper.drain()
        out.flush()
        self._note(response, sink)
        self._record(response, sink)
        return response

    def _continues(self, head: Head) -> bool:
        match = _RANGE.fullmatch(head.value("content-range"))
        same = strong_validator(head) in ("", self.validator)
        return head.status == 206 and match is not None and int(match[1]) == self.have and same

    def _check_whole(self, head: Head) -> None:
        """Only a whole file may replace what is there: not an error page, not a part of another version."""
        if head.status == 206:
            self.have, self.validator = 0, ""  # ask for all of it next time
            raise NetworkFailed("the file changed while it was fetched", kind="protocol")
        if head.status != 200:
            raise NetworkFailed(f"the server answered {head.status} when asked for the rest", kind="protocol")

    def _start_again(self, out: BinaryIO, sink: Attempt) -> None:
        """The server does not go on from where it stopped, or the file has changed: the whole file again."""
        self.problems.append(_note("the server began again from the start; what came before is in the WARC only"))
        self.restarts += 1
        out.seek(0)
        out.truncate()
        self.have = sink.start = 0
        self.digest = None

    def _note(self, response: Response, sink: Attempt) -> None:
        fresh = self.have == 0 and response.status == 200
        self.digest = response.sha256 if fresh else None
        if fresh:
            length = response.header("content-length")
            self.total = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None
        elif (match := _RANGE.fullmatch(response.header("content-range"))) and match[2] != "*":
            self.total = int(match[2])
        self.validator = self.validator or strong_validator(response.head)
        self.have += sink.size

    def _record(self, response: Response, sink: Attempt) -> None:
        """The attempt as request, response and metadata records. Raises OSError."""
        answer = sink.answer(response, self.folder.file("body"), self.keeper)
        self.keeper.exchange(int(sink.spool.stem), response, answer, self.clock())
        sink.tidy()


def capture_download(  # noqa: PLR0913  keyword arguments of one public call, each optional
    url: str,
    policy: Policy,
    out: Path,
    clock: Clock,
    randomness: Randomness,
    *,
    note: str = "",
    attempts: int = 6,
    resume: Path | None = None,
    say: Callable[[str], None] = _silent,
) -> Capture:
    """Download `url` into the new folder `out`. What the server does is in the result's state and problems.

    `resume` is the folder of an unfinished download of the same address, to go on from; it is only read.
    Raises UsageError for a folder in use or a malformed address, OSError when the disk refuses.
    """
    parse(url)
    earlier = earlier_download(resume, url) if resume is not None else None
    folder, started = CaptureFolder(out), clock()
    capture = Capture(
        id=f"capture-{randomness(8).hex()}",
        kind=CaptureKind.DOWNLOAD,
        state=CaptureState.PARTIAL,
        url=UntrustedText(url),
        started_at=utc(started),
        ended_at=utc(started),
        note=note,
        agent=policy.user_agent,
        rules=(f"fetched without a browser; at most {attempts} attempts, each going on where the last one stopped",),
        problems=(_cut_off(),),
    )
    folder.record(capture)
    about: Fields = [("software", f"witnessmark {__version__}"), ("capture", capture.id), ("asked-for", url)]
    with new_keeper(folder.file("warc"), randomness, started, about) as keeper:
        download = _Download(url, policy, folder, keeper, clock)
        try:
            with folder.file("body").open("xb", buffering=0) as body:
                if earlier is not None:
                    download.go_on_from(earlier, body, started)
                capture = _attempts(download, body, capture, attempts, say)
                os.fsync(body.fileno())
            keeper.drain()
            keeper.warc.close()
        except OSError as error:
            keeper.warc.let_go()
            problems = (*download.problems, disk_problem(error))
            capture = msgspec.structs.replace(capture, state=CaptureState.PARTIAL, problems=problems)
    if not any(p.code is ProblemCode.DISK_FULL for p in capture.problems):
        folder.tidy()
    known = {"body": (download.digest, download.have)} if download.digest is not None else {}
    if keeper.warc.sha256 is not None:
        known["warc"] = (keeper.warc.sha256, keeper.warc.size)
    capture = msgspec.structs.replace(capture, ended_at=utc(clock()), exchanges=keeper.count)
    return folder.record(capture, known)


def _attempts(
    download: _Download, body: BinaryIO, capture: Capture, attempts: int, say: Callable[[str], None]
) -> Capture:
    polite, last = Politeness(download.policy.interval), None
    for number in range(1, attempts + 1):
        try:
            last = download.attempt(body, polite, say)
        except NetworkRefused as error:
            return refused(capture, error, some=last is not None)
        except NetworkFailed as error:
            if number == attempts or error.kind not in _RETRIED:
                return _ended(download, refused(capture, error, some=last is not None), last)
            download.problems.append(_note(f"attempt {number}: {error}"))
            continue
        over = any(p.code is ProblemCode.BOUND_BYTES for p in last.problems)
        if last.complete or over or last.status not in (200, 206):
            break
        say(f"broke off at {download.have >> 20} MiB, asking for the rest")
    problems = [*download.problems, *(last.problems if last else ())]
    if last is not None and last.status >= 400:
        text = UntrustedText(f"the server answered {last.status} {last.head.reason[:80]}")
        problems.append(Problem(code=ProblemCode.NETWORK, message=text, consequence="this is not the file asked for"))
    capture = msgspec.structs.replace(capture, problems=tuple(problems))
    return _ended(download, capture, last)


def _ended(download: _Download, capture: Capture, last: Response | None) -> Capture:
    if last is None:
        return capture
    lost = any(p.severity is not Severity.NOTE for p in capture.problems)
    whole = last.complete and last.status in (200, 206) and download.total in (None, download.have)
    return msgspec.structs.replace(
        capture,
        state=CaptureState.COMPLETE if whole and not lost else CaptureState.PARTIAL,
        final_url=UntrustedText(last.url),
        status=last.status,
        redirects=last.redirects,
        wire=last.wire,
        original_name=UntrustedText(_asked_name(last)),
    )


def _asked_name(response: Response) -> str:
    """What the server would have the file called; shown and recorded, never used as a path."""
    message = Message()
    message["content-disposition"] = response.header("content-disposition").encode("ascii", "replace").decode()
    return message.get_filename() or unquote(urlsplit(response.url).path.rpartition("/")[2])


def _note(text: str) -> Problem:
    return Problem(code=ProblemCode.NETWORK, message=UntrustedText(text), severity=Severity.NOTE)


def _cut_off() -> Problem:
    return Problem(
        code=ProblemCode.TRUNCATED,
        message=UntrustedText("the download had not ended when this was written"),
        consequence="if it stays so it was cut off: `body` has what came, without the rest",
    )
