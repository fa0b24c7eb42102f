"""What a confined process cannot do. Each claim is tried in a real process."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from witnessmark.sandbox import confine, landlock
from witnessmark.sandbox.program import Allowance, ProgramFailed, ProgramMissing, run

ALLOWANCE = Allowance(seconds=5, bytes_out=1 << 20, files_out=100)

PROBE = """
import socket, sys
from pathlib import Path
from witnessmark.sandbox.confine import confine
scratch, allowed, secret = map(Path, sys.argv[1:4])
print(confine(readable=(allowed,), writable=(scratch,)))
def attempt(name, action):
    try:
        action()
        print(name, "worked")
    except OSError as error:
        print(name, "refused")
attempt("read-allowed", lambda: allowed.read_bytes())
attempt("read-secret", lambda: secret.read_bytes())
attempt("write-scratch", lambda: (scratch / "x").write_text("x"))
attempt("write-secret", lambda: secret.write_text("x"))
attempt("socket", lambda: socket.socket())
attempt("execute-scratch", lambda: __import__("subprocess").run([str(scratch / "program")]))
"""


@pytest.fixture
def probe(tmp_path: Path) -> dict[str, str]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "allowed").write_text("allowed")
    (tmp_path / "secret").write_text("secret")
    (scratch / "program").write_text("#!/bin/sh\nexit 0\n")
    (scratch / "program").chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-c", PROBE, scratch, tmp_path / "allowed", tmp_path / "secret"],
        capture_output=True,
        text=True,
        check=True,
    )
    first, *lines = done.stdout.splitlines()
    return {"protection": first, **dict(line.split() for line in lines)}


@pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock")
def test_a_confined_process_reads_its_input_writes_its_scratch_and_nothing_else(probe: dict[str, str]) -> None:
    assert "Landlock" in probe["protection"]
    assert probe["read-allowed"] == probe["write-scratch"] == "worked"
    assert probe["read-secret"] == probe["write-secret"] == probe["execute-scratch"] == "refused"


def test_a_confined_process_has_no_socket(probe: dict[str, str]) -> None:
    if "seccomp" not in probe["protection"]:
        pytest.skip("this kernel or architecture has no seccomp filter of ours")
    assert probe["socket"] == "refused"


def test_a_program_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing):
        run("no-such-program-anywhere", (), output=tmp_path, allowance=ALLOWANCE)


def test_a_program_is_stopped_after_its_time(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ProgramFailed, match="did not end"):
        run("sleep", ("60",), output=tmp_path, allowance=Allowance(seconds=0.3, bytes_out=1000, files_out=10))
    assert time.monotonic() - started < 10


def test_a_program_cannot_write_a_file_above_its_allowance(tmp_path: Path) -> None:
    allowance = Allowance(seconds=20, bytes_out=1 << 20, files_out=10)
    try:
        status = run("dd", ("if=/dev/zero", "of=big", "bs=1M", "count=64"), output=tmp_path, allowance=allowance)
    except ProgramFailed:
        status = -1
    assert status != 0
    assert (tmp_path / "big").stat().st_size <= 1 << 20


def test_what_was_not_put_on_is_named() -> None:
    assert confine.missing("memory limit 3 GiB") == ("Landlock", "seccomp")
    assert confine.missing("memory limit 3 GiB, Landlock 4 (writes to scratch only)") == ("seccomp",)
