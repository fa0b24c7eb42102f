"""What was not read, why, and what would help."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.web.gaps import GapFilter, gap_totals, gaps
from witnessmark.web.language import say
from witnessmark.web.pages import desk_of, show

PAGE = 100
MOST_SCANS = 100


def coverage(request: Request) -> Response:
    """Each scan's figures, its gaps by kind, and the gaps themselves a page at a time."""
    desk = desk_of(request)
    behind = desk.fresh()
    asked = request.query_params
    chosen = GapFilter(**{name: asked.get(name, "").strip()[:400] for name in GapFilter.__struct_fields__})
    given = asked.get("after", "")
    after = int(given) if given.isdigit() and len(given) < 16 else 0
    base = desk.index.base
    rows, more = gaps(base, chosen, after, PAGE)
    scans = base.execute(
        "SELECT seq, at, actor, name, seen, unread, bytes, protection FROM scan ORDER BY seq DESC LIMIT ?",
        (MOST_SCANS,),
    )
    groups = gap_totals(base)
    return show(
        request,
        "coverage.html",
        title=say(request, "Coverage"),
        groups=groups,
        codes=sorted({row[0] for row in groups}),
        severities=sorted({row[1] for row in groups}),
        rows=rows,
        chosen=chosen,
        first=not after,
        following=chosen.address(after=str(rows[-1].rowid)) if more else "",
        scans=scans.fetchall(),
        behind=behind,
    )


ROUTES: list[BaseRoute] = [Route("/coverage", coverage)]
