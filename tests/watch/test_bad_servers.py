"""Servers that hang, lie, bomb or answer each client its own way: every look ends in a labelled Sighting."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from testsite.server import Site
from watchsite import FILLER, PAGE, Clock, Pages, local_fetch, target
from witnessmark.model.sighting import Cause, Sighting, Verdict
from witnessmark.net import Limits, Policy
from witnessmark.net.politeness import Politeness
from witnessmark.watch.look import Means, look
from witnessmark.watch.looking import Answer, fetcher
from witnessmark.watch.outcome import Looked
from witnessmark.watch.store import Target, WatchStore

Make = Callable[..., Means]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.fixture
def raw() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Serve every connection by a function of the test; gives the address."""
    listeners: list[socket.socket] = []

    def start(answer: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def one(sock: socket.socket) -> None:
            try:
                sock.recv(65_536)
                answer(sock)
            except OSError:
                return
            finally:
                sock.close()

        def accept() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(sock,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://localhost:{listener.getsockname()[1]}/page"

    yield start
    for listener in listeners:
        listener.close()


def hang(_sock: socket.socket) -> None:
    time.sleep(4)


def trickle(sock: socket.socket) -> None:
    sock.sendall(HEAD + b"\r\n")
    while True:
        sock.sendall(b"<p>")
        time.sleep(0.1)


def endless(sock: socket.socket) -> None:
    sock.sendall(HEAD + b"\r\n")
    while True:
        sock.sendall(b"<p>more</p>" * 5_000)


BOMB = gzip.compress(bytes(60 << 20), 1)


def bomb(sock: socket.socket) -> None:
    data = BOMB
    sock.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(data) + data)


def nested_bomb(sock: socket.socket) -> None:
    data = gzip.compress(BOMB)
    sock.sendall(HEAD + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(data) + data)


def headers_without_end(sock: socket.socket) -> None:
    sock.sendall(HEAD)
    while True:
        sock.sendall(b"X-Filler: " + b"y" * 8_000 + b"\r\n")


def too_short(sock: socket.socket) -> None:
    sock.sendall(HEAD + b"Content-Length: 90000\r\n\r\n<h1>Camera</h1>")


def to_itself(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 302 Found\r\nLocation: /page\r\nContent-Length: 0\r\n\r\n")


def ever_on(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 302 Found\r\nLocation: /page?%d\r\nContent-Length: 0\r\n\r\n" % time.monotonic_ns())


def nothing(_sock: socket.socket) -> None:
    return


def noise(sock: socket.socket) -> None:
    sock.sendall(bytes(range(256)) * 40)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (hang, Cause.TIMEOUT),
        (trickle, Cause.CUT),
        (endless, Cause.CUT),
        (bomb, Cause.CUT),
        (nested_bomb, Cause.CUT),
        (headers_without_end, Cause.PROTOCOL),
        (too_short, Cause.CUT),
        (to_itself, Cause.PROTOCOL),
        (ever_on, Cause.PROTOCOL),
        (nothing, Cause.PROTOCOL),
        (noise, Cause.PROTOCOL),
    ],
)
def test_a_known_page_whose_server_turns_bad_is_unreachable_and_never_removed(
    raw: Callable[..., str],
    clock: Clock,
    store: WatchStore,
    make_means: Make,
    answer: Callable[..., None],
    cause: Cause,
) -> None:
    bad = [False]

    def serve(sock: socket.socket) -> None:
        page = PAGE.encode()
        answer(sock) if bad[0] else sock.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(page) + page)

    item = target(raw(serve), clock)
    means = make_means(idle_seconds=0.6, total_seconds=1.2, body_bytes=3_000_000)
    item, first = step(item, means, store)
    assert first.sighting.cause is Cause.FIRST_LOOK
    bad[0] = True
    item, now = step(item, means, store)
    assert (now.sighting.verdict, now.sighting.cause) == (Verdict.UNREACHABLE, cause)
    assert now.sighting.suspects is None and item.state.last_present == first.sighting.at
    bad[0] = False
    assert step(item, means, store)[1].sighting.verdict is Verdict.SAME


def step(item: Target, means: Means, store: WatchStore) -> tuple[Target, Looked]:
    looked = look(item, means)
    with store.writing():
        for digest, body in looked.bodies:
            store.keep_body(digest, body)
    return msgspec.structs.replace(item, state=looked.state), looked


def several(item: Target, means: Means, store: WatchStore, clock: Clock, times: int) -> tuple[Target, Sighting]:
    for _ in range(times):
        item, looked = step(item, means, store)
        clock.forward(60)
    return item, looked.sighting


@pytest.mark.parametrize(
    "lie", [b"Content-Length: 5\r\nContent-Length: 50\r\n", b"Content-Length: -7\r\n", b"Content-Length: ten\r\n"]
)
def test_a_page_whose_length_is_no_number_is_read_to_its_end(
    raw: Callable[..., str], clock: Clock, store: WatchStore, make_means: Make, lie: bytes
) -> None:
    item = target(raw(lambda sock: sock.sendall(HEAD + lie + b"\r\n" + PAGE.encode())), clock)
    item, first = step(item, make_means(), store)
    assert (first.sighting.cause, first.sighting.size) == (Cause.FIRST_LOOK, len(PAGE))
    assert step(item, make_means(), store)[1].sighting.verdict is Verdict.SAME


def test_a_certificate_that_is_changed_for_a_bad_one_is_no_removal(
    make_site: Callable[..., Site], chains: dict[str, Path], clock: Clock, store: WatchStore, make_means: Make
) -> None:
    page = PAGE.encode()
    site = make_site("good", extra={"/camera": HEAD + b"Content-Length: %d\r\n\r\n" % len(page) + page})
    policy = Policy(allow_hosts=frozenset({"localhost"}), ca_file=chains["ca"], limits=Limits(idle_seconds=2))
    over_tls = fetcher(policy, Politeness(0), clock)
    means = replace(make_means(), fetch=over_tls, control=over_tls, browser=over_tls)
    item, first = several(target(site.url + "/camera", clock), means, store, clock, 1)
    assert first.cause is Cause.FIRST_LOOK
    good, site.context = site.context, make_site("expired").context
    item, bad = several(item, means, store, clock, 4)
    assert (bad.verdict, bad.cause, bad.suspects) == (Verdict.UNREACHABLE, Cause.TLS, None)
    site.context = good
    assert several(item, means, store, clock, 1)[1].verdict is Verdict.SAME


def test_an_archive_sent_as_a_page_and_a_page_sent_as_an_archive_are_what_they_are(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    pages.pages["/sdk.zip"] = (200, "PK\x03\x04 old", "Content-Type", "text/html")
    means = make_means()
    item, _ = several(target(pages.url + "/sdk.zip", clock), means, store, clock, 1)
    assert item.state.reference is not None and not item.state.reference.is_page
    gone = f"<!DOCTYPE html><html><title>Downloads</title><body><p>This file is no longer available.</p>{FILLER * 3}</body>"
    pages.pages["/sdk.zip"] = (200, gone, "Content-Type", "application/zip")
    _, last = several(item, means, store, clock, 3)
    assert (last.verdict, last.cause) == (Verdict.UNCLEAR, Cause.NONE)  # a long page: its words may be about anything
    short = "<!DOCTYPE html><html><title>Downloads</title><body><p>This file is no longer available.</p></body>"
    pages.pages["/sdk.zip"] = (200, short, "Content-Type", "application/zip")
    _, last = several(item, means, store, clock, 3)
    assert (last.verdict, last.cause) == (Verdict.REMOVED, Cause.WITHDRAWN)


def test_a_site_that_answers_each_agent_its_own_way_is_not_called_removed_until_the_browser_agrees(
    pages: Pages, make_means: Make, clock: Clock, store: WatchStore
) -> None:
    plain = make_means()
    item, _ = several(target(pages.url + "/camera", clock), plain, store, clock, 1)
    saved: list[Answer] = [plain.fetch(item.url)]
    means = replace(plain, browser=lambda url: saved[0] if saved and url == item.url else plain.fetch(url))
    del pages.pages["/camera"]
    item, last = several(item, means, store, clock, 7)
    assert (last.verdict, last.cause) == (Verdict.BLOCKED, Cause.OTHER_CLIENT)
    assert any("--with-browser" in reason for reason in last.reasons)
    still = item.state.last_present
    saved.clear()
    item, last = several(item, means, store, clock, 2)
    assert last.verdict is Verdict.UNCLEAR and last.confirmations == 2
    item, last = several(item, means, store, clock, 1)
    assert last.verdict is Verdict.REMOVED and item.state.first_absent > still


def test_nothing_listens_there_any_more(clock: Clock) -> None:
    assert look(target("http://localhost:9/x", clock), Means(**_means(clock))).sighting.cause is Cause.REFUSED


def _means(clock: Clock) -> dict[str, object]:
    return {"fetch": local_fetch(clock), "token": lambda: "t", "body": lambda _: None}
