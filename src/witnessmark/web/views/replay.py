"""The frame around a captured page: what it is, when and from where it came, and what is not in it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import UsageError
from witnessmark.model.evidence import Event
from witnessmark.pipeline.replay import Replayed
from witnessmark.redact import redact
from witnessmark.web.guard import POLICY
from witnessmark.web.language import say
from witnessmark.web.pages import desk_of, missing, show
from witnessmark.web.replaying import Opened, archive_of
from witnessmark.web.versions import texts_side_by_side

MOST_ANSWERS = 500
PAGES = ("built page", "page")


def replay(request: Request) -> Response:
    """One capture: the page in a frame from the other origin, and the list of what was captured."""
    desk, number = desk_of(request), request.path_params["number"]
    events = desk.events()
    if number >= len(events) or archive_of(events[number]) is None:
        return missing(request, say(request, "No captured page."))
    if desk.replays is None:
        raise UsageError(say(request, "this server shows no captured pages"))
    event = events[number]
    opened = desk.replays.open(desk.case, event)
    chosen = _chosen(opened, request.query_params.get("answer", ""), _asked(event))
    response = show(
        request,
        "replay.html",
        title=say(request, "A captured page"),
        event=event,
        archive=archive_of(event),
        replay=opened.replay,
        pages=[one for one in opened.replay.answers if one.kind in PAGES and one.file][:MOST_ANSWERS],
        shown=opened.replay.answers[:MOST_ANSWERS],
        chosen=chosen,
        address_of_copy=desk.replays.address(event.seq, chosen.number) if chosen is not None else "",
    )
    response.headers["content-security-policy"] = f"{POLICY}; frame-src {desk.replays.origin}"
    return response


def _asked(event: Event) -> str:
    return event.network.final_url or event.network.requested_url if event.network is not None else ""


def _chosen(opened: Opened, wanted: str, asked: str) -> Replayed | None:
    """The answer that was asked for; else the page as its scripts had built it; else as the server sent it."""
    answers = opened.replay.answers
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 and int(wanted) < len(answers):
        return answers[int(wanted)]
    for kind in PAGES:
        fitting = [one for one in answers if one.kind == kind and one.file]
        exact = [one for one in fitting if one.url == asked]
        if exact or fitting:
            return (exact or fitting)[0]
    return None


def beside(request: Request) -> Response:
    """The text of two captures, passage by passage, what went and what came marked."""
    desk = desk_of(request)
    numbers = [request.path_params["number"], request.path_params["other"]]
    events = desk.events()
    if max(numbers) >= len(events) or any(archive_of(events[number]) is None for number in numbers):
        return missing(request, say(request, "No captured page."))
    if desk.replays is None:
        raise UsageError(say(request, "this server shows no captured pages"))
    both = []
    for number in numbers:
        opened = desk.replays.open(desk.case, events[number])
        both.append((events[number], _chosen(opened, "", _asked(events[number]))))
    texts = [[redact(text).text for text in one.blocks] if one is not None else [] for _, one in both]
    return show(
        request,
        "pages.html",
        title=say(request, "Before and after"),
        sides=both,
        rows=texts_side_by_side(texts[0], texts[1]),
    )


ROUTES: list[BaseRoute] = [
    Route("/replay/{number:int}", replay),
    Route("/replay/{number:int}/beside/{other:int}", beside),
]
