"""Who is looking: one's own name, and links for others on this machine."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import NotAllowed, UsageError
from witnessmark.web.desk import Desk
from witnessmark.web.language import say
from witnessmark.web.pages import back, desk_of, posted, session_of, show, text


def people(request: Request) -> Response:
    """Who takes part in a shared case; in one's own, a name for oneself and a link for somebody else."""
    return _show(request)


def name(request: Request, desk: Desk, form: FormData) -> Response:
    """Act under another name or pseudonym from now on."""
    _must_be_ours(request, desk)
    given = text(form, "name", 200)
    if not given:
        raise UsageError(say(request, "a name or pseudonym is needed"))
    session_of(request).actor = given
    return back(request, "/people", say(request, "The journal will say: %(name)s.", name=given))


def link(request: Request, desk: Desk, form: FormData) -> Response:
    """A link that opens the case once, in another browser on this machine."""
    _must_be_ours(request, desk)
    token = desk.sessions.link(text(form, "name", 200))
    return _show(request, f"{desk.address}/open?token={token}")


def _show(request: Request, link: str = "") -> Response:
    desk = desk_of(request)
    with desk.lock:
        present = desk.case.parts.people()
    return show(request, "people.html", title=say(request, "People"), link=link, present=present)


def _must_be_ours(request: Request, desk: Desk) -> None:
    """In a shared case the database knows who is logged in; this page cannot make it somebody else."""
    person = desk.case.parts.person
    if person is not None:
        roles = ", ".join(person.roles)
        raise NotAllowed(
            say(request, "In this shared case you are %(name)s. Your roles: %(roles)s.", name=person.name, roles=roles),
            hint=say(request, "Others open it on their own machines, under their own logins."),
        )


ROUTES: list[BaseRoute] = [
    Route("/people", people),
    Route("/people/name", posted(name), methods=["POST"]),
    Route("/people/link", posted(link), methods=["POST"]),
]
