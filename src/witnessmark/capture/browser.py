"""Look at a page with a Chromium that is installed on this machine, and keep what it shows.

Starts a program (through Playwright), always with a fresh profile. Everything the page asks for goes through the
recording proxy; what the browser asks for on its own account goes to a door that refuses and counts it.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from witnessmark.errors import UsageError
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.net.proxy import RecordingProxy

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
# The last list of features on the command line replaces all others, Playwright's own too, so this one is whole: what
# would change the address that is asked for, call home, keep the profile, or draw late.
_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "CertificateTransparencyComponentUpdater",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "Translate",
    "AvoidCorsURLLoaderRestartOnRedirect",
)
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    # Nothing may go around the proxy: no names are resolved here, no UDP is sent (WebRTC, WebTransport).
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-blink-features=WebTransport",
    "--disable-features=" + ",".join(_OFF),
)
_STALLED = 3.0  # seconds without any traffic before `load` is given up
_STEP = 15.0  # seconds for one screenshot or the like
_MAX_LOG = 10_000
_MAX_HEIGHT = 16_384
_MAX_FRAMES = 50


@dataclass(frozen=True, kw_only=True)
class Driving:
    """How the page is driven. Seconds and pixels; the words for it go into the record."""

    width: int = 1280
    height: int = 900
    load_seconds: float = 60.0
    quiet_seconds: float = 0.5
    settle_seconds: float = 10.0
    scroll_steps: int = 60
    scroll_pause: float = 0.1
    scroll_rounds: int = 3
    total_seconds: float = 180.0

    def rules(self) -> tuple[str, ...]:
        """What was done, step by step, so that another can repeat it."""
        return (
            f"fresh browser profile, viewport {self.width} x {self.height} CSS pixels",
            f"opened the address and waited up to {self.load_seconds:g} s for the load event, or until nothing "
            f"had moved for {_STALLED:g} s",
            f"scrolled down one viewport at a time with {self.scroll_pause:g} s between, "
            f"at most {self.scroll_steps} times, then back to the top",
            f"waited until no request was under way for {self.quiet_seconds:g} s, at most {self.settle_seconds:g} s",
            "if the height of the page or its number of elements had changed meanwhile, scrolled and waited again, "
            f"at most {self.scroll_rounds} times in all",
            f"then screenshot of the viewport, screenshot of the whole page (at most {_MAX_HEIGHT} pixels high), PDF, "
            "document tree of each frame, console log",
            "clicked nothing, accepted no dialog, filled in no form",
            "only requests of the page were forwarded; requests of the browser for itself were refused and counted",
        )


@dataclass(kw_only=True)
class Look:
    """What the browser saw. `files` is role to bytes."""

    final_url: str = ""
    title: str = ""
    status: int | None = None
    opened: bool = False
    version: str = ""
    agent: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    frames: list[tuple[str, bytes]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def find_browser(named: Path | None = None) -> Path | None:
    """The browser to use: the one named, else the first known one on this machine, else None.

    Raises UsageError when the named one is not there.
    """
    if named is not None:
        if found := shutil.which(str(named)):
            return Path(found)
        raise UsageError(f"{named} is no program that can be started")
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    return next((Path(place) for place in _PLACES if Path(place).is_file()), None)


def look(
    url: str,
    browser: Path,
    proxy: RecordingProxy,
    driving: Driving,
    *,
    agent: str | None,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
) -> Look:
    """Drive the page through its rules. Never raises for what the page does: that is a Problem in the result."""
    seen = Look()
    try:
        # Killed at its end, the browser would leave its folder of sockets behind: it gets one that is taken away.
        with (
            tempfile.TemporaryDirectory(prefix="witnessmark-", ignore_cleanup_errors=True) as scratch,
            sync_playwright() as playwright,
        ):
            arguments = [*_FLAGS, f"--ignore-certificate-errors-spki-list={proxy.authority.spki}"]
            opened = playwright.chromium.launch(
                executable_path=browser,
                args=arguments,
                env={**os.environ, "TMPDIR": scratch},
                proxy={"server": proxy.browser_address},
                chromium_sandbox=not _is_root(),
                handle_sigint=False,
                handle_sigterm=False,
                timeout=driving.load_seconds * 1000,
            )
            seen.version = f"{browser.name} {opened.version}"
            with _Watchdog(opened, driving.total_seconds) as watchdog:
                context = opened.new_context(
                    proxy={"server": proxy.page_address},
                    viewport={"width": driving.width, "height": driving.height},
                    user_agent=agent,
                    service_workers="allow",
                    accept_downloads=True,
                )
                _Visit(context, seen, driving, proxy, clock, say).run(url)
                if watchdog.fired:
                    _problem(seen, ProblemCode.BOUND_TIME, f"the browser was stopped after {driving.total_seconds:g} s")
                else:
                    context.close()
                    watchdog.end()
                    opened.close()
    except PlaywrightError as error:
        _problem(seen, ProblemCode.PROGRAM_FAILED, f"the browser failed: {_first_line(error)}")
    return seen


class _Watchdog:
    """Kills the browser when the page keeps it busy for ever: a script in an endless loop answers no request."""

    def __init__(self, browser: Browser, seconds: float) -> None:
        self.fired = False
        session: CDPSession = browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        self._pid = next((int(p["id"]) for p in processes if p["type"] == "browser"), None)
        session.detach()
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True

    def __enter__(self) -> "_Watchdog":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _fire(self) -> None:
        self.fired = True
        self.end()

    def end(self) -> None:
        """End the browser at once: its profile is thrown away, so there is nothing that it should save."""
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)


class _Visit:
    """One visit to one page."""

    def __init__(
        self,
        context: BrowserContext,
        seen: Look,
        driving: Driving,
        proxy: RecordingProxy,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._context, self._seen, self._driving, self._proxy = context, seen, driving, proxy
        self._clock, self._say = clock, say
        self._log: list[bytes] = []
        self._end = time.monotonic() + driving.total_seconds

    def run(self, url: str) -> None:
        """Open, settle, scroll, settle, keep."""
        page = self._context.new_page()
        page.set_default_timeout(_STEP * 1000)
        page.on("console", lambda m: self._note(m.type, m.text, m.location))
        page.on("pageerror", lambda e: self._note("pageerror", str(e), None))
        page.on("crash", lambda _: _problem(self._seen, ProblemCode.PROGRAM_FAILED, "the page crashed in the browser"))
        page.on("dialog", lambda d: d.dismiss())
        try:
            self._say("opening the page")
            self._open(page, url)
            self._say("waiting until it settles")
            if not self._seen.opened:
                self._settle(page)
            else:
                self._scroll_until_settled(page)
                self._say("keeping screenshots, PDF and document")
                self._keep(page)
        except PlaywrightError as error:
            _problem(self._seen, ProblemCode.PROGRAM_FAILED, f"the browser stopped answering: {_first_line(error)}")
        self._seen.files["console"] = b"".join(self._log)

    def _open(self, page: Page, url: str) -> None:
        try:
            answer = page.goto(url, wait_until="commit", timeout=self._driving.load_seconds * 1000)
            self._seen.opened = True
            self._seen.status = answer.status if answer else None
            self._wait_for_load(page)
        except PlaywrightError as error:
            text = _first_line(error)
            if "Timeout" in text:
                self._seen.opened = True
                _problem(self._seen, ProblemCode.BOUND_TIME, "the page had not finished loading when the time was over")
            elif "Download is starting" in text:
                _problem(self._seen, ProblemCode.UNSUPPORTED, "the address is a download, not a page", "use --download")
            else:
                _problem(self._seen, ProblemCode.NETWORK, f"the page did not open: {text}")
        self._seen.final_url = page.url

    def _wait_for_load(self, page: Page) -> None:
        """A document that is cut off never fires `load`; when nothing moves any more there is nothing to wait for."""
        tally = self._proxy.tally
        until = min(time.monotonic() + self._driving.load_seconds, self._end)
        while time.monotonic() < until:
            try:
                page.wait_for_load_state("load", timeout=250)
                return
            except PlaywrightTimeout:
                if tally.active == 0 and time.monotonic() - tally.last_activity > _STALLED:
                    break
        _problem(self._seen, ProblemCode.BOUND_TIME, "the page did not finish loading")
        # Otherwise the browser goes on waiting, and screenshots with it; some never come even so.
        page.set_default_timeout(_STALLED * 1000)
        self._context.new_cdp_session(page).send("Page.stopLoading")

    def _settle(self, page: Page) -> None:
        tally, driving = self._proxy.tally, self._driving
        until = min(time.monotonic() + driving.settle_seconds, self._end)
        while time.monotonic() < until:
            if tally.active == 0 and time.monotonic() - tally.last_activity >= driving.quiet_seconds:
                return
            page.wait_for_timeout(50)
        self._note("witnessmark", f"requests were still under way after {driving.settle_seconds:g} s", None)

    def _scroll_until_settled(self, page: Page) -> None:
        """What a script puts in after the scroll would otherwise never be scrolled to."""
        for _ in range(self._driving.scroll_rounds):
            self._scroll(page)
            before = _extent(page)
            self._settle(page)
            if _extent(page) == before:
                return
        self._note("witnessmark", "the page was still changing after the last scroll", None)

    def _scroll(self, page: Page) -> None:
        for _ in range(self._driving.scroll_steps):
            at_end = page.evaluate(
                "() => { const before = scrollY; scrollBy(0, innerHeight); return scrollY <= before + 1 }"
            )
            if at_end:
                break
            page.wait_for_timeout(self._driving.scroll_pause * 1000)
        page.evaluate("() => scrollTo(0, 0)")

    def _keep(self, page: Page) -> None:
        seen = self._seen
        seen.final_url, seen.title = page.url, page.title()
        seen.agent = page.evaluate("() => navigator.userAgent")
        self._attempt("dom", lambda: page.content().encode("utf-8", "surrogatepass"))
        for frame in page.frames[1 : _MAX_FRAMES + 1]:
            try:
                seen.frames.append((frame.url, frame.content().encode("utf-8", "surrogatepass")))
            except PlaywrightError as error:
                _problem(seen, ProblemCode.PROGRAM_FAILED, f"a frame's document is missing: {_first_line(error)}")
        self._attempt("screenshot", page.screenshot)
        self._attempt("full-page", lambda: self._full_page(page))
        self._attempt("pdf", lambda: page.pdf(print_background=True))

    def _full_page(self, page: Page) -> bytes:
        height = int(page.evaluate("() => Math.max(document.documentElement.scrollHeight, innerHeight)"))
        if height <= _MAX_HEIGHT:
            return page.screenshot(full_page=True)
        _problem(self._seen, ProblemCode.BOUND_BYTES, f"the page is {height} pixels high; the screenshot is cut")
        area = {"x": 0.0, "y": 0.0, "width": float(self._driving.width), "height": float(_MAX_HEIGHT)}
        return page.screenshot(full_page=True, clip=area)  # type: ignore[arg-type]  # a TypedDict not exported

    def _attempt(self, role: str, make: Callable[[], bytes]) -> None:
        try:
            self._seen.files[role] = make()
        except PlaywrightError as error:
            _problem(self._seen, ProblemCode.PROGRAM_FAILED, f"no {role}: {_first_line(error)}")

    def _note(self, kind: str, text: str, place: object) -> None:
        if len(self._log) < _MAX_LOG:
            at = self._clock().isoformat(timespec="milliseconds")
            line = {"at": at, "type": kind, "text": text[:4_000], "place": place}
            self._log.append(json.dumps(line, ensure_ascii=True, default=str).encode() + b"\n")


def _extent(page: Page) -> object:
    """Height and number of elements."""
    return page.evaluate(
        "() => [+document.documentElement.scrollHeight, +document.getElementsByTagName('*').length].join(' ')"
    )


def _problem(seen: Look, code: ProblemCode, message: str, hint: str = "") -> None:
    text = UntrustedText(message)
    seen.problems.append(Problem(code=code, message=text, consequence="the capture is not whole", hint=hint))


def _first_line(error: PlaywrightError) -> str:
    return error.message.strip().partition("\n")[0][:300]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
