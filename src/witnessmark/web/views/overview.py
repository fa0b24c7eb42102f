"""The first page: what the case is, how far it is, what is under way."""

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import UsageError
from witnessmark.model.fact import Kind
from witnessmark.pipeline.jobs import Job, JobState
from witnessmark.web.desk import Desk
from witnessmark.web.language import language_of, say
from witnessmark.web.pages import desk_of, show, size
from witnessmark.web.search import UNREVIEWED, Filter

LATEST = 8


def overview(request: Request) -> Response:
    """Counts, forms to add evidence, jobs, the journal's last entries."""
    desk = desk_of(request)
    behind = desk.fresh()
    events = desk.events()
    active = desk.jobs.active()
    return show(
        request,
        "overview.html",
        title=desk.case.head.title,
        findings=desk.search.count(Filter()),
        adjacent=desk.search.count(Filter(kind=Kind.ADJACENT.value)),
        waiting=desk.search.count(Filter(verdict=UNREVIEWED)),
        entries=len(events),
        latest=events[: -LATEST - 1 : -1],
        active=active,
        ended=[job for job in desk.jobs.latest(LATEST) if job not in active],
        news=partial(news, request),
        behind=behind,
        refresh=bool(active or behind),
    )


def jobs(request: Request) -> Response:
    """What runs, for the script on the page."""
    desk = desk_of(request)
    return JSONResponse({"jobs": [_job(request, job) for job in desk.jobs.latest(LATEST)], "active": _active(desk)})


def _active(desk: Desk) -> int:
    return len(desk.jobs.active())


def _job(request: Request, job: Job) -> dict[str, object]:
    return {"n": job.n, "state": job.state.value, "label": say(request, job.state), "news": news(request, job)}


def news(request: Request, job: Job) -> str:
    """What was last heard of a job, with its figures."""
    told = job.news
    said = f"{told.error} {told.hint}".strip() or told.said
    if not told.members:
        return said
    if job.state is JobState.DONE:
        found = say(
            request,
            "%(findings)s findings, %(adjacent)s adjacent",
            findings=f"{told.findings:,}",
            adjacent=f"{told.places - told.findings:,}",
        )
    else:
        found = say(request, "%(places)s places with words", places=f"{told.places:,}")
    members = say(request, "%(members)s members", members=f"{told.members:,}")
    return f"{said} · {members}, {size(told.bytes_read)}, {found}"


def report(request: Request) -> Response:
    """The case report as a file to keep. It is never shown inside this page: it has a policy of its own."""
    desk, form = desk_of(request), request.path_params["form"]
    if form not in ("html", "pdf"):
        raise UsageError(
            say(request, "the report comes as HTML or PDF here"),
            hint=say(request, "`witnessmark report` has more forms."),
        )
    data = desk.report(form, language_of(request))
    headers = {"content-disposition": f'attachment; filename="report.{form}"'}
    return Response(data, media_type="application/pdf" if form == "pdf" else "text/html", headers=headers)


ROUTES: list[BaseRoute] = [
    Route("/", overview),
    Route("/jobs.json", jobs),
    Route("/report.{form}", report),
]
