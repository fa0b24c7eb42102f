"""The first page: what the case is, how far it is, what is under way."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from witnessmark.model.fact import Kind
from witnessmark.pipeline.jobs import Job
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


ROUTES: list[BaseRoute] = [Route("/", overview), Route("/jobs.json", jobs)]
