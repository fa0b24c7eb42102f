"""Capture a page: a browser looks at it through the recording proxy, and everything is kept."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from witnessmark import __version__
from witnessmark.capture.browser import Driving, Look, find_browser, look
from witnessmark.capture.direct import capture_document
from witnessmark.capture.folder import CaptureFolder, Clock, Randomness, disk_problem, utc
from witnessmark.capture.keeping import Keeper, new_keeper
from witnessmark.capture.wacz import Page, write_wacz
from witnessmark.model.capture import Capture, CaptureKind, CaptureState, Hop
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.net.address_bar import parse
from witnessmark.net.policy import USER_AGENT, Policy
from witnessmark.net.proxy import RecordingProxy
from witnessmark.net.recording import Exchange
from witnessmark.net.tally import ProxyLimits

_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_HOPS = 50


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be captured, and how."""

    url: str
    policy: Policy
    driving: Driving = field(default_factory=Driving)
    limits: ProxyLimits = field(default_factory=ProxyLimits)
    browser: Path | None = None
    without_browser: bool = False
    note: str = ""
    say: Callable[[str], None] = _silent


def capture_page(request: Request, out: Path, clock: Clock, randomness: Randomness) -> Capture:
    """Capture the page at `request.url` into the new folder `out`.

    Whatever the page or its server does is in the result: `state` is complete, partial or refused, `problems` say why.
    Raises UsageError for a folder in use or a malformed address, NetworkRefused for a scheme we do not fetch.
    """
    parse(request.url)
    browser = None if request.without_browser else find_browser(request.browser)
    folder = CaptureFolder(out)
    started = clock()
    capture = Capture(
        id=f"capture-{randomness(8).hex()}",
        kind=CaptureKind.PAGE if browser else CaptureKind.PAGE_WITHOUT_BROWSER,
        state=CaptureState.PARTIAL,
        url=UntrustedText(request.url),
        started_at=utc(started),
        ended_at=utc(started),
        note=request.note,
        agent=request.policy.user_agent,
        rules=request.driving.rules() if browser else (),
        problems=(_under_way(),),
    )
    folder.record(capture)
    about = [
        ("software", f"witnessmark {__version__}"),
        ("operating-system", platform.platform()),
        ("capture", capture.id),
        ("asked-for", request.url),
        *(("rule", rule) for rule in capture.rules),
    ]
    with new_keeper(folder.file("warc"), randomness, started, about) as keeper:
        if browser is None:
            capture = capture_document(request.url, request.policy, folder, keeper, capture, clock)
            capture = _say_no_browser(capture, request.without_browser)
        else:
            capture = _with_browser(request, browser, folder, keeper, capture, clock)
    return _finish(folder, keeper, capture, clock)


def _with_browser(
    request: Request, browser: Path, folder: CaptureFolder, keeper: Keeper, capture: Capture, clock: Clock
) -> Capture:
    own_agent = None if request.policy.user_agent == USER_AGENT else request.policy.user_agent
    with RecordingProxy(request.policy, keeper, folder.unfinished, limits=request.limits) as proxy:
        seen = look(request.url, browser, proxy, request.driving, agent=own_agent, clock=clock, say=request.say)
    keeper.drain()
    hops, last = _hops(request.url, keeper)
    if last is not None and last.status is None:
        # What the browser shows then is our own proxy's message, not the page.
        seen.files, seen.frames, seen.status, seen.title = {}, [], None, ""
        seen.problems.append(_nothing_came())
    problems = [*seen.problems, *_certificate(last)]
    try:
        _keep_artefacts(seen, folder, keeper, clock())
    except OSError as error:
        problems.append(disk_problem(error))
    if proxy.tally.refused_browser:
        names = ", ".join(sorted(proxy.tally.refused_browser)[:20])
        text = f"the browser's own requests were refused, not the page's: {names}"
        problems.append(Problem(code=ProblemCode.REFUSED, message=UntrustedText(text), severity=Severity.NOTE))
    refused = last is not None and last.status is None
    return msgspec.structs.replace(
        capture,
        state=_state(seen, keeper, refused=refused),
        final_url=UntrustedText(seen.final_url if seen.opened else last.url if last else ""),
        status=seen.status if seen.status is not None else last.status if last else None,
        title=UntrustedText(seen.title),
        agent=seen.agent or capture.agent,
        browser=seen.version,
        redirects=hops,
        wire=last.wire if last else None,
        problems=tuple(problems),
    )


def _state(seen: Look, keeper: Keeper, *, refused: bool) -> CaptureState:
    if refused or not keeper.index:
        return CaptureState.REFUSED
    whole = seen.opened and not seen.problems and not keeper.incomplete and keeper.failure is None
    return CaptureState.COMPLETE if whole else CaptureState.PARTIAL


def _keep_artefacts(seen: Look, folder: CaptureFolder, keeper: Keeper, at: datetime) -> None:
    """Beside the WARC as files, and inside it as resource records."""
    prefixes = {
        "screenshot": "urn:view:",
        "full-page": "urn:fullPage:",
        "pdf": "urn:witnessmark:pdf:",
        "dom": "urn:witnessmark:dom:",
        "console": "urn:witnessmark:console:",
    }
    types = {"screenshot": "image/png", "full-page": "image/png", "pdf": "application/pdf"}
    types |= {"dom": "text/html;charset=utf-8", "console": "application/jsonl"}
    for role, data in sorted(seen.files.items()):
        folder.put(role, data)
        keeper.resource(prefixes[role] + seen.final_url, at, types[role], data)
    for number, (url, data) in enumerate(seen.frames, 1):
        keeper.resource(f"urn:witnessmark:dom:{number}:{url}", at, types["dom"], data)


def _hops(url: str, keeper: Keeper) -> tuple[tuple[Hop, ...], Exchange | None]:
    """The redirects from the address asked for, as they were recorded, and the exchange they end with."""
    hops: list[Hop] = []
    exchange = keeper.main.get(parse(url).url)
    while exchange is not None and len(hops) < _MAX_HOPS:
        head = exchange.response.head if exchange.response else None
        location = head.value("location") if head else ""
        if exchange.status not in _REDIRECTS or not location or exchange.wire is None:
            return tuple(hops), exchange
        hops.append(
            Hop(
                url=UntrustedText(exchange.url),
                status=exchange.status,
                location=UntrustedText(location),
                wire=exchange.wire,
                at=utc(exchange.started),
            )
        )
        following = keeper.after(exchange, location)
        if following is None:
            return tuple(hops), exchange
        exchange = following
    return tuple(hops), exchange


def _finish(folder: CaptureFolder, keeper: Keeper, capture: Capture, clock: Clock) -> Capture:
    """Close the WARC, pack the WACZ, write down what there is."""
    problems = [*capture.problems, *keeper.problems]
    try:
        keeper.warc.close()
        main = capture.final_url or capture.url
        pages = [Page(id=capture.id, url=main, title=capture.title or main, at=keeper.first or clock())]
        write_wacz(folder.file("wacz"), folder.file("warc"), keeper.index, pages, f"Capture of {capture.url}", clock())
    except OSError as error:
        keeper.warc.let_go()
        keeper.note_failure(error)
        folder.file("wacz").unlink(missing_ok=True)  # half a package is worse than none
    if keeper.failure is not None:
        problems.append(disk_problem(keeper.failure))
    if keeper.failure is not None or not folder.tidy():
        text = UntrustedText("some exchanges could not be written to the WARC; their bytes lie in `unfinished`")
        problems.append(
            Problem(code=ProblemCode.TRUNCATED, message=text, consequence="they have no record of their own")
        )
    lost = capture.state is CaptureState.COMPLETE and any(p.code is ProblemCode.DISK_FULL for p in problems)
    return folder.record(
        msgspec.structs.replace(
            capture,
            state=CaptureState.PARTIAL if lost else capture.state,
            ended_at=utc(clock()),
            exchanges=keeper.count,
            problems=tuple(problems),
        ),
        {} if keeper.warc.sha256 is None else {"warc": (keeper.warc.sha256, keeper.warc.size)},
    )


def _under_way() -> Problem:
    return Problem(
        code=ProblemCode.TRUNCATED,
        message=UntrustedText("the capture had not ended when this was written"),
        consequence="if it stays so it was cut off: records up to then are in the WARC, the rest in `unfinished`",
    )


def _nothing_came() -> Problem:
    return Problem(
        code=ProblemCode.NETWORK,
        message=UntrustedText("the page itself was not fetched"),
        consequence="there is no screenshot, PDF or document; the record has the reason",
    )


def _certificate(last: Exchange | None) -> tuple[Problem, ...]:
    tls = last.wire.tls if last is not None and last.wire is not None else None
    if tls is None or tls.verified or (last is not None and last.status is None):
        return ()
    return (
        Problem(
            code=ProblemCode.NETWORK,
            severity=Severity.NOTE,
            message=UntrustedText(f"the server's certificate does not hold ({tls.verdict}); gone on as asked"),
            consequence="anybody between here and the server could have sent this page",
        ),
    )


def _say_no_browser(capture: Capture, meant: bool) -> Capture:
    text = "captured without a browser" if meant else "no Chromium was found on this machine, so the page was not run"
    problem = Problem(
        code=ProblemCode.PROGRAM_MISSING,
        message=UntrustedText(text),
        consequence="only the document itself was kept: no images, styles or scripts, no screenshot, no PDF",
        hint="" if meant else "install chromium (Debian: apt install chromium) or name one with --browser",
    )
    state = CaptureState.PARTIAL if capture.state is CaptureState.COMPLETE else capture.state
    return msgspec.structs.replace(capture, state=state, problems=(*capture.problems, problem))
