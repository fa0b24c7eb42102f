import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.net.http1 import Body, Framing, FramingError, head_end, parse_head, request_body, response_body


def run(body: Body, data: bytes, cuts: list[int]) -> tuple[int, bytes]:
    used, payload, at = 0, b"", 0
    for cut in [*sorted({c % (len(data) + 1) for c in cuts}), len(data)]:
        piece, at = data[at:cut], cut
        took, parts = body.feed(memoryview(piece))
        used += took
        payload += b"".join(parts)
        if body.done:
            break
    return used, payload


chunks = st.lists(st.tuples(st.binary(min_size=1, max_size=300), st.sampled_from([b"", b";a=b", b" ; x"])), max_size=8)


@given(
    chunks, st.lists(st.integers(0, 5_000), max_size=8), st.binary(max_size=20), st.sampled_from([b"", b"X-T: 1\r\n"])
)
def test_chunked_framing_ends_where_it_ends_however_it_is_cut(
    parts: list[tuple[bytes, bytes]], cuts: list[int], after: bytes, trailer: bytes
) -> None:
    wire = b"".join(b"%x%s\r\n%s\r\n" % (len(data), extension, data) for data, extension in parts)
    wire += b"0\r\n" + trailer + b"\r\n"
    body = Body(Framing.CHUNKED)
    used, payload = run(body, wire + after, cuts)
    assert body.done and not body.broken
    assert payload == b"".join(data for data, _ in parts)
    assert used == len(wire)


@given(st.binary(max_size=400), st.lists(st.integers(0, 500), max_size=5), st.sampled_from(list(Framing)))
def test_no_bytes_are_lost_or_invented_whatever_comes(data: bytes, cuts: list[int], framing: Framing) -> None:
    body = Body(framing, 100 if framing is Framing.LENGTH else 0)
    used, payload = run(body, data, cuts)
    assert used <= len(data) and len(payload) <= used
    assert body.done or used == len(data)


@given(st.lists(st.tuples(st.from_regex(rb"[A-Za-z-]{1,12}", fullmatch=True), st.from_regex(rb"[!-~]{1,20}", fullmatch=True)),
                max_size=6), st.binary(max_size=60))  # fmt: skip
def test_a_proper_answer_is_read_as_h11_reads_it(fields: list[tuple[bytes, bytes]], content: bytes) -> None:
    fields = [
        (n, v)
        for n, v in fields
        if n.lower() not in (b"content-length", b"transfer-encoding", b"connection", b"upgrade")
    ]
    raw = b"HTTP/1.1 200 OK\r\n" + b"".join(n + b": " + v + b"\r\n" for n, v in fields)
    raw += b"Content-Length: %d\r\n\r\n" % len(content) + content
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(raw)
    theirs = peer.next_event()
    assert isinstance(theirs, h11.Response)
    head = parse_head(raw[: head_end(raw)])
    assert head.status == theirs.status_code
    assert [(n.lower(), v) for n, v in head.fields] == list(theirs.headers)
    assert head.raw + content == raw


@pytest.mark.parametrize(
    ("fields", "method", "framing"),
    [
        (b"Content-Length: 5", "GET", Framing.LENGTH),
        (b"Content-Length: 5\r\ncontent-length: 5", "GET", Framing.LENGTH),
        (b"Transfer-Encoding: gzip, chunked\r\nContent-Length: 9", "GET", Framing.CHUNKED),
        (b"Transfer-Encoding: gzip", "GET", Framing.CLOSE),
        (b"X: y", "GET", Framing.CLOSE),
        (b"Content-Length: 5", "HEAD", Framing.NONE),
    ],
)
def test_framing_follows_the_standard(fields: bytes, method: str, framing: Framing) -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n")
    assert response_body(head, method).framing is framing


@pytest.mark.parametrize("value", [b"5, 6", b"-1", b"0x5", b"99999999999999999999", "٥".encode()])
def test_a_length_that_is_no_number_is_an_error(value: bytes) -> None:
    with pytest.raises(FramingError):
        request_body(parse_head(b"POST / HTTP/1.1\r\nContent-Length: " + value + b"\r\n\r\n"))


def test_odd_lines_and_folded_lines_are_kept() -> None:
    head = parse_head(b"HTTP/1.1 200\r\nA: b\r\n  c\r\nno colon\r\nBad Name: x\r\n: empty\r\n\r\n")
    assert head.fields == ((b"A", b"b c"),)
    assert head.odd == (b"no colon", b"Bad Name: x", b": empty")
    assert head.status == 200


@given(st.binary(max_size=300))
def test_any_bytes_are_a_head_or_a_framing_error(data: bytes) -> None:
    try:
        head = parse_head(data)
        head.status  # noqa: B018  a property that may raise
    except FramingError:
        return
    assert head.raw == data
