import contextlib
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seal.authority import Client, LocalAuthority
from seal.small import FixedClock
from witnessmark.case.clock import SystemClock
from witnessmark.errors import VerificationFailed
from witnessmark.net import Limits, Policy
from witnessmark.seal.der import sorted_certificates
from witnessmark.seal.http import HttpTimestampClient
from witnessmark.seal.timestamp import Authority, check, stamp

MESSAGE = b"a signature"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    return LocalAuthority(tmp_path_factory.mktemp("tsa"))


def test_a_token_holds_for_us_and_for_openssl(local: LocalAuthority, tmp_path: Path) -> None:
    stamping = stamp(MESSAGE, [local.authority], Client(local), SystemClock())
    (token,) = stamping.tokens
    assert stamping.problems == ()
    assert abs(stamping.offsets[0][1]) < 60
    for name, data in (("r", token.response), ("m", MESSAGE), ("ca", token.roots.encode())):
        (tmp_path / name).write_bytes(data)
    command = ["openssl", "ts", "-verify", "-in", "r", "-data", "m", "-CAfile", "ca"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert check(token.response, MESSAGE, token.roots, name="local").time == token.time
    with pytest.raises(VerificationFailed):
        check(token.response, b"another signature", token.roots, name="local")


@pytest.mark.parametrize(
    ("kind", "digest", "between"),
    [("rsa", "sha256", True), ("rsa", "sha512", True), ("ec", "sha512", False), ("ec384", "sha384", True)],
)
def test_tokens_as_public_authorities_make_them_hold_for_us_and_for_openssl(
    tmp_path: Path, kind: str, digest: str, between: bool
) -> None:
    authority = LocalAuthority(tmp_path / "tsa", kind=kind, digest=digest, between=between)
    stamping = stamp(MESSAGE, [authority.authority], Client(authority), SystemClock())
    assert stamping.problems == ()
    (token,) = stamping.tokens
    assert token.signer == "CN=local" and token.roots == authority.authority.ca_pem
    for name, data in (("r", token.response), ("m", MESSAGE), ("ca", token.roots.encode())):
        (tmp_path / name).write_bytes(data)
    command = ["openssl", "ts", "-verify", "-in", "r", "-data", "m", "-CAfile", "ca"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_certificates_that_are_not_in_order_are_no_reason_to_refuse(tmp_path: Path) -> None:
    """`openssl ts` writes them as it was given them; the library that reads tokens wants them sorted."""
    disorderly = 0
    for number in range(6):  # the order depends on the keys
        authority = LocalAuthority(tmp_path / str(number), between=True)
        (token,) = stamp(MESSAGE, [authority.authority], Client(authority), SystemClock()).tokens
        disorderly += sorted_certificates(token.response) != token.response
        assert check(token.response, MESSAGE, token.roots, name="local").time == token.time
    assert disorderly


def test_the_request_asks_for_what_an_authority_needs_to_know_and_no_more(
    local: LocalAuthority, tmp_path: Path
) -> None:
    sent = []

    class Listening(Client):
        def post(self, url: str, body: bytes, content_type: str, *, limit: int) -> bytes:
            sent.append(body)
            return super().post(url, body, content_type, limit=limit)

    stamp(MESSAGE, [local.authority, local.authority], Listening(local), SystemClock())
    (tmp_path / "q").write_bytes(sent[0])
    command = ["openssl", "ts", "-query", "-in", str(tmp_path / "q"), "-text"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Hash Algorithm: sha256" in shown and "Certificate required: yes" in shown
    assert "Policy OID: unspecified" in shown and shown.endswith("Extensions:\n")
    nonces = {line for body in sent for line in _text(body, tmp_path).splitlines() if line.startswith("Nonce: 0x")}
    assert len(nonces) == 2


def _text(query: bytes, folder: Path) -> str:
    (folder / "one").write_bytes(query)
    command = ["openssl", "ts", "-query", "-in", str(folder / "one"), "-text"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("fault", "said"), [("down", "refused"), ("slow", "within 30 s"), ("rubbish", "cut short")])
def test_an_authority_that_fails_costs_a_problem_and_the_other_still_counts(
    local: LocalAuthority, tmp_path: Path, fault: str, said: str
) -> None:
    other = LocalAuthority(tmp_path, "other")

    class Half(Client):
        def post(self, url: str, body: bytes, content_type: str, *, limit: int) -> bytes:
            client = Client(other) if "other" in url else Client(local, fault=fault)
            return client.post(url, body, content_type, limit=limit)

    stamping = stamp(MESSAGE, [local.authority, other.authority], Half(), SystemClock())
    assert [token.authority for token in stamping.tokens] == ["other"]
    assert said in stamping.problems[0].message


def test_an_answer_to_another_question_is_refused(local: LocalAuthority) -> None:
    client = Client(local, fault="replay")
    assert stamp(MESSAGE, [local.authority], client, SystemClock()).tokens
    again = stamp(MESSAGE, [local.authority], client, SystemClock())
    assert again.tokens == ()
    assert "Nonce" in again.problems[0].message


def test_a_token_under_another_root_is_refused(local: LocalAuthority, tmp_path: Path) -> None:
    stranger = LocalAuthority(tmp_path, "stranger")
    wrong = Authority(name="local", url=local.authority.url, ca_pem=stranger.authority.ca_pem)
    assert "does not hold" in stamp(MESSAGE, [wrong], Client(local), SystemClock()).problems[0].message
    public = Authority(name="local", url=local.authority.url)
    assert "publicly trusted" in stamp(MESSAGE, [public], Client(local), SystemClock()).problems[0].message


def test_an_authority_whose_certificate_has_expired_is_refused(tmp_path: Path) -> None:
    expired = LocalAuthority(tmp_path, "expired", days=-1)
    assert stamp(MESSAGE, [expired.authority], Client(expired), FixedClock()).tokens == ()


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_as_a_timestamp(data: bytes) -> None:
    with pytest.raises(VerificationFailed):
        check(data, MESSAGE, "", name="x")


@given(st.data())
def test_sorting_certificates_never_changes_the_size(local: LocalAuthority, data: st.DataObject) -> None:
    response = bytearray(_response(local))
    at = data.draw(st.integers(0, len(response) - 1))
    response[at] ^= data.draw(st.integers(0, 255))
    with contextlib.suppress(VerificationFailed):
        assert len(sorted_certificates(bytes(response))) == len(response)


_KEPT: dict[str, bytes] = {}


def _response(local: LocalAuthority) -> bytes:
    if "r" not in _KEPT:
        _KEPT["r"] = stamp(MESSAGE, [local.authority], Client(local), SystemClock()).tokens[0].response
    return _KEPT["r"]


@pytest.fixture
def server(local: LocalAuthority) -> Iterator[str]:
    released = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            assert self.headers["Accept"] == "application/timestamp-reply"
            if self.path == "/slow":
                released.wait(20)
            answer = b"" if self.path == "/down" else local.reply(query)
            self.send_response(503 if self.path == "/down" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"127.0.0.1:{listening.server_port}"
        released.set()
        listening.shutdown()
        thread.join()


def test_over_http_only_where_the_address_is_allowed(local: LocalAuthority, server: str) -> None:
    authority = Authority(name="local", url=f"http://{server}/", ca_pem=local.authority.ca_pem)
    down = Authority(name="down", url=f"http://{server}/down", ca_pem=local.authority.ca_pem)
    slow = Authority(name="slow", url=f"http://{server}/slow", ca_pem=local.authority.ca_pem)
    limits = Limits(total_seconds=5.0, idle_seconds=0.5)
    client = HttpTimestampClient(policy=Policy(allow_hosts=frozenset({server}), limits=limits))
    stamping = stamp(MESSAGE, [authority, down, slow], client, SystemClock())
    assert [token.authority for token in stamping.tokens] == ["local"]
    assert "503" in stamping.problems[0].message
    assert "no timestamp from slow" in stamping.problems[1].message
    assert stamp(MESSAGE, [authority], HttpTimestampClient(), SystemClock()).tokens == ()
