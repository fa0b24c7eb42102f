"""Publishers that answer over the network, well and badly."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import msgspec
import pytest

from witnessmark.model.screening import ListHeader
from witnessmark.net import Policy, fetch
from witnessmark.screen.publishers import Updated, update
from witnessmark.screen.store import ListStore

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def a_list(count: int) -> bytes:
    rows = [{"name": f"Firm {number}", "country": "China"} for number in range(count)]
    return msgspec.json.encode(
        {"list_id": "dow-1260h", "source_file": "x", "extracted": "2026-01-01", "count": count, "entities": rows}
    )


class Publisher(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""
    promised: ClassVar[int] = 0
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers["If-None-Match"])
        known = self.headers["If-None-Match"] == '"v1"' and self.status == 304
        self.send_response(304 if known else 200 if self.status == 304 else self.status)
        self.send_header("ETag", '"v1"')
        self.send_header("Content-Length", str(0 if known else len(self.body) + self.promised))
        self.end_headers()
        if not known:
            self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    running = HTTPServer(("127.0.0.1", 0), Publisher)
    Thread(target=running.serve_forever, daemon=True).start()
    Publisher.asked.clear()
    yield f"127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def asked(server: str, store: ListStore, status: int, body: bytes, promised: int = 0) -> Updated:
    Publisher.status, Publisher.body, Publisher.promised = status, body, promised
    header = ListHeader(
        id="dow-1260h", title="t", publisher="p", authority="a", url="https://example.org", format="agency-json",
        licence="l", effect="e", expect_min=1, expect_max=50, download=f"http://{server}/list.json",
    )  # fmt: skip
    policy = Policy(allow_hosts=frozenset({server}), offline=False)
    return update(
        header, store=store, headers=(header,), fetch=lambda u, h: fetch(u, headers=h, policy=policy), now=NOW
    )


def test_a_list_is_asked_for_with_its_tag_and_not_read_twice(server: str, tmp_path: Path) -> None:
    store = ListStore(tmp_path)
    assert asked(server, store, 200, a_list(12)).state == "new"
    assert asked(server, store, 304, a_list(12)).state == "unchanged"
    assert Publisher.asked == [None, '"v1"']


@pytest.mark.parametrize(
    ("status", "body", "promised"),
    [
        (200, b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", 0),
        (503, b"busy", 0),
        (200, a_list(20), 500),
        (200, a_list(20)[:-40], 0),
        (200, a_list(20).decode().encode("utf-16"), 0),
        (200, a_list(20).replace(b'"country"', b'"surprise"', 1), 0),
        (200, a_list(20), 0),
        (200, b"", 0),
    ],
    ids=["error page", "busy", "broke off", "cut", "re-encoded", "new column", "half the rows", "nothing"],
)
def test_a_bad_answer_is_refused_and_the_old_version_stays(
    server: str, tmp_path: Path, status: int, body: bytes, promised: int
) -> None:
    store = ListStore(tmp_path)
    asked(server, store, 200, a_list(45))
    before = store.versions("dow-1260h")
    assert asked(server, store, status, body, promised).state == "refused"
    assert store.versions("dow-1260h") == before
    assert len(before) == 1
