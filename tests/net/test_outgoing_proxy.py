import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from testsite.content import TEXT
from testsite.server import Site
from witnessmark.errors import NetworkFailed, NetworkRefused, UsageError
from witnessmark.net import Policy, fetch


class TinyProxy:
    """HTTP CONNECT and SOCKS5 on one port; answers one connection at a time."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked: list[bytes] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                with sock:
                    self._serve(sock)

    def _serve(self, sock: socket.socket) -> None:
        first = sock.recv(4_096)
        if first.startswith(b"CONNECT"):
            self.asked.append(first)
            port = int(first.split(b" ")[1].rpartition(b":")[2])
            sock.sendall(b"HTTP/1.1 200 yes\r\n\r\n" if port else b"HTTP/1.1 403 no\r\n\r\n")
        else:
            sock.sendall(b"\x05\x00")
            request = sock.recv(512)
            self.asked.append(request)
            port = int.from_bytes(request[-2:], "big")
            sock.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0")
        with socket.create_connection(("127.0.0.1", port)) as out:
            back = threading.Thread(target=self._pipe, args=(out, sock), daemon=True)
            back.start()
            self._pipe(sock, out)
            back.join(5)

    @staticmethod
    def _pipe(a: socket.socket, b: socket.socket) -> None:
        with suppress(OSError):
            while data := a.recv(65_536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy() -> Iterator[TinyProxy]:
    tiny = TinyProxy()
    yield tiny
    with suppress(OSError):
        tiny.listener.shutdown(socket.SHUT_RDWR)
    tiny.listener.close()


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize("chain", [None, "good"])
def test_a_proxy_is_used_and_named_without_its_password(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], proxy: TinyProxy, scheme: str, chain: str | None
) -> None:
    site = make_site(chain)
    secret = "user:secret@" if scheme == "http" else ""
    policy = policy_for(site, proxy=f"{scheme}://{secret}127.0.0.1:{proxy.port}")
    response = fetch(site.url + "/length", policy=policy)
    assert response.body == TEXT
    assert response.wire.via == f"{scheme}://127.0.0.1:{proxy.port}" and response.wire.ip == ""
    assert b"localhost" in proxy.asked[0]


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://localhost/", "http://[::1]/", "http://a.localhost/"])
def test_a_written_out_private_address_is_refused_before_the_proxy_hears_of_it(proxy: TinyProxy, url: str) -> None:
    with pytest.raises(NetworkRefused):
        fetch(url, policy=Policy(proxy=f"http://127.0.0.1:{proxy.port}", offline=False))
    assert proxy.asked == []


def test_a_proxy_that_is_not_there_or_makes_no_sense_is_said_so() -> None:
    with pytest.raises(UsageError):
        fetch("http://example.org/", policy=Policy(proxy="ftp://x", offline=False))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NetworkFailed) as caught:
        fetch("http://example.org/", policy=Policy(proxy=f"http://127.0.0.1:{port}", offline=False))
    assert caught.value.kind == "proxy"
