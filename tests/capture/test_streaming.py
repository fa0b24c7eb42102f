"""A large download goes into its record while it comes in."""

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testsite.reading import facts, read_warc
from testsite.server import Site
from witnessmark.capture.download import capture_download
from witnessmark.capture.following import Fan
from witnessmark.capture.warc import STORE_ABOVE, OpenRecord
from witnessmark.model.capture import Capture, CaptureState
from witnessmark.model.problem import ProblemCode
from witnessmark.net import Limits, Policy
from witnessmark.net.client import utc_now

MakeSite = Callable[..., Site]
MakePolicy = Callable[..., Policy]
LARGE = STORE_ABOVE + 1_234_567


def download(site: Site, policy: Policy, out: Path) -> Capture:
    return capture_download(site.url + "/big", policy, out, utc_now, secrets.token_bytes)


def whole(site: Site, out: Path, result: Capture) -> None:
    """Body, record and digests are those of what the server sent."""
    known = {f.role: f.sha256 for f in result.files}
    assert (out / "body").read_bytes() == site.big
    assert known["body"] == hashlib.sha256(site.big).hexdigest()
    assert known["warc"] == hashlib.sha256((out / "capture.warc.gz").read_bytes()).hexdigest()
    assert sorted(p.name for p in out.iterdir()) == ["body", "capture.json", "capture.warc.gz"]


@pytest.mark.parametrize("chain", [None, "good"])
def test_a_large_download_is_recorded_byte_for_byte(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, chain: str | None
) -> None:
    site = make_site(chain)
    site.big = secrets.token_bytes(LARGE)
    result = download(site, policy_for(site), tmp_path / "out")
    assert result.state is CaptureState.COMPLETE
    whole(site, tmp_path / "out", result)
    records = read_warc(tmp_path / "out" / "capture.warc.gz")
    (response,) = [r for r in records if r.kind == "response"]
    assert response.block == site.log[0].response
    assert facts(records, site.url + "/big")["response"]["payload_sha256"] == hashlib.sha256(site.big).hexdigest()
    (request,) = [r for r in records if r.kind == "request"]
    assert request.fields["WARC-Concurrent-To"] == response.fields["WARC-Record-ID"]
    assert response.fields["WARC-IP-Address"] == "127.0.0.1"


def test_a_large_download_that_breaks_off_leaves_only_whole_records(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path
) -> None:
    site = make_site()
    site.big, site.cut_big_after = secrets.token_bytes(2 * LARGE), [LARGE, 1_000]
    result = download(site, policy_for(site), tmp_path / "out")
    assert result.state is CaptureState.COMPLETE
    whole_body = (tmp_path / "out" / "body").read_bytes()
    assert whole_body == site.big
    responses = [r for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    assert [r.block for r in responses] == [entry.response for entry in site.log]
    assert [r.fields.get("WARC-Truncated") for r in responses] == ["disconnect", "disconnect", None]


def test_a_large_download_over_the_limit_is_cut_and_labelled(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path
) -> None:
    site = make_site()
    site.big = secrets.token_bytes(2 * LARGE)
    result = download(site, policy_for(site, limits=Limits(body_bytes=LARGE)), tmp_path / "out")
    assert result.state is CaptureState.PARTIAL and ProblemCode.BOUND_BYTES in {p.code for p in result.problems}
    assert (tmp_path / "out" / "body").read_bytes() == site.big[:LARGE]
    (response,) = [r for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    assert response.fields["WARC-Truncated"] == "length" and response.block.endswith(site.big[LARGE - 100 : LARGE])


def test_a_record_that_the_disk_refuses_meanwhile_does_not_cost_the_body(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site()
    site.big = secrets.token_bytes(LARGE)
    feed, fed = OpenRecord.feed, []

    def refuse(record: OpenRecord, data: bytes | memoryview) -> None:
        fed.append(len(data))
        if len(fed) > 4:
            raise OSError(28, os.strerror(28))
        feed(record, data)

    monkeypatch.setattr(OpenRecord, "feed", refuse)
    result = download(site, policy_for(site), tmp_path / "out")
    whole(site, tmp_path / "out", result)
    (response,) = [r for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    assert response.block == site.log[0].response and "WARC-Payload-Digest" in response.fields


def test_on_a_full_disk_the_record_makes_room_for_the_body(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body is refused once while the record is being written; then there is room, as when the record was cut."""
    site = make_site()
    site.big = secrets.token_bytes(LARGE)
    abandon, given_back = OpenRecord.abandon, []
    real = Path.open

    class Full:
        def __init__(self, file: BinaryIO) -> None:
            self.file = file

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def write(self, data: memoryview) -> int:
            if self.file.tell() > LARGE // 2 and not given_back:
                raise OSError(28, os.strerror(28))
            return self.file.write(data[:100_000])  # and never all at once

    def opened(path: Path, mode: str = "r", *more: object, **options: object) -> object:
        file = real(path, mode, *more, **options)  # type: ignore[call-overload]
        return Full(file) if path.name == "body" and mode == "xb" else file

    def give_back(record: OpenRecord) -> None:
        given_back.append(True)
        abandon(record)

    monkeypatch.setattr(OpenRecord, "abandon", give_back)
    monkeypatch.setattr(Path, "open", opened)
    result = download(site, policy_for(site), tmp_path / "out")
    whole(site, tmp_path / "out", result)
    assert given_back == [True] and result.state is CaptureState.COMPLETE
    (response,) = [r for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    assert response.block == site.log[0].response and "WARC-Block-Digest" in response.fields


def test_a_flush_that_failed_on_the_way_is_not_forgotten(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: int) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr("witnessmark.capture.following._flush", broken)
    monkeypatch.setattr("witnessmark.capture.following._FLUSH_EVERY", 1 << 20)
    site = make_site()
    site.big = secrets.token_bytes(LARGE)
    result = download(site, policy_for(site), tmp_path / "out")
    assert result.state is CaptureState.PARTIAL
    assert any("Input/output error" in p.message for p in result.problems)


@given(st.lists(st.tuples(st.binary(max_size=3_000), st.booleans(), st.integers(1, 400)), max_size=30))
@settings(deadline=None, max_examples=30)
def test_every_taker_gets_every_byte_in_order(pieces: list[tuple[bytes, bool, int]]) -> None:
    first, second, expected = bytearray(), bytearray(), bytearray()
    fan = Fan([first.extend, second.extend])
    for piece, in_place, times in pieces:
        data = piece * times
        expected += data
        if in_place:
            while data:
                room = fan.room()
                room[: len(data)] = data[: len(room)]
                fan.add(room[: len(data)])
                data = data[len(room) :]
        else:
            fan.add(memoryview(data))
    assert fan.finish() == [None, None] == fan.finish()
    assert first == second == expected


def test_a_taker_that_fails_does_not_hold_up_the_others() -> None:
    def refuse(_: memoryview) -> None:
        raise OSError(28, "full")

    got = bytearray()
    fan = Fan([refuse, got.extend])
    for _ in range(20):
        fan.add(memoryview(bytes(1 << 20)))
    failures = fan.finish()
    assert isinstance(failures[0], OSError) and failures[1] is None and len(got) == 20 << 20
