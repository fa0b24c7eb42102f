"""Captured pages on an origin of their own: another port, a token in the path, a policy that runs and fetches nothing.

The case page never holds captured HTML. It shows a frame whose content comes from here; this server knows no session,
sets no cookie, and gives out only what `pipeline.replay` made of one archive of the case.
"""

import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from witnessmark.case import Case
from witnessmark.errors import CaseError
from witnessmark.model.evidence import Event, Item
from witnessmark.pipeline.replay import Replay, unpack_replay

MOST_OPEN = 4
"""Captures that lie unpacked at a time."""
ARCHIVES = ("warc", "wacz")
_ARCHIVE_NAMES = (".warc", ".warc.gz", ".wacz")
ABSENT = "This was not captured. Nothing is fetched from the network here."


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One unpacked capture."""

    folder: Path
    replay: Replay


def archive_of(event: Event) -> Item | None:
    """The archive that an entry of the journal brought, the WARC before the package that repeats it."""
    for role in ARCHIVES:
        found = next((item for item in event.outputs if item.role == role), None)
        if found is not None:
            return found
    items = (item for item in event.outputs if item.role == "original")
    return next((item for item in items if item.name.lower().endswith(_ARCHIVE_NAMES)), None)


class Replays:
    """Unpacks captures when they are first looked at, and keeps a few. Thread-safe."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.origin = ""
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="witnessmark-replay-"))
        self._opened: OrderedDict[int, Opened] = OrderedDict()
        self._number = 0

    def open(self, case: Case, event: Event) -> Opened:
        """The capture of an entry. Raises CaseError if it brought no archive or the archive cannot be read."""
        item = archive_of(event)
        if item is None:
            raise CaseError("this entry brought no archive of a page")
        with self._lock:
            found = self._opened.get(event.seq)
            if found is None:
                found = self._unpack(case, event, item)
                self._opened[event.seq] = found
                while len(self._opened) > MOST_OPEN:
                    shutil.rmtree(self._opened.popitem(last=False)[1].folder, ignore_errors=True)
            self._opened.move_to_end(event.seq)
            return found

    def _unpack(self, case: Case, event: Event, item: Item) -> Opened:
        if not case.store.has(item.digest):
            raise CaseError("the archive is not in this case", hint="It may have been left out of an extract.")
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        replay = unpack_replay(case.store.local(item.digest), folder, f"/{self.token}/{event.seq}/")
        return Opened(folder=folder, replay=replay)

    def known(self, number: int) -> Opened | None:
        """A capture that lies unpacked."""
        with self._lock:
            return self._opened.get(number)

    def address(self, event: int, answer: int) -> str:
        """Where an answer is served."""
        return f"{self.origin}/{self.token}/{event}/{answer}"

    def close(self) -> None:
        """Take the unpacked files away."""
        with self._lock:
            self._opened.clear()
            shutil.rmtree(self._folder, ignore_errors=True)


def policy(origin: str) -> str:
    """What a captured page may do: show what is served here. No script, no form, no other address, no own origin."""
    return (
        f"sandbox; default-src 'none'; img-src {origin} data:; style-src {origin} 'unsafe-inline'; "
        f"font-src {origin} data:; media-src {origin}; frame-src {origin}; script-src 'none'; connect-src 'none'; "
        f"form-action 'none'; base-uri 'none'"
    )


def replay_application(replays: Replays, *, port: int) -> Starlette:
    """The server on the other origin."""
    replays.origin = f"http://127.0.0.1:{port}"
    headers = {
        "content-security-policy": policy(replays.origin),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), fullscreen=()",
        "cache-control": "no-store",
        # A sandboxed page has no origin of its own, so that its own images and fonts count as another's.
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
        "x-dns-prefetch-control": "off",
    }

    def answer(request: Request) -> Response:
        hosts = Headers(scope=request.scope).getlist("host")
        if hosts != [f"127.0.0.1:{port}"]:
            return PlainTextResponse("This server answers only to its own address.", 421, headers)
        found = _find(replays, request.url.path)
        return found if found is not None else PlainTextResponse(ABSENT, 404, headers)

    def _find(replays: Replays, path: str) -> Response | None:
        token, _, rest = path.removeprefix("/").partition("/")
        event, _, number = rest.partition("/")
        if token != replays.token or not (_number(event) and _number(number)):
            return None
        opened = replays.known(int(event))
        if opened is None or int(number) >= len(opened.replay.answers):
            return None
        one = opened.replay.answers[int(number)]
        file = opened.folder / one.file if one.file else None
        if file is None or not file.is_file():
            return PlainTextResponse(f"Captured, but not shown: {one.why}.", 404, headers)
        return FileResponse(file, headers={**headers, "content-type": one.served_as})

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "HEAD"])])


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
