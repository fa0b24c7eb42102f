"""What was not read, why, and what would help."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.web.pages import desk_of, show
from witnessmark.web.search import gaps

MOST = 200


def coverage(request: Request) -> Response:
    """Each scan's figures, and its gaps by kind."""
    desk = desk_of(request)
    behind = desk.fresh()
    code = request.query_params.get("code", "")[:80]
    groups, rows = gaps(desk.index.base, code, MOST)
    scans = desk.index.base.execute("SELECT seq, at, actor, name, figures FROM scan ORDER BY seq DESC LIMIT 100")
    return show(
        request,
        "coverage.html",
        title="Coverage",
        groups=groups,
        rows=rows,
        code=code,
        most=MOST,
        scans=[row for row in scans],
        behind=behind,
    )


ROUTES: list[BaseRoute] = [Route("/coverage", coverage)]
