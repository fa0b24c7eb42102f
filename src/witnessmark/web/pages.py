"""Render pages, read forms, and give every view its desk."""

import gettext
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from witnessmark.errors import UsageError
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Grade
from witnessmark.report import wording
from witnessmark.report.page import environment, marked
from witnessmark.web.desk import Desk
from witnessmark.web.language import LANGUAGES, language_of, place, say, words_of
from witnessmark.web.sessions import Session, csrf_holds

MOST_FORM = 1 << 20
"""Bytes of one field."""

Handler = Callable[[Request, Desk, FormData], Response]


@cache
def web_environment(language: str) -> jinja2.Environment:
    """The report's templates, and the page's own beside them, in one language."""
    words = words_of(language)
    env = environment(words)
    own = jinja2.PackageLoader("witnessmark.web", "templates")
    env.loader = jinja2.ChoiceLoader([own, *([env.loader] if env.loader is not None else [])])
    env.filters["thousands"] = lambda number: f"{number:,}"
    env.filters["size"] = size
    env.filters["struck"] = struck
    env.filters["lined"] = lambda text: marked(text, ())
    env.globals.update(place=partial(place, words), not_reached=partial(_not_reached, words))
    env.globals.update(language=language, languages=LANGUAGES)
    return env


def _not_reached(words: gettext.NullTranslations, grade: Grade) -> str:
    following = grade.following
    if following is None:
        return ""
    means = words.gettext(wording.GRADE_MEANS[following])
    return f"{words.gettext('The next grade is not reached:')} {words.gettext(following)} ({means})."


def struck(text: str, spans: tuple[tuple[int, int], ...], tag: str) -> Markup:
    """Text with spans in <del> or <ins>."""
    return Markup(str(marked(text, spans)).replace("<mark>", f"<{tag}>").replace("</mark>", f"</{tag}>"))


def size(number: int) -> str:
    """Bytes in words."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} bytes"


def desk_of(request: Request) -> Desk:
    """The desk of this server."""
    desk: Desk = request.app.state.desk
    return desk


def session_of(request: Request) -> Session:
    """The session; the guard lets no view run without one."""
    session: Session = request.state.session
    return session


def show(request: Request, template: str, *, title: str, status: int = 200, **values: Any) -> Response:
    """One page. `said` is shown once."""
    session = session_of(request)
    said, session.said = session.said, ""
    desk = desk_of(request)
    html = (
        web_environment(language_of(request))
        .get_template(template)
        .render(
            title=title,
            case=desk.case.head,
            person=desk.case.parts.person,
            may=lambda kind: desk.case.allows(EventKind(kind)),
            csrf=session.csrf,
            actor=session.actor,
            said=said,
            here=request.url.path,
            address=f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
            **values,
        )
    )
    return HTMLResponse(html.encode("utf-8", "backslashreplace"), status)


def show_message(request: Request, title: str, message: str, *, hint: str = "", status: int = 404) -> Response:
    """A page that says one thing."""
    return show(request, "message.html", title=title, status=status, message=message, hint=hint)


def missing(request: Request, message: str) -> Response:
    """There is no such thing; `message` says what."""
    return show_message(request, say(request, "Not found"), message)


def back(request: Request, where: str, said: str = "") -> Response:
    """Go on to a page of ours after a form."""
    session_of(request).said = said
    return RedirectResponse(where, 303)


def posted(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A view for a form: its token is checked, then the handler runs on a thread."""

    async def view(request: Request) -> Response:
        kind = request.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data") and int(request.headers.get("content-length") or 0) > MOST_FORM:
            raise UsageError("the form is too long")
        async with request.form(max_files=50, max_fields=100, max_part_size=MOST_FORM) as form:
            if not csrf_holds(session_of(request), text(form, "csrf")):
                message = say(
                    request, "This form was made for another session. Go back, load the page again, and repeat."
                )
                return show_message(request, say(request, "Not accepted"), message, status=403)
            return await run_in_threadpool(handler, request, desk_of(request), form)

    return view


def text(form: Mapping[str, Any], name: str, limit: int = 100_000) -> str:
    """A text field, trimmed and bounded; empty if it is missing or a file."""
    value = form.get(name)
    return value.strip()[:limit] if isinstance(value, str) else ""
