"""The recording proxy with a plain client: hard cases that a browser would not show."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from testsite.content import ANSWERS, TEXT
from testsite.server import Site
from witnessmark.model.problem import ProblemCode
from witnessmark.net import Limits, Policy
from witnessmark.net.proxy import RecordingProxy
from witnessmark.net.recording import Exchange
from witnessmark.net.tally import ProxyLimits


class Kept:
    """Keeps the bytes of each exchange."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.responses: list[bytes] = []

    def keep(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.responses.append(exchange.response.path.read_bytes() if exchange.response else b"")


@contextmanager
def recording(policy: Policy, tmp_path: Path, **limits: object) -> Iterator[tuple[RecordingProxy, Kept]]:
    kept = Kept()
    with RecordingProxy(policy, kept, tmp_path, limits=ProxyLimits(**limits)) as proxy:  # type: ignore[arg-type]
        yield proxy, kept


def ask(proxy: RecordingProxy, raw: bytes, *, tunnel: str = "", ca: bytes = b"") -> bytes:
    host, _, port = proxy.page_address.removeprefix("http://").partition(":")
    data = b""
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        sock = plain
        if tunnel:
            plain.sendall(f"CONNECT {tunnel} HTTP/1.1\r\nHost: {tunnel}\r\n\r\n".encode())
            assert b" 200 " in plain.recv(4_096)
            if ca:
                context = ssl.create_default_context(cadata=ca.decode())
                sock = context.wrap_socket(plain, server_hostname=tunnel.partition(":")[0], suppress_ragged_eofs=True)
        with sock:
            sock.sendall(raw)
            while piece := sock.recv(65_536):
                data += piece
    return data


def get(path: str, host: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host or 'x'}\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize(
    "path", sorted(p for p in ANSWERS if p not in ("/header-bomb", "/header-lines", "/garbage", "/early"))
)
def test_every_answer_passes_and_is_recorded_unchanged(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path, path: str
) -> None:
    site = make_site()
    with recording(policy_for(site), tmp_path) as (proxy, kept):
        got = ask(proxy, get(site.url + path, site.host))
    assert got == ANSWERS[path] and kept.responses == [ANSWERS[path]]
    assert site.log[0].request == get(path, site.host), "origin form towards the server"


def test_a_tunnel_with_tls_or_without_passes_bytes_unchanged(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path
) -> None:
    secure, plain = make_site("good"), make_site()
    with recording(policy_for(secure, plain), tmp_path) as (proxy, kept):
        assert ask(proxy, get("/odd"), tunnel=secure.host, ca=proxy.authority.pem) == ANSWERS["/odd"]
        assert ask(proxy, get("/odd"), tunnel=plain.host) == ANSWERS["/odd"]
    assert kept.responses == [ANSWERS["/odd"]] * 2
    assert [e.url for e in kept.exchanges] == [secure.url + "/odd", plain.url + "/odd"]


def test_limits_cut_an_endless_answer_and_say_so(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path
) -> None:
    site = make_site()
    with recording(policy_for(site), tmp_path, exchange_bytes=1 << 20) as (proxy, kept):
        ask(proxy, get(site.url + "/endless"))
    assert kept.exchanges[0].problems[0].code is ProblemCode.BOUND_BYTES
    assert 1 << 20 < len(kept.responses[0]) < 3 << 20
    with recording(policy_for(site), tmp_path / "b", exchanges=1) as (proxy, kept):
        (tmp_path / "b").mkdir()
        ask(proxy, get(site.url + "/length"))
        assert b"503" in ask(proxy, get(site.url + "/length"))[:20]


def test_a_header_bomb_is_bounded_and_its_beginning_kept(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path
) -> None:
    site = make_site()
    with recording(policy_for(site, limits=Limits(head_bytes=100_000)), tmp_path) as (proxy, kept):
        assert b" 502 " in ask(proxy, get(site.url + "/header-bomb"))[:20]
    assert kept.exchanges[0].response is not None and kept.exchanges[0].response.head is None
    assert ANSWERS["/header-bomb"].startswith(kept.responses[0]) and len(kept.responses[0]) >= 100_000


def test_the_browsers_own_requests_are_refused_and_named(policy_for: Callable[..., Policy], tmp_path: Path) -> None:
    with recording(policy_for(), tmp_path) as (proxy, kept):
        where = proxy.browser_address.removeprefix("http://").partition(":")
        with socket.create_connection((where[0], int(where[2])), timeout=5) as sock:
            sock.sendall(b"CONNECT update.example:443 HTTP/1.1\r\n\r\n")
            assert sock.recv(100).startswith(b"HTTP/1.1 403")
    assert proxy.tally.refused_browser == {"update.example"} and kept.exchanges == []


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"junk\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET ftp://x/ HTTP/1.1\r\n\r\n",
                                 b"CONNECT nowhere HTTP/1.1\r\n\r\n", b"\xff" * 300_000])  # fmt: skip
def test_nonsense_from_the_browsers_side_is_survived(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path, raw: bytes
) -> None:
    site = make_site()
    with recording(policy_for(site), tmp_path) as (proxy, _):
        where = proxy.page_address.removeprefix("http://").partition(":")
        with socket.create_connection((where[0], int(where[2])), timeout=5) as sock:
            sock.sendall(raw)
            sock.shutdown(socket.SHUT_WR)
        assert ask(proxy, get(site.url + "/length")).endswith(TEXT)


def test_private_addresses_are_refused_behind_the_proxy_too(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path
) -> None:
    site = make_site()
    with recording(policy_for(), tmp_path) as (proxy, kept):
        assert b" 502 " in ask(proxy, get(site.url + "/length"))[:20]
    assert kept.exchanges[0].problems[0].code is ProblemCode.REFUSED and site.log == []
