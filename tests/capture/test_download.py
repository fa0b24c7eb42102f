import hashlib
import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from testsite.content import ANSWERS, TEXT
from testsite.reading import facts, read_warc
from testsite.server import Site
from witnessmark.capture.download import capture_download
from witnessmark.errors import UsageError
from witnessmark.model.capture import Capture, CaptureState
from witnessmark.model.problem import ProblemCode
from witnessmark.net import Limits, Policy
from witnessmark.net.client import utc_now

MakeSite = Callable[..., Site]
MakePolicy = Callable[..., Policy]


def download(url: str, policy: Policy, out: Path) -> Capture:
    return capture_download(url, policy, out, utc_now, secrets.token_bytes)


@pytest.mark.parametrize(
    "path", ["/length", "/gzip", "/chunked", "/chunked-gzip", "/close", "/odd", "/cookies", "/escape"]
)
@pytest.mark.parametrize("chain", [None, "good"])
def test_a_download_is_recorded_byte_for_byte(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, path: str, chain: str | None
) -> None:
    site = make_site(chain)
    result = download(site.url + path, policy_for(site), tmp_path / "out")
    assert result.state is CaptureState.COMPLETE and result.status == 200
    records = read_warc(tmp_path / "out" / "capture.warc.gz")
    assert [r.block for r in records if r.kind == "response"] == [ANSWERS[path]]
    assert [r.block for r in records if r.kind == "request"] == [site.log[0].request]
    body = (tmp_path / "out" / "body").read_bytes()
    assert facts(records, site.url + path)["response"]["payload_sha256"] == hashlib.sha256(body).hexdigest()
    assert {f.role: f.sha256 for f in result.files}["body"] == hashlib.sha256(body).hexdigest()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["body", "capture.json", "capture.warc.gz"]


def test_a_download_goes_on_where_it_broke_off(make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path) -> None:
    site = make_site()
    site.big, site.cut_big_after = secrets.token_bytes(3_000_000), [700_000, 0, 1_000_000]
    result = download(site.url + "/big", policy_for(site), tmp_path / "out")
    assert result.state is CaptureState.COMPLETE and (tmp_path / "out" / "body").read_bytes() == site.big
    responses = [r for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    assert [r.block for r in responses] == [entry.response for entry in site.log]
    assert [r.fields.get("WARC-Truncated") for r in responses] == ["disconnect", "disconnect", "disconnect", None]
    assert b"Range: bytes=700000-" in site.log[1].request and b"If-Range: " in site.log[1].request


@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_a_file_that_changed_meanwhile_is_fetched_anew(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, heeds_if_range: bool
) -> None:
    site = make_site()
    site.heeds_if_range = heeds_if_range
    site.big, site.cut_big_after = b"old" * 100_000, [1_000]
    result = capture_download(
        site.url + "/big", policy_for(site), tmp_path / "out", utc_now, secrets.token_bytes,
        say=lambda _: setattr(site, "big", b"new" * 90_000),
    )  # fmt: skip
    assert (tmp_path / "out" / "body").read_bytes() == b"new" * 90_000
    assert result.state is CaptureState.COMPLETE
    assert any("began again" in p.message or "changed" in p.message for p in result.problems)


def test_redirects_of_a_download_are_recorded_too(make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path) -> None:
    site = make_site()
    result = download(site.url + "/redirect/2", policy_for(site), tmp_path / "out")
    assert [hop.status for hop in result.redirects] == [302, 302] and result.final_url.endswith("/pixel.png")
    responses = [r.block for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    assert responses == [entry.response for entry in site.log]


@pytest.mark.parametrize(
    ("path", "state", "code"),
    [
        ("/truncated", CaptureState.PARTIAL, ProblemCode.TRUNCATED),
        ("/endless", CaptureState.PARTIAL, ProblemCode.BOUND_BYTES),
        ("/missing", CaptureState.PARTIAL, ProblemCode.NETWORK),
        ("/header-bomb", CaptureState.REFUSED, ProblemCode.NETWORK),
        ("/to-private", CaptureState.REFUSED, ProblemCode.REFUSED),
        ("/loop", CaptureState.REFUSED, ProblemCode.NETWORK),
    ],
)
def test_a_download_that_fails_is_kept_and_labelled(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, path: str, state: CaptureState, code: ProblemCode
) -> None:
    site = make_site()
    policy = policy_for(site, limits=Limits(body_bytes=1 << 20, idle_seconds=5, total_seconds=20))
    result = download(site.url + path, policy, tmp_path / "out")
    assert result.state is state and code in {p.code for p in result.problems}
    assert json.loads((tmp_path / "out" / "capture.json").read_bytes())["state"] == state.value
    responses = [r for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    if path == "/truncated":
        assert (tmp_path / "out" / "body").read_bytes() == TEXT[:400]
        assert {r.block for r in responses} == {ANSWERS[path]}
    if path == "/endless":
        assert (tmp_path / "out" / "body").stat().st_size == 1 << 20
        assert responses[-1].fields["WARC-Truncated"] == "length"


def test_the_name_a_server_proposes_is_never_a_path(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path
) -> None:
    site = make_site()
    result = download(site.url + "/escape", policy_for(site), tmp_path / "deep" / "out")
    assert result.original_name == "../../../evil.sh"
    assert not list(tmp_path.rglob("*evil*")) and (tmp_path / "deep" / "out" / "body").is_file()


def test_nothing_is_ever_overwritten(make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path) -> None:
    site = make_site()
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(UsageError, match="not empty"):
        download(site.url + "/length", policy_for(site), tmp_path)
    assert (tmp_path / "mine").read_text() == "precious" and site.log == []


@pytest.mark.parametrize("killed", [True, False])
def test_a_download_that_another_run_left_is_gone_on_with(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, killed: bool
) -> None:
    site, old = make_site(), tmp_path / "old"
    site.big, site.cut_big_after = secrets.token_bytes(500_000), [100_000, 0, 0, 0, 0, 0]
    assert download(site.url + "/big", policy_for(site), old).state is CaptureState.PARTIAL
    if killed:  # as a kill leaves it: the head beside the body, no record of the attempt
        (old / "unfinished").mkdir()
        head = site.log[0].response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        (old / "unfinished" / "000001.response").write_bytes(head)
        (old / "capture.warc.gz").unlink()
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    asked = len(site.log)
    result = capture_download(
        site.url + "/big", policy_for(site), tmp_path / "new", utc_now, secrets.token_bytes, resume=old
    )
    assert result.state is CaptureState.COMPLETE and (tmp_path / "new" / "body").read_bytes() == site.big
    assert len(site.log) == asked + 1 and b"Range: bytes=100000-" in site.log[-1].request
    assert any("first 100000 bytes" in p.message for p in result.problems)
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before
    with pytest.raises(UsageError):
        capture_download(site.url + "/x", policy_for(site), tmp_path / "o", utc_now, secrets.token_bytes, resume=old)
