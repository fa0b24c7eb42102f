"""Take in files and addresses; the work itself is done by jobs."""

from collections.abc import Iterator
from typing import BinaryIO

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import UsageError
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.net.address_bar import parse
from witnessmark.pipeline.jobs import JobKind, JobRequest
from witnessmark.web.desk import Desk
from witnessmark.web.language import say
from witnessmark.web.pages import back, posted, session_of, text

CHUNK = 1 << 20


def add(request: Request, desk: Desk, form: FormData) -> Response:
    """Keep the files that were dropped, and scan each."""
    files = [item for item in form.getlist("file") if isinstance(item, UploadFile) and item.filename]
    if not files:
        raise UsageError(say(request, "no file was chosen"))
    actor = session_of(request).actor
    desk.case.must_allow(EventKind.ADDED)
    for file in files:
        name = str(file.filename)[:1000]
        digest = desk.case.put(_chunks(file.file))
        item = desk.case.item(digest, name=name, media_type=(file.content_type or "")[:200], role="original")
        with desk.lock:
            desk.case.append(
                EventKind.ADDED, outputs=(item,), reason=text(form, "reason"), actor=Actor(name=actor or "not stated")
            )
        desk.jobs.add(JobRequest(kind=JobKind.SCAN, actor=actor, digest=digest, name=name))
    return back(request, "/", say(request, "Kept, and waiting to be scanned: %(number)s.", number=len(files)))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def fetch(request: Request, desk: Desk, form: FormData) -> Response:
    """Capture the page, or download the file, at an address."""
    url, kind = text(form, "url", 4000), text(form, "kind")
    if kind not in (JobKind.PAGE, JobKind.DOWNLOAD):
        raise UsageError(say(request, "choose a page or a download"))
    parse(url)
    desk.case.must_allow(EventKind.CAPTURED)
    actor = session_of(request).actor
    hosts = tuple(host for host in text(form, "allow").replace(",", " ").split() if host)[:20]
    desk.jobs.add(JobRequest(kind=JobKind(kind), actor=actor, url=url, note=text(form, "reason"), allow_hosts=hosts))
    return back(request, "/", say(request, "The capture is waiting its turn."))


def cancel(request: Request, desk: Desk, form: FormData) -> Response:
    """Stop a job; what it had kept stays, labelled as partial."""
    desk.jobs.cancel(request.path_params["number"])
    return back(request, "/", say(request, "Cancelled. What had been kept stays in the case, labelled as partial."))


ROUTES: list[BaseRoute] = [
    Route("/add", posted(add), methods=["POST"]),
    Route("/fetch", posted(fetch), methods=["POST"]),
    Route("/jobs/{number:int}/cancel", posted(cancel), methods=["POST"]),
]
