"""WARC, index, package and custody without a browser; crashes; command line."""

import gzip
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from testsite.content import ANSWERS
from testsite.reading import read_warc
from testsite.server import Site
from witnessmark.capture.cdxj import body_query, surt
from witnessmark.capture.custody import capture_into
from witnessmark.capture.page import Request, capture_page
from witnessmark.capture.warc import STORE_ABOVE, Block, WarcWriter
from witnessmark.case import create_case
from witnessmark.cli.capture import command
from witnessmark.model.capture import Capture, CaptureKind, CaptureState
from witnessmark.model.evidence import EventKind
from witnessmark.net import Policy
from witnessmark.net.client import utc_now

MakeSite = Callable[..., Site]
MakePolicy = Callable[..., Policy]
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def document(site: Site, policy: Policy, out: Path, path: str = "/redirect/2") -> Capture:
    request = Request(url=site.url + path, policy=policy, without_browser=True)
    return capture_page(request, out, utc_now, secrets.token_bytes)


def test_without_a_browser_the_document_is_kept_and_the_lack_is_said(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path
) -> None:
    site = make_site("good")
    result = document(site, policy_for(site), tmp_path / "out")
    assert (result.kind, result.state) == (CaptureKind.PAGE_WITHOUT_BROWSER, CaptureState.PARTIAL)
    assert any("browser" in p.message for p in result.problems)
    responses = [r.block for r in read_warc(tmp_path / "out" / "capture.warc.gz") if r.kind == "response"]
    assert responses == [e.response for e in site.log] and len(responses) == 3
    assert {f.role for f in result.files} == {"warc", "wacz"} and not (tmp_path / "out" / "unfinished").exists()


def test_no_chromium_on_the_machine_is_a_clear_message(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("witnessmark.capture.page.find_browser", lambda named: None)
    site = make_site()
    request = Request(url=site.url + "/plain-page", policy=policy_for(site))
    result = capture_page(request, tmp_path / "out", utc_now, secrets.token_bytes)
    assert any("no Chromium" in p.message and "--browser" in p.hint for p in result.problems)


def test_a_capture_goes_into_the_case_with_its_journal_entry(
    make_site: MakeSite, policy_for: MakePolicy, tmp_path: Path
) -> None:
    site = make_site("good")
    with create_case(tmp_path / "case", title="T") as case:
        capture, event = capture_into(case, lambda folder: document(site, policy_for(site), folder))
        assert event.type is EventKind.CAPTURED and case.payload(event, Capture) == capture
        for file in capture.files:
            assert case.blob(file.sha256).sha256() == file.sha256
        assert event.network is not None and event.network.tls_version == "TLSv1.3"
        assert event.network.server == f"127.0.0.1:{site.port}" and len(event.network.redirects) == 2
        assert {item.role for item in event.outputs} == {"warc", "wacz"}


def test_the_command_prints_json_and_keeps_its_exit_codes(make_site: MakeSite, tmp_path: Path) -> None:
    site = make_site()

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(command, list(arguments))
        return result.exit_code, result.stdout

    code, text = run(
        site.url + "/length", "--download", "--json", "--out", str(tmp_path / "a"), "--allow-host", site.host
    )
    assert code == 0 and json.loads(text)["state"] == "complete"
    assert (tmp_path / "a" / "body").is_file()
    code, text = run(site.url + "/length", "--download", "--out", str(tmp_path / "b"))
    assert code == 1 and "loopback" in text and "--allow-host" in text
    code, text = run(
        site.url + "/plain-page", "--no-browser", "--out", str(tmp_path / "c"), "--allow-host", "localhost"
    )
    assert code == 4 and "without a browser" in text
    assert run(site.url, "--offline", "--download", "--out", str(tmp_path / "d"), "--allow-host", "localhost")[0] == 1
    assert run()[0] == 2 and run(site.url)[0] == 2


def test_killed_at_any_moment_what_was_there_stays_readable(make_site: MakeSite, tmp_path: Path) -> None:
    """The full count is printed by bench/kills.py; here is enough to notice a regression."""
    site = make_site(extra={"/next": ANSWERS["/length"]})
    site.big = secrets.token_bytes(6_000_000)
    for number, path in enumerate(["/drip", "/big", "/redirect/3"]):
        out = tmp_path / str(number)
        process = subprocess.Popen(
            [sys.executable, "-c", "from witnessmark.cli import main; main()", "capture", site.url + path, "--download",
             "--out", str(out), "--allow-host", site.host],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before = len(site.log)
        while len(site.log) == before and process.poll() is None:
            os.sched_yield()
        process.send_signal(signal.SIGKILL)
        process.wait()
        record = json.loads((out / "capture.json").read_bytes())
        assert record["state"] in ("partial", "complete")
        with (out / "capture.warc.gz").open("rb") as file:
            kinds = []
            try:
                kinds += [record.rec_type for record in ArchiveIterator(file)]
            except (ArchiveLoadFailed, EOFError):
                kinds.append("torn")
        assert kinds[0] == "warcinfo"


@given(st.lists(st.tuples(st.binary(max_size=500), st.text(max_size=60)), max_size=5))
@settings(deadline=None)
def test_any_record_is_read_back_by_warcio_with_its_digests(
    tmp_path_factory: pytest.TempPathFactory, contents: list[tuple[bytes, str]]
) -> None:
    path = tmp_path_factory.mktemp("warc") / "x.warc.gz"
    writer = WarcWriter(path, secrets.token_bytes)
    writer.information(NOW, [("software", "test\r\nEvil: yes")])
    placed = [
        writer.write("resource", f"urn:x:{uri}", NOW, "application/octet-stream", Block.of_bytes(data))
        for data, uri in contents
    ]
    writer.close()
    records = read_warc(path)
    assert [r.block for r in records[1:]] == [data for data, _ in contents]
    assert all("Evil" not in r.fields for r in records)
    assert [r.fields["WARC-Record-ID"] for r in records[1:]] == [p.id for p in placed]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.org/A/b/?Z=1&a=2", "org,example)/a/b?a=2&z=1"),
        ("http://example.org", "org,example)/"),
        ("https://example.org:8443/x", "org,example:8443)/x"),
        ("http://127.0.0.1:80/", "127.0.0.1)/"),
    ],
)
def test_keys_are_sort_friendly(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.mark.parametrize(
    ("kind", "body", "query"),
    [
        ("application/x-www-form-urlencoded", b"a=b%20c&d=%E6%B0%91", "a=b c&d=民"),
        ("application/json", b'{"a": 1, "b": {"a": "x"}, "c": [true, null]}', "a=1&a.2_=x&c=true&c.2_=null"),
        ("application/json", b"{broken", ""),
        ("text/plain", b"hello", "__wb_post_data=aGVsbG8="),
        (
            "multipart/form-data; boundary=q",
            b'--q\r\nContent-Disposition: form-data; name="a"\r\n\r\nb c\r\n--q--\r\n',
            "a=b+c",
        ),
        ("", b"\xff", "__wb_post_data=/w=="),
    ],
)
def test_a_posted_body_becomes_part_of_the_key(kind: str, body: bytes, query: str) -> None:
    assert body_query(kind, body) == query


@given(st.text(max_size=80), st.binary(max_size=300))
def test_any_posted_body_gives_a_bounded_key(kind: str, body: bytes) -> None:
    for media_type in (
        kind,
        "multipart/form-data; boundary=x",
        "application/json",
        "application/x-www-form-urlencoded",
    ):
        assert len(body_query(media_type, body)) <= 4_096


def test_a_record_that_the_disk_refused_leaves_no_half(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path / "x.warc.gz", secrets.token_bytes)
    writer.information(NOW, [("software", "test")])
    missing = Block(parts=(b"begin", tmp_path / "gone"), size=99, sha256=Block.of_bytes(b"").sha256)
    with pytest.raises(OSError, match="gone"):
        writer.write("resource", "urn:x:half", NOW, "text/plain", missing)
    writer.write("resource", "urn:x:after", NOW, "text/plain", Block.of_bytes(b"whole"))
    writer.close()
    assert [r.uri for r in read_warc(writer.path)] == ["", "urn:x:after"] and writer.sha256 is None


@given(st.lists(st.integers(0, 200_000), max_size=4))
@settings(deadline=None, max_examples=20)
def test_large_blocks_are_stored_in_a_valid_gzip_member(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("big")
    pieces = [secrets.token_bytes(size) for size in sizes]
    (folder / "body").write_bytes(b"".join(pieces) + bytes(STORE_ABOVE))
    data = (folder / "body").read_bytes()
    block = Block(parts=(folder / "body",), size=len(data), sha256=Block.of_bytes(data).sha256)
    writer = WarcWriter(folder / "x.warc.gz", secrets.token_bytes)
    writer.write("resource", "urn:x", NOW, "application/zip", block)
    writer.close()
    assert gzip.decompress(writer.path.read_bytes()).endswith(data + b"\r\n\r\n")
    assert writer.sha256 == Block.of_bytes(writer.path.read_bytes()).sha256
