"""The custody journal as a timeline, one entry in full, and pictures that captures left."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import CaseError
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Sha256
from witnessmark.web.language import say
from witnessmark.web.pages import desk_of, missing, show
from witnessmark.web.replaying import archive_of

PAGE = 100
PICTURES = ("screenshot", "full-page")
MOST_PICTURE = 64 << 20


def timeline(request: Request) -> Response:
    """Newest first, a page at a time."""
    desk = desk_of(request)
    kind = request.query_params.get("kind", "")
    given = request.query_params.get("before", "")
    before = int(given) if given.isdigit() and len(given) < 12 else 1 << 60
    fitting = [e for e in desk.events() if e.seq < before and (not kind or e.type == kind)]
    shown = fitting[: -PAGE - 1 : -1]
    return show(
        request,
        "timeline.html",
        title=say(request, "Timeline"),
        events=shown,
        kinds=[kind.value for kind in EventKind],
        kind=kind,
        following=shown[-1].seq if len(fitting) > PAGE else None,
    )


def entry(request: Request) -> Response:
    """One entry, every field of it."""
    desk, number = desk_of(request), request.path_params["number"]
    events = desk.events()
    if number >= len(events):
        return missing(request, say(request, "No such entry."))
    event = events[number]
    pictures = [item for item in event.outputs if item.role in PICTURES and item.media_type == "image/png"]
    whole = msgspec.json.format(msgspec.json.encode(event), indent=1).decode()[:200_000]
    return show(
        request,
        "entry.html",
        title=say(request, "Entry %(number)s", number=number),
        event=event,
        pictures=pictures,
        whole=whole,
        archived=archive_of(event) is not None,
    )


def picture(request: Request) -> Response:
    """A screenshot that a capture made, as an image; nothing else that was collected is served on this origin."""
    desk, digest = desk_of(request), request.path_params["digest"]
    outputs = (item for event in desk.events() if event.type is EventKind.CAPTURED for item in event.outputs)
    found = next((item for item in outputs if item.digest == digest and item.role in PICTURES), None)
    if found is None:
        raise CaseError(say(request, "this is no screenshot of the case"))
    blob = desk.case.blob(Sha256(digest))
    data = blob.read(0, MOST_PICTURE)
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise CaseError(say(request, "the screenshot is not a PNG file"))
    return Response(data, media_type="image/png")


ROUTES: list[BaseRoute] = [
    Route("/timeline", timeline),
    Route("/entry/{number:int}", entry),
    Route("/picture/{digest}", picture),
]
