"""Other programs' captures: kept unchanged, described, and what they do not say is said."""

import json
import secrets
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testsite.server import Site
from witnessmark.capture.importing import import_file
from witnessmark.capture.page import Request, capture_page
from witnessmark.model.capture import Capture, CaptureKind, CaptureState
from witnessmark.net import Policy
from witnessmark.net.client import utc_now

HAR = {
    "log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [{"title": "Camera"}],
        "entries": [
            {
                "startedDateTime": "2020-11-01T10:00:00.000Z",
                "serverIPAddress": "93.184.216.34",
                "request": {"method": "GET", "url": "https://vendor.example/camera"},
                "response": {"status": 200, "content": {"size": 5, "text": "hello"}},
            },
            {"request": {"url": "https://vendor.example/b"}, "response": {"status": 404, "content": {"size": 9}}},
        ],
    }
}
MHTML = b"""From: <Saved by Blink>\r
Snapshot-Content-Location: https://vendor.example/manual\r
Subject: =?utf-8?Q?=E6=B0=91=E6=97=8F?=\r
Date: Sun, 1 Nov 2020 10:00:00 +0800\r
MIME-Version: 1.0\r
Content-Type: multipart/related;\r
\ttype="text/html";\r
\tboundary="----Boundary"\r
\r
------Boundary\r
Content-Type: text/html\r
Content-Location: https://vendor.example/manual\r
\r
<p>hi\r
------Boundary--\r
"""
SINGLE = b"""<!DOCTYPE html> <html><!--
 Page saved with SingleFile
 url: https://vendor.example/x
 saved date: Sun Nov 01 2020 10:00:00 GMT+0000
--><meta charset=utf-8><title>Old
page</title>"""


def take_in(data: bytes, name: str, folder: Path) -> Capture:
    source = folder / name
    source.write_bytes(data)
    result = import_file(source, folder / f"out-{name}", utc_now, secrets.token_bytes)
    assert (folder / f"out-{name}" / "original").read_bytes() == data
    assert result.kind is CaptureKind.IMPORTED and result.original_name == name
    assert any("were not captured by this program" in text for text in result.unknown)
    return result


def test_a_har_tells_addresses_and_program_but_not_the_wire(tmp_path: Path) -> None:
    result = take_in(json.dumps(HAR).encode(), "saved.har", tmp_path)
    assert result.url == "https://vendor.example/camera" and result.status == 200 and result.exchanges == 2
    assert result.title == "Camera" and result.browser == "WebInspector 537.36"
    assert any("wire" in text for text in result.unknown) and any("certificates" in text for text in result.unknown)
    assert result.state is CaptureState.PARTIAL and "1 answers have no body" in result.problems[0].message
    assert "imported as: HAR" in result.rules


def test_an_mhtml_page_tells_its_address_and_time(tmp_path: Path) -> None:
    result = take_in(MHTML, "page.mhtml", tmp_path)
    assert (result.url, result.title, result.exchanges) == ("https://vendor.example/manual", "民族", 1)
    assert any("2020-11-01T10:00:00+08:00" in rule for rule in result.rules) and result.state is CaptureState.COMPLETE
    cut = take_in(MHTML[:-20], "cut.mhtml", tmp_path)
    assert cut.state is CaptureState.PARTIAL and "no end" in cut.problems[0].message


def test_a_singlefile_page_tells_its_address_and_time(tmp_path: Path) -> None:
    result = take_in(SINGLE, "old.html", tmp_path)
    assert (result.url, result.title, result.browser) == ("https://vendor.example/x", "Old page", "SingleFile")


def test_a_plain_file_tells_nothing_and_that_is_said(tmp_path: Path) -> None:
    result = take_in(b"PDF or whatever", "manual.pdf", tmp_path)
    assert result.state is CaptureState.COMPLETE and result.url == ""
    missing = " ".join(result.unknown)
    assert all(word in missing for word in ("where", "when", "program", "server address", "certificates"))
    stated = import_file(
        tmp_path / "manual.pdf", tmp_path / "o", utc_now, secrets.token_bytes, url="https://a.example/"
    )
    assert stated.url == "https://a.example/" and "the importer's statement" in " ".join(stated.unknown)


@pytest.fixture
def archive(make_site: Callable[..., Site], policy_for: Callable[..., Policy], tmp_path: Path) -> Path:
    site = make_site("good")
    request = Request(url=site.url + "/plain-page", policy=policy_for(site), without_browser=True)
    capture_page(request, tmp_path / "archive", utc_now, secrets.token_bytes)
    return tmp_path / "archive"


@pytest.mark.parametrize("name", ["capture.warc.gz", "capture.wacz"])
def test_an_archive_is_walked_and_its_digests_checked(archive: Path, tmp_path: Path, name: str) -> None:
    result = take_in((archive / name).read_bytes(), name, tmp_path)
    assert result.state is CaptureState.COMPLETE, result.problems
    assert result.browser.startswith("witnessmark") and result.status == 200
    assert any("0 do not" in rule for rule in result.rules)
    assert len(result.unknown) == 2, "only what no archive can tell"


def test_a_changed_or_cut_archive_is_kept_and_labelled(archive: Path, tmp_path: Path) -> None:
    import gzip

    raw = gzip.decompress((archive / "capture.warc.gz").read_bytes())
    changed = take_in(raw.replace(b"nothing else", b"nothing ELSE"), "x.warc", tmp_path)
    assert changed.state is CaptureState.PARTIAL and any("digest" in p.message for p in changed.problems)
    cut = take_in((archive / "capture.warc.gz").read_bytes()[:-300], "y.warc.gz", tmp_path)
    assert cut.state is CaptureState.PARTIAL
    package = tmp_path / "z.wacz"
    with zipfile.ZipFile(archive / "capture.wacz") as old, zipfile.ZipFile(package, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, data + b"\n" if entry.filename.endswith("pages.jsonl") else data)
        new.writestr("archive/extra.txt", b"added")
    result = take_in(package.read_bytes(), "z2.wacz", tmp_path)
    assert {True} == {any(word in p.message for p in result.problems) for word in ("pages.jsonl", "extra.txt")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [b"WARC/1.1\r\n", b"\x1f\x8b\x08", b"PK\x03\x04", b'{"log": {"entries": [', MHTML[:300], SINGLE[:60], b""]
    ),
    st.binary(max_size=400),
    st.sampled_from(["a.warc.gz", "a.har", "a.wacz", "a"]),
)
def test_any_bytes_are_kept_and_described(tmp_path: Path, start: bytes, data: bytes, name: str) -> None:
    folder = tmp_path / secrets.token_hex(8)
    folder.mkdir()
    take_in(start + data, name, folder)
