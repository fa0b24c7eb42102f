"""The watch list: what is watched, what was last seen, and the words that came and went."""

from datetime import UTC, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from witnessmark.errors import UsageError
from witnessmark.model.evidence import Event
from witnessmark.net.address_bar import parse
from witnessmark.pipeline.watching import new_target
from witnessmark.watch.store import Settings, WatchStore
from witnessmark.web.desk import Desk
from witnessmark.web.language import say
from witnessmark.web.pages import back, desk_of, posted, show, text
from witnessmark.web.replaying import archive_of

MOST_LOOKS = 200


def watching(request: Request) -> Response:
    """All addresses, or the looks at one."""
    desk, url = desk_of(request), request.query_params.get("url", "")[:4000]
    store = WatchStore(desk.watch_list)
    try:
        mine = str(desk.case.path.resolve())
        targets = store.targets()
        looks = store.history(url, MOST_LOOKS)[::-1] if url else []
    finally:
        store.close()
    news = [look for look in looks if look.verdict != "same" or look is looks[-1]]
    copies = [event for event in desk.events() if url and _shows(event, url)]
    return show(
        request,
        "watching.html",
        title=say(request, "Watch list"),
        targets=targets,
        url=url,
        looks=[(look, *_copies(copies, look.at)) for look in news],
        copies=copies[:MOST_LOOKS],
        mine=mine,
    )


def _shows(event: Event, url: str) -> bool:
    """Whether an entry brought a capture of this address."""
    network = event.network
    return archive_of(event) is not None and network is not None and url in (network.requested_url, network.final_url)


def _copies(copies: list[Event], at: str) -> tuple[Event | None, Event | None]:
    """The last capture from before a look, and the first from then on. Times are UTC to the second."""
    earlier = [event for event in copies if event.t_utc[:19] < at[:19]]
    later = [event for event in copies if event.t_utc[:19] >= at[:19]]
    return (earlier[-1] if earlier else None), (later[0] if later else None)


def watch(request: Request, desk: Desk, form: FormData) -> Response:
    """Add an address; looks are recorded in this case."""
    url, hours = text(form, "url", 4000), text(form, "hours", 8) or "1"
    parse(url)
    if not hours.replace(".", "", 1).isdigit() or float(hours) < 0.05:
        raise UsageError(say(request, "the time between two looks is a number of hours, 0.05 at least"))
    now = datetime.now(UTC)
    settings = Settings(
        interval=float(hours) * 3600, case=str(desk.case.path.resolve()), added_at=now.isoformat(timespec="seconds")
    )
    store = WatchStore(desk.watch_list)
    try:
        with store.writing():
            if store.get(url) is not None:
                raise UsageError(say(request, "this address is watched already"))
            store.put(new_target(url, settings, now))
    finally:
        store.close()
    return back(request, "/watching", say(request, "Added. `witnessmark watch run` does the looking."))


ROUTES: list[BaseRoute] = [Route("/watching", watching), Route("/watching/add", posted(watch), methods=["POST"])]
