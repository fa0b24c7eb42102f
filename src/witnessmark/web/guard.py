"""Before any page: is it this machine asking, for this server, with a session, from a page of ours?"""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from witnessmark.web.sessions import Sessions

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
OPEN_TO_ALL = ("/open", "/static/", "/healthz", "/readyz")
FOR_PROGRAMS = ("/match/", "/search/", "/entities/", "/catalog", "/algorithms")
"""Only read lists; a program shows a key instead of a cookie, so no page can make a browser ask."""


class Guard:
    """Checks the Host header (DNS rebinding), the origin of anything that changes, and the session."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions, hosts: frozenset[str], cookie: str) -> None:
        self._app = app
        self._sessions = sessions
        self._hosts = hosts
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it with a reason; add the headers that bind the browser."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def bound(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, bound)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _page(421, "This server answers only to its own address on this machine.")
        if scope["path"].startswith(FOR_PROGRAMS):
            return self._program(scope, headers)
        if scope["method"] not in ("GET", "HEAD") and not self._from_us(headers):
            return _page(403, "This form did not come from a page of this server.")
        if headers.get("sec-fetch-site", "none") == "cross-site" and not scope["path"].startswith(OPEN_TO_ALL):
            return _page(403, "Another site asked for this page.")
        session = self._sessions.known(_cookie(headers, self._cookie))
        scope.setdefault("state", {})["session"] = session
        if session is None and not scope["path"].startswith(OPEN_TO_ALL):
            return _page(401, "Open the link that the terminal shows. It works once; the page can make further ones.")
        return None

    def _program(self, scope: Scope, headers: Headers) -> Response | None:
        kind, _, key = headers.get("authorization", "").partition(" ")
        session = (
            self._sessions.of_program(key.strip()) if kind.lower() in ("apikey", "bearer") and key.isascii() else None
        )
        scope.setdefault("state", {})["session"] = session
        if session is not None:
            return None
        return JSONResponse({"detail": "Give the key of the page “Screening”: Authorization: ApiKey …"}, 401)

    def _from_us(self, headers: Headers) -> bool:
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return False
        # A browser that sends no referrer says "null" for our own forms; the form's own token decides then.
        origin = headers.get("origin", "null")
        return origin == "null" or urlsplit(origin).netloc.lower() in self._hosts


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _page(status: int, text: str) -> HTMLResponse:
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Witnessmark</title><h1>{status}</h1><p>{text}</p>'
    )
    return HTMLResponse(body, status)
