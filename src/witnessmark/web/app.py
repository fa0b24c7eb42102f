"""The case page as an ASGI application."""

import logging
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from witnessmark.errors import CaseError, NetworkFailed, NotAllowed, UsageError, WitnessmarkError
from witnessmark.screen.yente import UnknownHere
from witnessmark.web.desk import Desk
from witnessmark.web.guard import FOR_PROGRAMS, Guard
from witnessmark.web.language import COOKIE, LANGUAGES, say
from witnessmark.web.pages import missing, show_message, web_environment
from witnessmark.web.views import (
    adding,
    coverage,
    findings,
    graph,
    overview,
    people,
    replay,
    screening,
    sealing,
    timeline,
    watching,
)

VIEWS = (overview, adding, findings, timeline, replay, coverage, watching, screening, graph, sealing, people)
STATIC = Path(__file__).parent / "static"
_OPENED = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">'
    '<link rel="icon" href="/static/icon.svg">'
    '<title>Witnessmark</title><p>The case is open in this browser. <a href="/">Go on</a></p></html>'
)
_USED = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Witnessmark</title><h1>This link was used, or is not '
    "known</h1><p>A link works once. Make another one on the page “People”, or start the server again.</p></html>"
)


def application(desk: Desk, *, host: str, port: int) -> Starlette:
    """The application for one case, which answers to `host:port` and `localhost:port` only."""
    cookie = f"witnessmark-{port}"
    names = frozenset({f"{host}:{port}", f"localhost:{port}", f"127.0.0.1:{port}"})
    desk.address = f"http://{host}:{port}"

    def opened(request: Request) -> Response:
        """Trade a link for a session; a page in between, since a strict cookie does not follow a redirect."""
        session = desk.sessions.open(request.query_params.get("token", "")[:200])
        if session is None:
            return HTMLResponse(_USED, 403)
        response = HTMLResponse(_OPENED)
        response.set_cookie(cookie, session.key, httponly=True, samesite="strict", path="/")
        return response

    def speak(request: Request) -> Response:
        """Remember a language, and go back to where the visitor was."""
        where = request.query_params.get("to", "/")
        response = RedirectResponse(where if where.startswith("/") and where[1:2] not in ("/", "\\") else "/", 303)
        if request.path_params["language"] in LANGUAGES:
            response.set_cookie(COOKIE, request.path_params["language"], httponly=True, samesite="strict", path="/")
        return response

    app = Starlette(
        routes=[
            Route("/open", opened),
            Route("/language/{language}", speak),
            Route("/static/report.css", report_style),
            *(route for view in VIEWS for route in view.ROUTES),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, sessions=desk.sessions, hosts=names, cookie=cookie)],
        exception_handlers={WitnessmarkError: _failed, 404: _missing},
    )
    app.state.desk = desk
    return app


def report_style(request: Request) -> Response:
    """The report's own style, so that page and print look alike."""
    env = web_environment("en")
    assert env.loader is not None
    return Response(env.loader.get_source(env, "style.css")[0], media_type="text/css")


def _failed(request: Request, error: Exception) -> Response:
    """Our own errors as a page."""
    assert isinstance(error, WitnessmarkError)
    kinds = ((UnknownHere, 404), (NotAllowed, 403), (UsageError, 400), (CaseError, 503), (NetworkFailed, 503))
    status = next((status for kind, status in kinds if isinstance(error, kind)), 500)
    if status == 500:
        logging.getLogger("witnessmark.web").error("%s: %s", type(error).__name__, error)
    if request.url.path.startswith(FOR_PROGRAMS):
        return JSONResponse({"detail": f"{error} {error.hint}".strip()}, status)
    if "application/json" in request.headers.get("accept", "") or getattr(request.state, "session", None) is None:
        return PlainTextResponse(f"{error} {error.hint}", status)
    return show_message(request, say(request, "Not done"), str(error), hint=error.hint, status=status)


def _missing(request: Request, error: Exception) -> Response:
    if getattr(request.state, "session", None) is None:
        return PlainTextResponse("not found", 404)
    return missing(request, say(request, "There is no such page."))
