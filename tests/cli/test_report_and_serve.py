import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from web.served import a_finding, a_report
from witnessmark.case import create_case
from witnessmark.cli.report import FORMS
from witnessmark.cli.report import command as report
from witnessmark.model.evidence import Actor, EventKind

PROGRAM = "import sys; from witnessmark.cli import main; main(sys.argv[1:])"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    with create_case(tmp_path / "case", title="T", vendor="Examplia", actor=Actor(name="A.")) as case:
        case.record(EventKind.SCANNED, a_report(a_finding(1)))
    return tmp_path / "case"


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"pdf"}))
def test_each_form_says_what_was_found(case: Path, form: str):
    result = CliRunner().invoke(report, [str(case), f"--{form}"])
    assert result.exit_code == 0
    assert "One group against the rest" in result.output


def test_the_letter_carries_sender_and_deadline(case: Path):
    asked = ["--letter", "--sender", "A. Reporter", "--deadline", "2026-03-10T17:00Z"]
    result = CliRunner().invoke(report, [str(case), *asked])
    assert "A. Reporter" in result.output and "10 March 2026, 17:00 UTC" in result.output


def test_a_report_changes_nothing_in_the_case(case: Path):
    before = {path: path.read_bytes() for path in case.rglob("*") if path.is_file()}
    assert CliRunner().invoke(report, [str(case)]).exit_code == 0
    assert {path: path.read_bytes() for path in case.rglob("*") if path.is_file()} == before


def test_serve_prints_a_link_and_stops_quietly(case: Path):
    server = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "serve", str(case), "--actor", "B."], stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    with server:
        link = server.stderr.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/open\?token=[0-9a-f]{48}", link)
        with urllib.request.urlopen(link, timeout=30) as answer:
            assert answer.status == 200
        os.kill(server.pid, signal.SIGINT)
        rest = server.stderr.read()
    assert server.returncode == 0
    assert "Traceback" not in rest


def test_a_folder_that_is_no_case_is_an_error_with_a_hint(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "serve", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "is not a case" in done.stderr
