"""Scanning from end to end, with real worker processes."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from witnessmark.cli.scan import command
from witnessmark.errors import UsageError
from witnessmark.knowledge import Knowledge, load_knowledge
from witnessmark.model.finding import ScanReport
from witnessmark.model.problem import ProblemCode, Severity
from witnessmark.pipeline import ScanOptions, result_cache, scan
from witnessmark.unpack import registry
from witnessmark.unpack.unpacker import Limits

HEADER = (
    "typedef enum {\n    EM_NATION_TYPE_UNKNOWN = 0,\n    EM_NATION_TYPE_UYGUR = 1, // 维吾尔族\n} EM_NATION_TYPE;\n"
)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patterns")


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def product(folder: Path) -> Path:
    """A small download: plain files, an archive, and an archive in an archive."""
    folder.mkdir()
    (folder / "readme.txt").write_text("Nothing of interest.\n")
    (folder / "sdk.zip").write_bytes(
        zipped({"include/sdk.h": HEADER.encode(), "inner.gz": gzip.compress(b"inner", mtime=0)})
    )
    big = zipped({f"{number}.h": HEADER.encode("gb18030") + os.urandom(40_000) for number in range(130)})
    (folder / "big.zip").write_bytes(zipped({"big/inner.zip": big}))
    return folder


def encoded(report: ScanReport) -> bytes:
    return msgspec.json.encode(report)


def test_a_header_in_a_zip_comes_out_with_its_place(tmp_path: Path, knowledge: Knowledge, patterns: Path) -> None:
    target = tmp_path / "sdk.zip"
    target.write_bytes(zipped({"include/sdk.h": HEADER.encode()}))
    report = scan([str(target)], knowledge, ScanOptions(matcher_cache=patterns))
    finding = report.findings[0]
    assert finding.locator.path == ("sdk.zip", "include/sdk.h")
    assert finding.locator.via == ("zip",)
    assert finding.locator.offset is not None
    assert HEADER.encode()[finding.locator.offset :].startswith(b"UYGUR")
    assert finding.locator.top_sha256 and finding.locator.sha256
    assert report.coverage.members_seen == 2
    assert report.problems == ()


def test_the_number_of_jobs_does_not_change_a_byte(tmp_path: Path, knowledge: Knowledge, patterns: Path) -> None:
    target = product(tmp_path / "product")
    reports = [
        encoded(scan([str(target)], knowledge, ScanOptions(jobs=jobs, matcher_cache=patterns))) for jobs in (1, 2, 3)
    ]
    assert reports[0] == reports[1] == reports[2]
    assert b"inner.zip" in reports[0]


def test_a_second_scan_comes_from_the_cache_and_says_the_same(
    tmp_path: Path, knowledge: Knowledge, patterns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = product(tmp_path / "product")
    options = ScanOptions(jobs=2, matcher_cache=patterns, cache=tmp_path / "cache")
    kept: list[str] = []
    store = result_cache.store
    monkeypatch.setattr(result_cache, "store", lambda *a: (kept.append(a[2]), store(*a)))
    first = scan([str(target)], knowledge, options)
    assert kept
    kept.clear()
    assert encoded(scan([str(target)], knowledge, options)) == encoded(first)
    assert kept == [], "everything came from the cache"
    (target / "readme.txt").write_text("Changed.\n")
    scan([str(target)], knowledge, options)
    assert kept, "changed bytes are read again"


def test_a_damaged_cache_entry_counts_as_none(tmp_path: Path, knowledge: Knowledge, patterns: Path) -> None:
    target = product(tmp_path / "product")
    options = ScanOptions(matcher_cache=patterns, cache=tmp_path / "cache")
    first = scan([str(target)], knowledge, options)
    for entry in (tmp_path / "cache" / "results").glob("??/*"):
        entry.write_bytes(entry.read_bytes()[:-1] + b"?")
    assert encoded(scan([str(target)], knowledge, options)) == encoded(first)


def test_the_cache_is_kept_within_its_bound(tmp_path: Path) -> None:
    for number in range(10):
        place = tmp_path / "results" / f"{number:02}" / "x"
        place.parent.mkdir(parents=True)
        place.write_bytes(bytes(1000))
    result_cache.trim(tmp_path, 3500)
    assert len(list((tmp_path / "results").glob("??/*"))) == 3


def test_standard_input_and_names_that_are_not_there(tmp_path: Path, knowledge: Knowledge) -> None:
    with pytest.raises(UsageError, match="there is no"):
        scan([str(tmp_path / "absent")], knowledge)


def test_a_folder_s_links_and_unreadable_kinds_are_reported(
    tmp_path: Path, knowledge: Knowledge, patterns: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "in" / "pipe")
    report = scan([str(tmp_path / "in")], knowledge, ScanOptions(matcher_cache=patterns))
    assert {problem.code for problem in report.problems} == {ProblemCode.LINK, ProblemCode.DEVICE}
    assert report.coverage.members_seen == 0


KILLER = """
import os, signal, sys
from witnessmark.pipeline import stages, worker
real = stages.TaskRun._leaf
def leaf(self, item):
    if item.name == "deadly.h":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item.name == "hanging.h":
        while True: pass
    real(self, item)
stages.TaskRun._leaf = leaf
worker.main()
"""


@pytest.fixture
def deadly_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Workers that die of a real signal at one member and hang at another."""
    script = tmp_path / "deadly_worker.py"
    script.write_text(KILLER)

    def start(module: str, scratch: Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )

    monkeypatch.setattr("witnessmark.pipeline.runner.start_worker", start)
    monkeypatch.setattr("witnessmark.pipeline.runner.GRACE", 0.5)


@pytest.mark.usefixtures("deadly_worker")
def test_a_worker_that_dies_costs_one_member(tmp_path: Path, knowledge: Knowledge, patterns: Path) -> None:
    target = tmp_path / "sdk.zip"
    target.write_bytes(zipped({"a.h": b"first", "deadly.h": b"x" * 10, "sdk.h": HEADER.encode()}))
    report = scan([str(target)], knowledge, ScanOptions(jobs=2, matcher_cache=patterns))
    died = [problem for problem in report.problems if problem.code is ProblemCode.WORKER_DIED]
    assert [problem.locator.path for problem in died if problem.locator] == [("sdk.zip", "deadly.h")]
    assert signal.SIGSEGV.name in died[0].message
    assert any(finding.locator.path == ("sdk.zip", "sdk.h") for finding in report.findings)
    assert report.coverage.members_unread == 1


@pytest.mark.usefixtures("deadly_worker")
def test_a_worker_that_hangs_costs_one_member(tmp_path: Path, knowledge: Knowledge, patterns: Path) -> None:
    target = tmp_path / "sdk.zip"
    target.write_bytes(zipped({"hanging.h": b"x" * 10, "sdk.h": HEADER.encode()}))
    options = ScanOptions(matcher_cache=patterns, limits=Limits(seconds_per_member=1.0))
    report = scan([str(target)], knowledge, options)
    assert [problem.code for problem in report.problems] == [ProblemCode.BOUND_TIME]
    assert any(finding.locator.path == ("sdk.zip", "sdk.h") for finding in report.findings)


def test_scratch_space_is_gone_afterwards_and_swept_after_a_kill(
    tmp_path: Path, knowledge: Knowledge, patterns: Path
) -> None:
    dead = tmp_path / "witnessmark-999999999-left"
    (dead / "deep").mkdir(parents=True)
    (dead / "deep" / "file").write_text("left by a killed run")
    target = product(tmp_path / "product")
    scan([str(target)], knowledge, ScanOptions(matcher_cache=patterns, scratch=tmp_path, limits=Limits(in_memory=1000)))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("witnessmark-")] == []


def test_the_command_prints_json_and_its_exit_code_says_how_it_went(tmp_path: Path) -> None:
    target = tmp_path / "sdk.h"
    target.write_text(HEADER)
    arguments = [str(target), "--json", "--no-cache", "--jobs", "1"]
    done = CliRunner().invoke(command, arguments)
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert report["findings"][0]["locator"]["path"] == ["sdk.h"]
    assert CliRunner().invoke(command, [*arguments, "--fail-on", "named"]).exit_code == 5
    (tmp_path / "cut.zip").write_bytes(zipped({"a.h": HEADER.encode() * 50})[:150])
    assert CliRunner().invoke(command, [str(tmp_path / "cut.zip"), "--json", "--no-cache"]).exit_code == 4


def test_the_cache_knows_every_program_that_a_format_may_use() -> None:
    programs = {unpacker.DOC.program for unpacker in registry.unpackers().values()} - {None}
    assert programs <= set(result_cache.PROGRAMS)


def test_missing_protection_is_said_in_a_note(
    tmp_path: Path, knowledge: Knowledge, patterns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("witnessmark.sandbox.confine.missing", lambda protection: ("Landlock", "seccomp"))
    (tmp_path / "a.txt").write_text("Nothing of interest.\n")
    report = scan([str(tmp_path)], knowledge, ScanOptions(matcher_cache=patterns))
    assert [(problem.code, problem.severity) for problem in report.problems] == [
        (ProblemCode.SANDBOX_WEAK, Severity.NOTE)
    ]
    assert "Landlock and seccomp" in report.problems[0].message
