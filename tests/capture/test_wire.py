"""What is recorded is what the server sent and read, byte for byte, through a real browser."""

import base64
import hashlib
import json
import secrets
import socket
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from testsite.content import answer
from testsite.reading import facts, read_warc
from testsite.server import Sent, Site
from witnessmark.capture.browser import Driving
from witnessmark.capture.page import Request, capture_page
from witnessmark.model.capture import Capture, CaptureKind, CaptureState
from witnessmark.net import Policy
from witnessmark.net.client import utc_now

pytestmark = pytest.mark.browser


def capture(site: Site, policy: Policy, out: Path, browser: Path, path: str = "/") -> Capture:
    return capture_page(Request(url=site.url + path, policy=policy, browser=browser), out, utc_now, secrets.token_bytes)


def final(response: bytes) -> bytes:
    while response.startswith(b"HTTP/1.1 103"):
        response = response.partition(b"\r\n\r\n")[2]
    return response


def rendered(entry: Sent) -> tuple[bytes, bytes]:
    """An HTTP/2 exchange as our record shows it, from the server's own log."""
    head, _, body = entry.request.partition(b"\n\n")
    fields = [line.partition(b": ")[::2] if line[:1] != b":" else (b":" + line[1:].partition(b": ")[0], line[1:].partition(b": ")[2])
              for line in head.split(b"\n")]  # fmt: skip
    pseudo = {n: v for n, v in fields if n.startswith(b":")}
    request = b"%s %s HTTP/1.1\r\nhost: %s\r\n" % (pseudo[b":method"], pseudo[b":path"], pseudo[b":authority"])
    request += b"".join(n + b": " + v + b"\r\n" for n, v in fields if not n.startswith(b":")) + b"\r\n" + body
    response = b"HTTP/1.1 %s \r\n" % entry.fields[0][1]
    response += b"".join(n + b": " + v + b"\r\n" for n, v in entry.fields[1:]) + b"\r\n" + entry.body
    return request, response


@pytest.mark.parametrize(("chain", "h2"), [(None, False), ("good", False), ("good", True)], ids=["http", "https", "h2"])
def test_recorded_bytes_equal_the_servers_log(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path, browser: Path,
    chain: str | None, h2: bool,
) -> None:  # fmt: skip
    site = make_site(chain, h2=h2)
    result = capture(site, policy_for(site), tmp_path / "out", browser)
    assert result.state is CaptureState.COMPLETE, result.problems
    assert result.kind is CaptureKind.PAGE and result.status == 200 and result.title == "Test camera 产品 done"

    records = read_warc(tmp_path / "out" / "capture.warc.gz")
    recorded = Counter((r.kind, r.uri, r.block) for r in records if r.kind in ("request", "response"))
    truth: Counter[tuple[str, str, bytes]] = Counter()
    for entry in site.log:
        socket = entry.path == "/socket"
        uri = (("ws" + site.url.removeprefix("http")) if socket else site.url) + entry.path
        request, response = (entry.request, final(entry.response)) if entry.protocol != "h2" else rendered(entry)
        truth[("request", uri, request)] += 1
        truth[("response", uri, response)] += 1
    assert recorded == truth
    paths = {entry.path.partition("?")[0] for entry in site.log}
    assert paths >= {"/", "/frame", "/gzip", "/zstd", "/chunked", "/chunked-gzip", "/close", "/odd", "/cookies", "/empty",
                     "/early", "/post", "/socket", "/redirect/3", "/redirect/1", "/script.js", "/style.css", "/lazy.png",
                     "/worker.js", "/from-worker"}  # fmt: skip
    assert len([e for e in site.log if e.protocol == "h2"]) == (len(site.log) - 1 if h2 else 0)

    entry = next(e for e in site.log if e.path == "/socket")
    for name, data in (("sent", entry.socket_read), ("received", entry.socket_sent)):
        assert [r.block for r in records if r.uri.endswith(f":{name}") and "websocket" in r.uri] == [data]
    messages = [json.loads(x) for x in next(r.block for r in records if r.uri.endswith(":messages")).splitlines()]
    assert [(m["kind"], m.get("text")) for m in messages if m["direction"] == "received"][:4] == [
        ("text", "first"), ("binary", None), ("ping", None), ("text", "民族"),
    ]  # fmt: skip
    assert {"hello"} == {m["text"] for m in messages if m["direction"] == "sent" and m["kind"] == "text"}

    if not h2:
        hints = facts(records, site.url + "/early")["interim_heads_base64"]
        assert [base64.b64decode(h) for h in hints] == [
            site.answers["/early"][: site.answers["/early"].index(b"HTTP/1.1 200")]
        ]
    about = facts(records, site.url + "/")
    assert about["server"]["ip"] == "127.0.0.1" and about["server"]["port"] == site.port and about["server"]["dns"]
    if chain:
        assert (
            about["tls"]["version"] == "TLSv1.3"
            and about["tls"]["verified"]
            and about["tls"]["alpn"] == ("h2" if h2 else "http/1.1")
        )
        pem = [r.block for r in records if r.uri == about["tls"]["chain"]]
        assert len(pem) == 1 and pem[0].count(b"BEGIN CERTIFICATE") == 2
    _check_package(tmp_path / "out", result)


def _check_package(out: Path, result: Capture) -> None:
    """The package lists every file with its digest, and each index line leads to its record."""
    with zipfile.ZipFile(out / "capture.wacz") as package:
        described = json.loads(package.read("datapackage.json"))
        assert described["wacz_version"] == "1.1.1"
        for resource in described["resources"]:
            data = package.read(resource["path"])
            assert (resource["hash"], resource["bytes"]) == (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))
        warc = package.read("archive/capture.warc.gz")
        lines = package.read("indexes/index.cdx").decode().splitlines()
    assert warc == (out / "capture.warc.gz").read_bytes() and lines == sorted(lines)
    posts = 0
    for line in lines:
        key, _, fields = line.split(" ", 2)
        field = json.loads(fields)
        piece = out / "piece.warc.gz"
        piece.write_bytes(warc[int(field["offset"]) : int(field["offset"]) + int(field["length"])])
        (record,) = read_warc(piece)
        assert (record.kind, record.uri) == ("response", field["url"])
        posts += field.get("method") == "POST"
        assert ("__wb_method=post" in key) == (field.get("method") == "POST")
    assert posts == 3
    roles = {file.role: file for file in result.files}
    assert set(roles) == {"warc", "wacz", "screenshot", "full-page", "pdf", "dom", "console"}
    for file in result.files:
        assert hashlib.sha256((out / file.name).read_bytes()).hexdigest() == file.sha256
    assert (out / "screenshot.png").read_bytes().startswith(b"\x89PNG") and (out / "page.pdf").read_bytes().startswith(
        b"%PDF"
    )
    assert "page done" in (out / "console.jsonl").read_text() and "worker" in (out / "dom.html").read_text()


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/truncated", CaptureState.PARTIAL),
        ("/garbage", CaptureState.REFUSED),
        ("/header-bomb", CaptureState.REFUSED),
        ("/loop", CaptureState.PARTIAL),
        ("/to-metadata", CaptureState.REFUSED),
        ("/attachment", CaptureState.PARTIAL),
        ("/dies", CaptureState.PARTIAL),
        ("/missing", CaptureState.COMPLETE),
    ],
)
def test_whatever_a_server_does_is_kept_and_labelled(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path, browser: Path,
    path: str, state: CaptureState,
) -> None:  # fmt: skip
    site = make_site()
    result = capture(site, policy_for(site), tmp_path / "out", browser, path)
    assert result.state is state, result.problems
    records = read_warc(tmp_path / "out" / "capture.warc.gz")
    if path == "/garbage":
        unparsed = [r.block for r in records if r.uri.startswith("urn:witnessmark:unparsed:") and r.uri.endswith(path)]
        assert unparsed and set(unparsed) == {site.answers["/garbage"]}
    elif path == "/truncated":
        (cut,) = [r for r in records if r.kind == "response" and r.uri.endswith(path)]
        assert cut.block == site.answers[path] and cut.fields["WARC-Truncated"] == "disconnect"
    elif path == "/to-metadata":
        assert any("169.254.169.254" in p.message and "metadata" in p.message for p in result.problems)
    if state is CaptureState.REFUSED:
        assert not (tmp_path / "out" / "screenshot.png").exists(), "our own message is not the page"
    assert (tmp_path / "out" / "capture.json").is_file()


def test_a_page_that_never_lets_go_is_stopped(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path, browser: Path
) -> None:
    site = make_site()
    request = Request(
        url=site.url + "/busy",
        policy=policy_for(site),
        browser=browser,
        driving=Driving(total_seconds=4, load_seconds=2),
    )
    result = capture_page(request, tmp_path / "out", utc_now, secrets.token_bytes)
    assert result.state is CaptureState.PARTIAL
    assert any("stopped after" in p.message for p in result.problems)
    assert any(
        r.uri == site.url + "/busy" and r.kind == "response" for r in read_warc(tmp_path / "out" / "capture.warc.gz")
    )


@pytest.mark.parametrize("chain", ["self-signed", "expired", "other-name"])
def test_a_bad_certificate_is_recorded_and_not_accepted(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path, browser: Path, chain: str
) -> None:
    site = make_site(chain)
    result = capture(site, policy_for(site), tmp_path / "out", browser, "/plain-page")
    assert result.state is CaptureState.REFUSED and site.log == []
    assert (
        result.wire is not None
        and result.wire.tls is not None
        and result.wire.tls.chain
        and not result.wire.tls.verified
    )
    told = capture(site, policy_for(site, insecure=True), tmp_path / "told", browser, "/plain-page")
    assert told.state is CaptureState.COMPLETE and any("certificate does not hold" in p.message for p in told.problems)


def test_a_page_cannot_go_around_the_proxy(
    make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path, browser: Path
) -> None:
    """WebRTC and WebTransport speak UDP, which no proxy sees: nothing of it may leave the browser."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        port = listener.getsockname()[1]
        script = f"""<!doctype html><title>around</title><script>
        const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}});
        peer.createDataChannel('x'); peer.createOffer().then(o => peer.setLocalDescription(o));
        try {{ new WebTransport('https://127.0.0.1:{port}/x').ready.catch(() => 0) }} catch (e) {{}}
        setTimeout(() => {{ fetch('/length').then(() => {{ document.title = 'tried' }}) }}, 1500);
        </script>"""
        site = make_site("good", extra={"/around": answer(script.encode(), kind=b"text/html")})
        request = Request(
            url=site.url + "/around",
            policy=policy_for(site),
            browser=browser,
            driving=Driving(quiet_seconds=2.5),
        )
        result = capture_page(request, tmp_path / "out", utc_now, secrets.token_bytes)
        assert result.title == "tried"
        with pytest.raises(BlockingIOError):
            listener.recvfrom(2_048)
