"""HTTP/2 towards servers that do not behave."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import h2.config
import h2.connection
import pytest

from testsite.server import Site
from witnessmark.errors import NetworkFailed
from witnessmark.net.http1 import FramingError
from witnessmark.net.http2 import Answer, Http2Session

FIELDS = [(b":method", b"GET"), (b":authority", b"x"), (b":scheme", b"https"), (b":path", b"/")]


def run(serve: Callable[[socket.socket], None], seconds: float = 5.0) -> list[Answer]:
    ours, theirs = socket.socketpair()
    ours.settimeout(seconds)

    def work() -> None:
        with theirs, suppress(OSError):
            theirs.settimeout(seconds)
            serve(theirs)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        with ours:
            session = Http2Session(ours, 65_536)
            return list(session.exchange(FIELDS, b"", deadline=float("inf")))
    finally:
        thread.join()


def server() -> h2.connection.H2Connection:
    connection = h2.connection.H2Connection(
        h2.config.H2Configuration(
            client_side=False, header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False
        )
    )
    connection.initiate_connection()
    return connection


def answering(*steps: Callable[[h2.connection.H2Connection], None]) -> Callable[[socket.socket], None]:
    def serve(sock: socket.socket) -> None:
        connection = server()
        sock.sendall(connection.data_to_send())
        while 1 not in connection.streams:
            connection.receive_data(sock.recv(65_536))
        for step in steps:
            step(connection)
            sock.sendall(connection.data_to_send())
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65_536):
            continue

    return serve


def test_names_values_and_order_come_through_as_they_were_sent() -> None:
    fields = [(b":status", b"200"), (b"x-b", b"2"), (b"X-Odd", b" v "), (b"set-cookie", b"a"), (b"set-cookie", b"b")]
    answers = run(
        answering(
            lambda c: c.send_headers(1, fields),
            lambda c: c.send_data(1, b"hello ", pad_length=30),
            lambda c: c.send_data(1, b"there"),
            lambda c: c.send_headers(1, [(b"x-trailer", b"t")], end_stream=True),
        )
    )
    head = answers[0].head
    assert head is not None and head.status == 200
    assert head.raw == b"HTTP/1.1 200 \r\nx-b: 2\r\nX-Odd:  v \r\nset-cookie: a\r\nset-cookie: b\r\n\r\n"
    assert b"".join(a.data for a in answers) == b"hello there"
    assert answers[-1].interim and answers[-1].head is not None and b"x-trailer: t" in answers[-1].head.raw


def test_a_field_with_a_line_break_cannot_forge_a_header() -> None:
    with pytest.raises(FramingError):
        run(answering(lambda c: c.send_headers(1, [(b":status", b"200"), (b"x", b"a\r\nEvil: yes")])))


@pytest.mark.parametrize(
    "serve",
    [
        lambda sock: sock.sendall(b"HTTP/1.1 400 no\r\n\r\n"),
        lambda sock: sock.close(),
        lambda sock: sock.sendall(b"\xff" * 100),
        answering(lambda c: c.reset_stream(1)),
        answering(lambda c: c.close_connection()),
        answering(lambda c: c.send_headers(1, [(b":status", b"200")])),
        answering(
            lambda c: c.send_headers(1, [(b":status", b"200")] + [(b"a%d" % i, b"x" * 1_000) for i in range(200)])
        ),
    ],
)
def test_a_server_that_breaks_the_protocol_is_a_failure_not_a_hang(serve: Callable[[socket.socket], None]) -> None:
    with pytest.raises(NetworkFailed):
        run(serve)


def test_one_connection_serves_one_request_after_another(
    make_site: Callable[..., Site], chains: dict[str, Path]
) -> None:
    site = make_site("good", h2=True)
    context = ssl.create_default_context(cafile=str(chains["ca"]))
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", site.port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as sock,
    ):
        session = Http2Session(sock, 65_536)
        fields = [*FIELDS[:3], (b":path", b"/cookies")]
        for _ in range(3):
            answers = list(session.exchange(fields, b"", deadline=float("inf")))
            assert b"".join(a.data for a in answers) == b"two"
