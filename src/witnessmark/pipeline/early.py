"""One worker process started before there is anything to tell it, so that it imports while its driver does."""

import atexit
import subprocess
from contextlib import suppress

from witnessmark.sandbox.spawn import start_worker

MODULE = "witnessmark.pipeline.worker"
_waiting: list["subprocess.Popen[bytes]"] = []


def start() -> None:
    """Start a worker that the next scan of this process takes; it ends with this process if none does."""
    if not _waiting:
        _waiting.append(start_worker(MODULE, None))
        atexit.register(_end)


def take() -> "subprocess.Popen[bytes] | None":
    """The worker that waits, if one does and is alive."""
    while _waiting:
        process = _waiting.pop()
        if process.poll() is None:
            return process
        _close(process)
    return None


def _end() -> None:
    while _waiting:
        process = _waiting.pop()
        process.kill()
        process.wait()
        _close(process)


def _close(process: "subprocess.Popen[bytes]") -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
