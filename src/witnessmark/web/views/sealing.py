"""The export gate's list, the notes it asks for, and a signed extract for others."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import UsageError
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.seal.bundle import seal
from witnessmark.seal.packing import extract
from witnessmark.web.desk import Desk
from witnessmark.web.language import say
from witnessmark.web.pages import back, desk_of, posted, session_of, show, text

PURPOSES = ("harm check", "privacy check")
MOST_MISSING = 20


def sealing(request: Request) -> Response:
    """The checklist and the forms."""
    desk = desk_of(request)
    points = desk.gate()
    return show(
        request,
        "sealing.html",
        title=say(request, "Seal and export"),
        points=points,
        missing=sum(1 for point in points or () if point.missing),
        refresh=points is None,
        most=MOST_MISSING,
        purposes=PURPOSES,
        bundles=sorted(path.name for path in desk.case.path.parent.glob(f"{_stem(desk)}-*.zip")),
    )


def _stem(desk: Desk) -> str:
    return f"{desk.case.path.resolve().name}-export"


def check(request: Request, desk: Desk, form: FormData) -> Response:
    """Write down a harm or privacy check."""
    purpose, words = text(form, "purpose"), text(form, "text")
    if purpose not in PURPOSES or not words:
        raise UsageError(say(request, "write down what was checked, and what came of it"))
    with desk.lock:
        actor = Actor(name=session_of(request).actor or "not stated")
        desk.case.append(EventKind.NOTE, text=UntrustedText(words), purpose=purpose, actor=actor)
    return back(request, "/sealing", say(request, "The note is in the journal."))


def export(request: Request, desk: Desk, form: FormData) -> Response:
    """Seal everything, or write an extract with personal data masked. Nothing leaves this machine."""
    whole, reason = text(form, "what") == "whole", text(form, "incomplete")
    points = desk.gate()
    if points is None:
        raise UsageError(
            say(request, "the list is still being worked out"), hint=say(request, "Go back and try again in a moment.")
        )
    lacking = any(point.missing for point in points)
    if lacking and not whole and not reason:
        raise UsageError(
            say(request, "the list is not complete"),
            hint=say(request, "Complete it, or give the reason for exporting all the same."),
        )
    sealed_with = desk.sealing(text(form, "passphrase"), bool(text(form, "timestamp")))
    number = len(desk.events())
    name = f"{_stem(desk)}-{number:06}{'-whole' if whole else ''}.zip"
    selection = sealed_with.selection if whole else extract(with_originals=bool(text(form, "originals")))
    chosen = type(sealed_with)(
        signer=sealed_with.signer,
        authorities=sealed_with.authorities,
        client=sealed_with.client,
        ots=sealed_with.ots,
        rotations=sealed_with.rotations,
        selection=selection,
    )
    kind = EventKind.SEALED if whole else EventKind.EXPORTED
    sealed = seal(desk.case, desk.case.path.resolve().parent / name, chosen, purpose=reason, kind=kind)
    said = say(
        request,
        "%(name)s: %(files)s files, signed with %(signer)s. SEAL (SHA-256) %(seal)s. %(stamps)s timestamps; "
        "%(masked)s places masked, %(withheld)s files left out.",
        name=name,
        files=sealed.files,
        signer=sealed.signer,
        seal=sealed.seal,
        stamps=len(sealed.timestamps),
        masked=sealed.masked,
        withheld=sealed.withheld,
    )
    return back(request, "/sealing", said)


def bundle(request: Request) -> Response:
    """A finished bundle, as a file to keep."""
    desk, name = desk_of(request), request.path_params["name"]
    known = {path.name: path for path in desk.case.path.resolve().parent.glob(f"{_stem(desk)}-*.zip")}
    if name not in known:
        raise UsageError(say(request, "there is no such bundle"))
    return FileResponse(known[name], filename=name, media_type="application/zip", content_disposition_type="attachment")


ROUTES: list[BaseRoute] = [
    Route("/sealing", sealing),
    Route("/sealing/check", posted(check), methods=["POST"]),
    Route("/sealing/export", posted(export), methods=["POST"]),
    Route("/bundle/{name}", bundle),
]
