"""The first page: what the case is, how far it is, what is under way."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import UsageError
from witnessmark.model.fact import Kind
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.pipeline.jobs import Job
from witnessmark.report.casefile.html import render_html
from witnessmark.report.casefile.pdf import render_pdf
from witnessmark.web.desk import Desk
from witnessmark.web.pages import desk_of, show
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
        behind=behind,
        refresh=bool(active or behind),
    )


def jobs(request: Request) -> Response:
    """What runs, for the script on the page."""
    desk = desk_of(request)
    return JSONResponse({"jobs": [_job(job) for job in desk.jobs.latest(LATEST)], "active": _active(desk)})


def _active(desk: Desk) -> int:
    return len(desk.jobs.active())


def _job(job: Job) -> dict[str, object]:
    news = job.news
    return {
        "n": job.n,
        "state": job.state.value,
        "said": news.error or news.said,
        "members": news.members,
        "bytes": news.bytes_read,
        "places": news.places,
    }


def report(request: Request) -> Response:
    """The case report as a file to keep. It is never shown inside this page: it has a policy of its own."""
    desk, form = desk_of(request), request.path_params["form"]
    if form not in ("html", "pdf"):
        raise UsageError("the report comes as HTML or PDF here", hint="`witnessmark report` has more forms.")
    with desk.apart() as case:
        dossier = dossier_of(case)
    data = render_html(dossier, language="en")
    if form == "pdf":
        data = render_pdf(data, made_at=dossier.at)
    headers = {"content-disposition": f'attachment; filename="report.{form}"'}
    return Response(data, media_type="application/pdf" if form == "pdf" else "text/html", headers=headers)


ROUTES: list[BaseRoute] = [
    Route("/", overview),
    Route("/jobs.json", jobs),
    Route("/report.{form}", report),
]
