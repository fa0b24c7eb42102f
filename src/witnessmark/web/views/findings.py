"""The list of findings, one finding, and what a second person says of it."""

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.case.progress import record_review
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.case import Verdict
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.model.structure import CrossReference, Structure
from witnessmark.pipeline.peek import peek
from witnessmark.report.provisions import provisions
from witnessmark.web.desk import Desk
from witnessmark.web.hexadecimal import decoded, hex_rows
from witnessmark.web.language import say
from witnessmark.web.pages import back, desk_of, missing, posted, session_of, show, text
from witnessmark.web.search import Filter
from witnessmark.web.versions import bounded, side_by_side

MOST_NOTES = 200


def chosen(request: Request) -> Filter:
    """The filter that the address asks for."""
    names = {name for name in Filter.__struct_fields__ if name in request.query_params}
    return Filter(**{name: request.query_params[name][:400] for name in names if request.query_params[name]})


def findings(request: Request) -> Response:
    """A page of the list."""
    desk, wanted = desk_of(request), chosen(request)
    behind = desk.fresh()
    rows, more = desk.search.page(wanted, _key(request.query_params.get("after", "")))
    following = wanted.address(after=f"{rows[-1].n}:{rows[-1].sort}") if more else ""
    return show(
        request,
        "findings.html",
        title=say(request, "Findings"),
        rows=rows,
        following=following,
        first=not request.query_params.get("after"),
        total=desk.search.count(wanted),
        facets=desk.search.facets(wanted),
        chosen=wanted,
        query=wanted.address(),
        behind=behind,
    )


def _key(text: str) -> tuple[str, int] | None:
    number, _, sort = text[:1000].partition(":")
    return (sort, int(number)) if number.isdigit() and len(number) < 18 and sort else None


def finding(request: Request) -> Response:
    """One finding, with what is known of it."""
    desk, wanted = desk_of(request), chosen(request)
    desk.fresh()
    name = request.path_params["name"]
    found = desk.search.finding(name)
    if found is None:
        return missing(request, say(request, "No such finding."))
    row, record, by = found[0], bounded(found[1]), found[2]
    before, after = desk.search.neighbours(wanted, row)
    laws = provisions([record])
    structure = record.structure
    notes = [event for event in desk.events() if event.type is EventKind.NOTE and event.purpose == purpose(name)]
    return show(
        request,
        "one.html",
        title=record.title,
        finding=record,
        laws=laws,
        law_numbers={item.law.id: number for number, item in enumerate(laws, 1)},
        row=row,
        detected_by=by,
        opinions=desk.search.opinions(name),
        structure=structure,
        references=_references(desk, structure),
        siblings=desk.search.siblings(record),
        versions=desk.search.versions(record),
        notes=notes[:MOST_NOTES],
        own=session_of(request).actor in by,
        keys=KEYS,
        before=_address(before, wanted),
        after=_address(after, wanted),
        query=wanted.address(),
    )


def _references(desk: Desk, structure: Structure | None) -> list[tuple[CrossReference, str]]:
    """Where the structure's name is used, and the id of a finding in that file."""
    used = structure.referred_by if structure is not None else ()
    return [(one, desk.search.in_file(one.locator)) for one in used]


def beside(request: Request) -> Response:
    """Two findings' structures, line by line."""
    desk = desk_of(request)
    both = [desk.search.finding(request.path_params[name]) for name in ("name", "other")]
    if both[0] is None or both[1] is None:
        return missing(request, say(request, "No such finding."))
    left, right = bounded(both[0][1]), bounded(both[1][1])
    pairs = None
    if left.structure is not None and right.structure is not None:
        pairs = side_by_side(left.structure, right.structure)
    return show(
        request,
        "beside.html",
        title=say(request, "Two versions side by side"),
        left=left,
        right=right,
        pairs=pairs,
        query=chosen(request).address(),
    )


KEYS = {Verdict.AGREE: "a", Verdict.DISAGREE: "d", Verdict.ADJACENT: "i"}
"""The key on the keyboard for each verdict."""


def purpose(name: str) -> str:
    """Under which purpose a note on a finding stands in the journal."""
    return f"note on finding {name}"


def _address(name: str, wanted: Filter) -> str:
    return f"/finding/{quote(name)}?{wanted.address()}" if name else ""


def review(request: Request, desk: Desk, form: FormData) -> Response:
    """Record a verdict; go on to the next finding of the list."""
    name = request.path_params["name"]
    found = desk.search.finding(name)
    if found is None:
        raise UsageError(say(request, "the case has no such finding"))
    verdict, reason, actor = text(form, "verdict"), text(form, "reason"), session_of(request).actor
    if verdict not in list(Verdict):
        raise UsageError(say(request, "choose agree, disagree or adjacent"))
    with desk.lock:
        record_review(desk.case, name, found[2], Verdict(verdict), reason, actor=Actor(name=actor or "not stated"))
    desk.fresh()
    onward = text(form, "onward")
    said = say(
        request, "Recorded in the journal: %(actor)s says “%(verdict)s”.", actor=actor, verdict=say(request, verdict)
    )
    where = onward if onward.startswith("/finding/") else f"/finding/{quote(name)}?{chosen(request).address()}"
    return back(request, where, said)


def note(request: Request, desk: Desk, form: FormData) -> Response:
    """Write a note on a finding into the journal."""
    name, words = request.path_params["name"], text(form, "text")
    if desk.search.finding(name) is None:
        raise UsageError(say(request, "the case has no such finding"))
    if not words:
        raise UsageError(say(request, "the note is empty"))
    with desk.lock:
        desk.case.append(
            EventKind.NOTE,
            text=UntrustedText(words),
            purpose=purpose(name),
            actor=Actor(name=session_of(request).actor or "not stated"),
        )
    return back(
        request, f"/finding/{quote(name)}?{chosen(request).address()}", say(request, "The note is in the journal.")
    )


def raw(request: Request) -> Response:
    """The bytes at the place, as hexadecimal and as text; read again from the original, in a confined process."""
    desk, name = desk_of(request), request.path_params["name"]
    found = desk.search.finding(name)
    if found is None:
        raise UsageError(say(request, "the case has no such finding"))
    record = found[1]
    top = record.locator.top_sha256 or record.locator.sha256
    if top is None or not desk.case.store.has(top):
        raise CaseError(
            say(request, "the original is not in this case"), hint=say(request, "Add the file itself, then look again.")
        )
    peeked = peek(desk.case.store.local(top), record.locator.path[0], record.locator)
    codec, words = decoded(peeked, record.locator)
    return show(
        request,
        "bytes.html",
        title=say(request, "Bytes"),
        finding=record,
        peeked=peeked,
        rows=hex_rows(peeked, record.locator),
        codec=codec,
        decoded=words,
        query=chosen(request).address(),
    )


ROUTES: list[BaseRoute] = [
    Route("/findings", findings),
    Route("/finding/{name}", finding),
    Route("/finding/{name}/bytes", raw),
    Route("/finding/{name}/beside/{other}", beside),
    Route("/finding/{name}/review", posted(review), methods=["POST"]),
    Route("/finding/{name}/note", posted(note), methods=["POST"]),
]
