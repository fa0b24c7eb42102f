"""Let an installed program unpack a file into a folder, with its time, output and memory bounded."""

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

POLL = 0.05


class ProgramMissing(Exception):
    """No such program is installed."""


class ProgramFailed(Exception):
    """The program ended with an error, ran out of its time, or wrote more than it may."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one run may cost."""

    seconds: float
    bytes_out: int
    files_out: int


def installed(name: str) -> str | None:
    """Where the program is, or None."""
    return shutil.which(name)


def run(
    name: str,
    arguments: tuple[str, ...],
    *,
    output: Path,
    allowance: Allowance,
    tick: Callable[[], None] = lambda: None,
) -> int:
    """Run and wait; returns the exit status. Raises ProgramMissing, ProgramFailed.

    The program sees no input, no terminal and an environment of four names. Where this process is confined, so is it.
    """
    path = installed(name)
    if path is None:
        raise ProgramMissing(name)
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "HOME": os.fspath(output)}
    environment["TMPDIR"] = os.fspath(output.parent)
    deadline = time.monotonic() + allowance.seconds
    with _files_at_most(allowance.bytes_out):
        process = subprocess.Popen(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=output,
            start_new_session=True,
        )
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (allowance.bytes_out, allowance.bytes_out))
    resource.prlimit(process.pid, resource.RLIMIT_CPU, (int(allowance.seconds) + 1, int(allowance.seconds) + 2))
    pause = 0.002
    try:
        while True:
            try:
                return process.wait(pause)
            except subprocess.TimeoutExpired:
                tick()
            pause = min(pause * 2, POLL)
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{name} did not end within {allowance.seconds:g} s")
            if pause >= POLL and not _within(output, allowance):
                raise ProgramFailed(f"{name} wrote more than it may")
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.poll()  # it ended by itself
        process.wait()


@contextmanager
def _files_at_most(size: int) -> Iterator[None]:
    """What is started inside has this bound from its first instruction; this process writes nothing meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    bounds = [bound for bound in (size, soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _within(folder: Path, allowance: Allowance) -> bool:
    files = size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            files += 1
            try:
                size += os.lstat(os.path.join(parent, name)).st_blocks * 512  # noqa: PTH118  called often
            except OSError:
                continue  # gone in the meantime
            if files > allowance.files_out or size > allowance.bytes_out:
                return False
    return True
