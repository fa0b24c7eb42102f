"""A small site on loopback whose pages the test sets, and the parts of a watch around it."""

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from witnessmark.net import Limits, Policy
from witnessmark.net.politeness import Politeness
from witnessmark.watch.look import Means
from witnessmark.watch.looking import Answer, Fetch, fetcher
from witnessmark.watch.store import Settings, State, Target, WatchStore

FILLER = "".join(f"<p>Paragraph {n} tells of lenses, mounts and power supplies in plain words.</p>" for n in range(12))
PAGE = f"<html><head><title>Camera</title></head><body><h1>Camera</h1>{FILLER}<p>Detects ethnicity.</p></body></html>"
HOME = "<html><title>Home</title><body><h1>Our house</h1><p>We make cameras, recorders and door stations.</p></body></html>"


@dataclass
class Pages:
    """`pages[path]` is (status, body) or (status, body, header, value); anything else is answered with `unknown`."""

    pages: dict[str, tuple[object, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0
    unknown: tuple[object, ...] = (404, "<h1>Not here</h1>")

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@pytest.fixture
def pages() -> Iterator[Pages]:
    found = Pages(pages={"/": (200, HOME), "/camera": (200, PAGE)})

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            found.asked.append(self.path)
            status, body, *header = found.pages.get(self.path, found.unknown)
            data = str(body).encode()
            self.send_response(int(str(status)))
            kinds = [
                str(value) for name, value in zip(header[::2], header[1::2], strict=True) if name == "Content-Type"
            ]
            self.send_header("Content-Type", kinds[0] if kinds else "text/html; charset=utf-8")
            for name, value in zip(header[::2], header[1::2], strict=True):
                if name != "Content-Type":
                    self.send_header(str(name), str(value))
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_HEAD(self) -> None:
            found.asked.append(f"HEAD {self.path}")
            status, body, *header = found.pages.get(self.path, (404, ""))
            self.send_response(int(str(status)))
            for name, value in zip(header[::2], header[1::2], strict=True):
                self.send_header(str(name), str(value))
            self.send_header("Content-Length", str(len(str(body).encode())))
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.asked.append(f"POST {self.path} {self.headers.get('Idempotency-Key', '')} {body.decode()}")
            self.send_response(int(str(found.pages.get(self.path, (200,))[0])))
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchStore]:
    made = WatchStore(tmp_path / "watch.sqlite")
    yield made
    made.close()


def local_fetch(clock: Callable[[], datetime], method: str = "GET", **limits: float) -> Fetch:
    policy = Policy(
        allow_hosts=frozenset({"localhost"}),
        limits=Limits(**{"idle_seconds": 2.0, "total_seconds": 3.0, **limits}),
        interval=0,  # type: ignore[arg-type]
    )
    return fetcher(policy, Politeness(0), clock, method=method)


@pytest.fixture
def make_means(clock: Clock, store: WatchStore) -> Callable[..., Means]:
    """Means over the real network door; the browser is played by the same fetch unless the test gives another."""

    def make(browser: Callable[[str], Answer] | str | None = "plain", **limits: float) -> Means:
        fetch = local_fetch(clock, **limits)
        rng = random.Random(5)
        chosen = fetch if browser == "plain" else browser
        return Means(
            fetch=fetch,
            token=lambda: f"{rng.getrandbits(64):016x}",
            body=store.body,
            browser=chosen,  # type: ignore[arg-type]
            control=fetch,
            head=local_fetch(clock, "HEAD"),
        )

    return make


def target(url: str, clock: Clock, **settings: object) -> Target:
    given = Settings(**{"interval": 60.0, **settings})  # type: ignore[arg-type]
    return Target(url=url, host="localhost", settings=given, state=State(), next_at=clock.now.timestamp())
