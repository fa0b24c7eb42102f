"""Screen a name, confirm or reject candidates; and the same lists for programs that speak yente's language."""

import threading
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from witnessmark import __version__
from witnessmark.errors import UsageError
from witnessmark.knowledge.sanctions import load_relations
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.screening import Judgement, Sameness, Screening
from witnessmark.screen.dates import day
from witnessmark.screen.holdings import Holdings, holdings
from witnessmark.screen.screener import Screener
from witnessmark.screen.yente import YenteService
from witnessmark.screen.yente_request import Wish, wish_of
from witnessmark.web.desk import Desk
from witnessmark.web.language import say
from witnessmark.web.pages import back, desk_of, posted, session_of, show, text

MOST_CANDIDATES = 20
MOST_BODY = 4 << 20


class Lists:
    """The stored lists, read at the first question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: tuple[Holdings, Screener, YenteService] | None = None

    def get(self) -> tuple[Holdings, Screener, YenteService]:
        """Holdings, screener, and the service over them."""
        with self._lock:
            if self._read is None:
                have = holdings((), today=datetime.now(UTC).date())
                screener = Screener(have.entries, relations=load_relations(extra=()))
                self._read = have, screener, YenteService(screener, version=__version__, ages=have.ages)
            return self._read


LISTS = Lists()


def today() -> str:
    """The day for which answers hold when none is named."""
    return datetime.now(UTC).date().isoformat()


def screening(request: Request) -> Response:
    """All recorded screenings with what people said of their candidates."""
    desk = desk_of(request)
    with desk.lock:
        rows = list(desk.case.payloads(Screening))
        judged: dict[tuple[str, str], list[tuple[str, Judgement]]] = {}
        for event, judgement in desk.case.payloads(Judgement):
            judged.setdefault((judgement.screening, judgement.entry), []).append((event.actor.name, judgement))
    key = session_of(request).api_key
    return show(
        request,
        "screening.html",
        title=say(request, "Screening"),
        rows=rows[::-1],
        judged=judged,
        today=today(),
        key=key,
        server=desk.address,
        vendor=desk.case.head.vendor,
    )


def ask(request: Request, desk: Desk, form: FormData) -> Response:
    """Screen a name and record the answer."""
    name, as_of = text(form, "name", 400), text(form, "as_of", 10)
    if not name:
        raise UsageError(say(request, "a name is needed"))
    _, screener, _ = LISTS.get()
    answer = screener.screen(name, as_of=day(as_of) if as_of else today(), limit=MOST_CANDIDATES)
    actor = Actor(name=session_of(request).actor or "not stated")
    with desk.lock:
        desk.case.record(EventKind.SCREENED, answer, actor=actor)
    said = say(request, "Recorded. Candidates: %(number)s. None is a verdict.", number=len(answer.candidates))
    return back(request, "/screening", said)


def judge(request: Request, desk: Desk, form: FormData) -> Response:
    """Say that a candidate is the firm that is meant, or is not."""
    event_id, entry, verdict, reason = (text(form, name, 2000) for name in ("screening", "entry", "verdict", "reason"))
    actor = session_of(request).actor
    if not actor:
        raise UsageError(
            say(request, "who says so? The journal needs a name or pseudonym"),
            hint=say(request, "Give it on the page “People”."),
        )
    if verdict not in list(Sameness) or not reason:
        raise UsageError(say(request, "a judgement needs a verdict and a reason"))
    with desk.lock:
        found = next((row for event, row in desk.case.payloads(Screening) if event.id == event_id), None)
        if found is None or entry not in {row.entry for row in found.candidates}:
            raise UsageError(say(request, "the case has no such candidate"))
        record = Judgement(screening=event_id, entry=entry, verdict=Sameness(verdict), reason=reason)
        desk.case.record(EventKind.JUDGED, record, parents=(event_id,), actor=Actor(name=actor), reason=reason)
    return back(request, "/screening", say(request, "Recorded in the journal."))


async def match(request: Request) -> Response:
    """`POST /match/{dataset}` as yente answers it."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            raise UsageError(say(request, "the request is too long"))

    wish = wish_of(request.query_params.multi_items(), Wish())

    def answer() -> dict[str, Any]:
        return LISTS.get()[2].match(request.path_params["dataset"], body, today=today(), wish=wish)

    found = await run_in_threadpool(answer)
    return JSONResponse(found, headers={"x-batch-size": str(len(found["responses"]))})


def search(request: Request) -> Response:
    """`GET /search/{dataset}?q=…` as yente answers it."""
    wish = wish_of(request.query_params.multi_items(), Wish(limit=10, cutoff=0.1))
    query = request.query_params.get("q", "")[:400]
    return JSONResponse(LISTS.get()[2].search(request.path_params["dataset"], query, today=today(), wish=wish))


def entity(request: Request) -> Response:
    """`GET /entities/{id}` as yente answers it."""
    return JSONResponse(LISTS.get()[2].entity(request.path_params["identifier"], today=today()))


def catalog(request: Request) -> Response:
    """`GET /catalog`: the lists that can be asked."""
    return JSONResponse(LISTS.get()[2].catalog())


def algorithms(request: Request) -> Response:
    """`GET /algorithms`: how the scores come about."""
    return JSONResponse(LISTS.get()[2].algorithms())


def healthy(request: Request) -> Response:
    """`GET /healthz`: the server answers."""
    return JSONResponse({"status": "ok"})


def ready(request: Request) -> Response:
    """`GET /readyz`: the lists are read."""
    LISTS.get()
    return JSONResponse({"status": "ok"})


ROUTES: list[BaseRoute] = [
    Route("/screening", screening),
    Route("/screening/ask", posted(ask), methods=["POST"]),
    Route("/screening/judge", posted(judge), methods=["POST"]),
    Route("/match/{dataset}", match, methods=["POST"]),
    Route("/search/{dataset}", search),
    Route("/entities/{identifier:path}", entity),
    Route("/catalog", catalog),
    Route("/algorithms", algorithms),
    Route("/healthz", healthy),
    Route("/readyz", ready),
]
