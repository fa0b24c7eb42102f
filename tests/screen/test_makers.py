"""Makers named inside scanned files are screened without being asked."""

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.screen import makers_samples as samples
from witnessmark.blob import Blob
from witnessmark.knowledge import load_knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.finding import ScanReport
from witnessmark.model.maker import MakerMark, MakersInside
from witnessmark.pipeline import ScanOptions, scan
from witnessmark.pipeline.makers import MakerScreening
from witnessmark.read.makers import makers_in
from witnessmark.report.output import render

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."
DAHUA = "浙江大华技术股份有限公司"
SBOM = {
    "bomFormat": "CycloneDX",
    "components": [{"name": "x", "supplier": {"name": "Zhejiang Uniview Technologies Co., Ltd."}}],
}


def named(data: bytes, name: str) -> set[tuple[str, MakerMark]]:
    """What one file says of its maker."""
    said = makers_in(Blob.of_bytes(data), Locator(path=(UntrustedText(name),)))
    return {(str(one.name), one.mark) for one in said}


@pytest.fixture(scope="module")
def screening(tmp_path_factory: pytest.TempPathFactory) -> MakerScreening:
    return MakerScreening(day=date(2026, 11, 23), folder=tmp_path_factory.mktemp("no-lists"))


def scanned(folder: Path, screening: MakerScreening | None) -> ScanReport:
    return scan([str(folder)], load_knowledge(None), ScanOptions(makers=screening))


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (samples.program(company=HIKVISION), "a.exe", (HIKVISION, MakerMark.VERSION)),
        (samples.program(signer=HIKVISION), "a.exe", (HIKVISION, MakerMark.SIGNATURE)),
        (samples.signature_block(DAHUA), "META-INF/CERT.EC", (DAHUA, MakerMark.SIGNATURE)),
        (samples.android_package(DAHUA), "a.apk", (DAHUA, MakerMark.SIGNATURE)),
        (b"Manifest-Version: 1.0\r\nImplementation-Vendor: Megvii\r\n", "META-INF/MANIFEST.MF", ("Megvii", MakerMark.MANIFEST)),
        (b"Package: x\nMaintainer: Some Team <a@example.org>\n", "control", ("Some Team", MakerMark.PACKAGE)),
        (b'{"author": {"name": "SenseTime"}}', "package.json", ("SenseTime", MakerMark.PACKAGE)),
        (json.dumps(SBOM).encode(), "bom.json", ("Zhejiang Uniview Technologies Co., Ltd.", MakerMark.SUPPLIER)),
        (b"SPDXVersion: SPDX-2.3\nPackageSupplier: Organization: Yitu\n", "a.spdx", ("Yitu", MakerMark.SUPPLIER)),
        (b"label: FCC ID: 2ADTDDS2CD2T42 ", "label.txt", ("2ADTD", MakerMark.FCC)),
        (b"a: b: c: d:\nmac=44:19:b6:01:02:03\n", "net.conf", ("44-19-B6", MakerMark.OUI)),
    ],
)  # fmt: skip
def test_a_file_says_who_made_it(data: bytes, name: str, says: tuple[str, MakerMark]) -> None:
    assert says in named(data, name)


def test_the_issuer_of_a_certificate_is_not_the_maker() -> None:
    assert named(samples.program(signer="Signer Ltd"), "a.exe") == {("Signer Ltd", MakerMark.SIGNATURE)}


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_damaged_files_name_nobody_and_break_nothing(data: bytes) -> None:
    for start in (b"MZ", b"PK\3\4", b""):
        for name in ("META-INF/X.RSA", "control", "package.json", "bom.json", "x"):
            assert all(2 <= len(text) <= 200 for text, _ in named(start + data, name))
    whole = samples.program(company=HIKVISION)
    named(whole[: len(data) * 4] + data + whole[len(data) * 4 :], "a.exe")


def test_a_scan_screens_what_the_files_inside_name(tmp_path: Path, screening: MakerScreening) -> None:
    inner = samples.archive({"META-INF/CERT.EC": samples.signature_block(DAHUA), "bom.json": json.dumps(SBOM).encode()})
    (tmp_path / "sdk.zip").write_bytes(
        samples.archive({"bin/player.exe": samples.program(HIKVISION), "app.jar": inner})
    )
    report = scanned(tmp_path, screening)
    assert report.makers is not None
    found = {row.mark: row for row in report.makers.resembling}
    assert set(found) == {MakerMark.VERSION, MakerMark.SIGNATURE, MakerMark.SUPPLIER}
    assert found[MakerMark.VERSION].locator.path == ("sdk.zip", "bin/player.exe")
    assert found[MakerMark.VERSION].candidates[0].listed is True
    assert all(row.candidates[0].reasons for row in report.makers.resembling)
    text = render(report, "text").decode()
    assert "makers named inside: 3 makers named inside; 3 resemble list entries." in text
    assert "not a statement that the maker is listed" in " ".join(text.split())
    page = render(report, "html").decode()
    assert "Makers named inside" in page and DAHUA in page
    again = msgspec.json.decode(render(report, "json"), type=ScanReport)
    assert again.makers == report.makers


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_second_scan_that_is_answered_from_the_cache_names_the_same_makers(
    tmp_path: Path, screening: MakerScreening, jobs: int
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sdk.zip").write_bytes(samples.archive({"a.exe": samples.program(HIKVISION)}))
    options = ScanOptions(jobs=jobs, cache=tmp_path / "cache", makers=screening)
    first, second = (scan([str(tmp_path / "in")], load_knowledge(None), options).makers for _ in range(2))
    assert first is not None and first.named == 1
    assert second == first


def test_ordinary_makers_are_only_counted(tmp_path: Path, screening: MakerScreening) -> None:
    for number, company in enumerate(
        ("Microsoft Corporation", "Intel Corporation", "Google LLC", "NVIDIA Corporation")
    ):
        (tmp_path / f"{number}.exe").write_bytes(samples.program(company))
    (tmp_path / "control").write_text("Package: x\nMaintainer: Debian Python Team <x@lists.debian.org>\n")
    (tmp_path / "package.json").write_text('{"author": "Wang Wei"}')
    (tmp_path / "notes.txt").write_text("interfaces: a: b: c: 00:11:22:33:44:55 and FCC ID: BCGA1843")
    report = scanned(tmp_path, screening)
    assert report.makers is not None
    assert (report.makers.named, report.makers.resembling) == (6, ())
    text = render(report, "text").decode()
    assert "6 makers named inside; none resembles an entry" in text and "Microsoft" not in text


def test_codes_lead_to_the_firm_that_they_were_given_to(tmp_path: Path, screening: MakerScreening) -> None:
    (tmp_path / "label.txt").write_text("FCC ID: 2ADTDDS2CD2T42")
    report = scanned(tmp_path, screening)
    assert report.makers is not None
    (row,) = report.makers.resembling
    assert (row.name, row.mark) == ("2ADTD", MakerMark.FCC)
    assert "Hikvision" in row.candidates[0].name


def test_without_screening_the_report_says_nothing_of_makers(tmp_path: Path) -> None:
    (tmp_path / "a.exe").write_bytes(samples.program(HIKVISION))
    report = scanned(tmp_path, None)
    assert report.makers is None
    assert b"makers named" not in render(report, "text")


def test_no_maker_is_screened_without_lists_being_read(screening: MakerScreening) -> None:
    assert screening(()) == MakersInside(as_of="2026-11-23", lists=(), named=0)
