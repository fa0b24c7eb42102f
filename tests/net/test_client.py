import gzip
import hashlib
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from testsite.content import ANSWERS, TEXT
from testsite.server import Site
from witnessmark.errors import NetworkFailed, NetworkRefused
from witnessmark.model.problem import ProblemCode
from witnessmark.net import Limits, Policy, fetch
from witnessmark.net.coding import decode
from witnessmark.net.politeness import Politeness, retry_after
from witnessmark.net.session import CertificateRefused

MakeSite = Callable[..., Site]
MakePolicy = Callable[..., Policy]


@pytest.mark.parametrize("chain", [None, "good"])
@pytest.mark.parametrize(
    "path", ["/length", "/gzip", "/chunked", "/close", "/cookies", "/odd", "/missing", "/empty", "/early"]
)
def test_what_the_server_sent_comes_back_byte_for_byte(
    make_site: MakeSite, policy_for: MakePolicy, chain: str | None, path: str
) -> None:
    site = make_site(chain)
    response = fetch(site.url + path, policy=policy_for(site))
    sent = ANSWERS[path]
    while sent.startswith(b"HTTP/1.1 1"):
        sent = sent.partition(b"\r\n\r\n")[2]
    assert response.head.raw + response.framed == sent
    assert response.request_head == site.log[0].request
    assert response.complete and response.size == len(response.body)
    assert response.sha256 == hashlib.sha256(response.body).hexdigest()


@pytest.mark.parametrize("path", ["/gzip", "/br", "/deflate", "/zstd", "/length"])
def test_every_coding_is_undone_on_request(make_site: MakeSite, policy_for: MakePolicy, path: str) -> None:
    site = make_site()
    assert fetch(site.url + path, policy=policy_for(site)).content() == TEXT


def test_a_compression_bomb_is_not_unpacked_beyond_the_limit(make_site: MakeSite, policy_for: MakePolicy) -> None:
    site = make_site()
    response = fetch(site.url + "/gzip-bomb", policy=policy_for(site))
    assert response.size < 100_000
    with pytest.raises(NetworkFailed, match="larger"):
        response.content(1_000_000)


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b\x08", gzip.compress(b"x" * 99, mtime=0)[:-9], b"junk"])
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "bzip9"])
def test_a_broken_coding_is_one_of_our_errors_or_short(data: bytes, coding: str) -> None:
    try:
        assert len(decode(data, (coding,), 1_000)) <= 1_000
    except NetworkFailed as error:
        assert error.kind in ("protocol", "size")


def test_private_addresses_are_refused_unless_named(make_site: MakeSite) -> None:
    site = make_site()
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(NetworkRefused, match="loopback") as caught:
            fetch(f"http://{host}:{site.port}/length", policy=Policy(offline=False))
        assert "--allow-host" in caught.value.hint
    with pytest.raises(NetworkRefused):
        fetch(site.url + "/length", policy=Policy(allow_hosts=frozenset({"localhost:1"}), offline=False))
    assert site.log == []


@pytest.mark.parametrize("path", ["/to-private", "/to-metadata", "/to-file"])
def test_a_redirect_is_checked_like_any_address(make_site: MakeSite, policy_for: MakePolicy, path: str) -> None:
    site = make_site()
    with pytest.raises(NetworkRefused):
        fetch(site.url + path, policy=policy_for(site))


def test_a_name_is_resolved_once_so_rebinding_changes_nothing(
    make_site: MakeSite, policy_for: MakePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, answers = make_site(), iter(["93.184.216.34", "127.0.0.1"])
    asked: list[str] = []
    reached: list[object] = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *args: object, **more: object) -> object:
        if host != "rebind.test":
            return real(host, port, *args, **more)  # type: ignore[arg-type]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def refuse(address: object, *_: object, **__: object) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError("test")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(NetworkFailed):
        fetch(f"http://rebind.test:{site.port}/", policy=policy_for(site))
    assert reached == [("93.184.216.34", site.port)] and asked == ["rebind.test"]
    with pytest.raises(NetworkRefused, match=r"127\.0\.0\.1"):
        fetch(f"http://rebind.test:{site.port}/", policy=policy_for(site))


def test_redirects_are_followed_recorded_and_bounded(make_site: MakeSite, policy_for: MakePolicy) -> None:
    site = make_site()
    response = fetch(site.url + "/redirect/3", policy=policy_for(site))
    assert [hop.status for hop in response.redirects] == [302, 302, 302]
    assert response.url == site.url + "/pixel.png"
    with pytest.raises(NetworkFailed, match="redirects") as caught:
        fetch(site.url + "/loop", policy=policy_for(site))
    assert caught.value.kind == "redirects" and len([e for e in site.log if e.path == "/loop"]) == 11


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/truncated", ProblemCode.TRUNCATED),
        ("/truncated-chunks", ProblemCode.TRUNCATED),
        ("/broken-chunks", ProblemCode.TRUNCATED),
        ("/endless", ProblemCode.BOUND_BYTES),
    ],
)
def test_a_body_that_is_cut_broken_or_endless_is_kept_and_labelled(
    make_site: MakeSite, policy_for: MakePolicy, path: str, code: ProblemCode
) -> None:
    site = make_site()
    policy = policy_for(site, limits=Limits(body_bytes=1 << 20, idle_seconds=5, total_seconds=20))
    response = fetch(site.url + path, policy=policy)
    assert not response.complete and response.problems[0].code is code
    if path == "/endless":
        assert response.size == 1 << 20
    elif path == "/truncated":
        assert response.body == TEXT[:400]
    elif path == "/broken-chunks":
        assert response.framed.endswith(b"hello")


@pytest.mark.parametrize("path", ["/garbage", "/header-bomb", "/header-lines"])
def test_no_proper_head_is_a_protocol_failure(make_site: MakeSite, policy_for: MakePolicy, path: str) -> None:
    site = make_site()
    with pytest.raises(NetworkFailed) as caught:
        fetch(site.url + path, policy=policy_for(site))
    assert caught.value.kind == "protocol"


def test_a_server_that_stops_sending_is_a_timeout_in_the_result(make_site: MakeSite, policy_for: MakePolicy) -> None:
    site = make_site()
    response = fetch(site.url + "/drip", policy=policy_for(site, limits=Limits(total_seconds=0.5, idle_seconds=5)))
    assert not response.complete and 0 < response.size < 100


@pytest.mark.parametrize("chain", ["self-signed", "expired", "other-name"])
def test_a_bad_certificate_is_refused_kept_and_gone_on_with_only_when_told(
    make_site: MakeSite, policy_for: MakePolicy, chain: str
) -> None:
    site = make_site(chain)
    with pytest.raises(CertificateRefused) as caught:
        fetch(site.url + "/length", policy=policy_for(site))
    assert caught.value.tls is not None and caught.value.tls.chain and not caught.value.tls.verified
    assert site.log == []
    response = fetch(site.url + "/length", policy=policy_for(site, insecure=True))
    assert response.wire.tls is not None and not response.wire.tls.verified
    assert response.wire.tls.verdict == caught.value.tls.verdict


def test_a_good_certificate_is_recorded_with_its_chain(make_site: MakeSite, policy_for: MakePolicy) -> None:
    site = make_site("good")
    tls = fetch(site.url + "/length", policy=policy_for(site)).wire.tls
    assert tls is not None and tls.verified and tls.version == "TLSv1.3" and len(tls.chain) == 2


def test_offline_means_no_network(make_site: MakeSite, policy_for: MakePolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site()
    monkeypatch.setenv("WITNESSMARK_OFFLINE", "1")
    with pytest.raises(NetworkRefused, match="offline"):
        fetch(site.url + "/", policy=Policy(allow_hosts=frozenset({site.host})))
    with pytest.raises(NetworkRefused, match="offline"):
        fetch(site.url + "/", policy=policy_for(site, offline=True))
    assert site.log == []


def test_a_post_carries_its_body(make_site: MakeSite, policy_for: MakePolicy) -> None:
    site = make_site()
    response = fetch(site.url + "/post", method="POST", body=b"q" * 70_000, policy=policy_for(site))
    assert response.body == b"POST " + hashlib.sha256(b"q" * 70_000).hexdigest().encode()


@pytest.mark.parametrize("value", ["x\r\nEvil: 1", "x\nEvil: 1"])
def test_a_header_cannot_be_smuggled_in(make_site: MakeSite, policy_for: MakePolicy, value: str) -> None:
    site = make_site()
    with pytest.raises(NetworkFailed):
        fetch(site.url + "/", headers={"X-A": value}, policy=policy_for(site))


def test_a_host_is_left_alone_between_requests() -> None:
    slept: list[float] = []
    polite = Politeness(2.0, sleep=slept.append)
    moments = iter([10.0, 10.5, 11.0])
    for host in ("a", "a", "b"):
        polite.wait(host, lambda: next(moments))
    assert slept == [1.5]


def test_retry_after_is_read_in_both_forms() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after("120", now) == 120
    assert retry_after("Thu, 01 Jan 2026 00:01:00 GMT", now) == 60
    assert retry_after("soon", now) is None
