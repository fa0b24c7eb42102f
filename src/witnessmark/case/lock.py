"""One writer at a time, whatever the number of processes and threads."""

import fcntl
import os
import threading
import time
from pathlib import Path

from witnessmark.case.disk import cannot_write
from witnessmark.errors import CaseBusy


class CaseLock:
    """A re-entrant lock on `lock`; the kernel lets go of it when a process dies."""

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self.patience = patience
        self._threads = threading.RLock()
        self._handle: int | None = None
        self._depth = 0

    def __enter__(self) -> "CaseLock":
        """Wait up to `patience` seconds. Raises CaseBusy after that, CaseError where the disk cannot be written."""
        self._threads.acquire()
        try:
            if self._depth == 0:
                self._take()
            self._depth += 1
        except BaseException:
            self._threads.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        self._depth -= 1
        if self._depth == 0 and self._handle is not None:
            fcntl.flock(self._handle, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        """Give back the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _take(self) -> None:
        try:
            if self._handle is None:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise cannot_write(error, "the case's lock") from error
        deadline = time.monotonic() + self.patience
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise CaseBusy(
                        f"another process is writing to this case (waited {self.patience:g} s)",
                        hint="Wait until it is done; the case can be read meanwhile.",
                    ) from None
                time.sleep(0.01)


class AtWork:
    """Marks that something in `work/` is in use. Any number may hold it; recovery waits until nobody does."""

    def __init__(self, path: Path, *, alone: bool = False) -> None:
        self._path = path
        self._mode = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        self._handle = -1

    def __enter__(self) -> bool:
        """Take part (waits for a recovery to end) or, with `alone`, say at once whether nobody else is there."""
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._handle, self._mode | (fcntl.LOCK_NB if self._mode == fcntl.LOCK_EX else 0))
        except BlockingIOError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        """Leave; the kernel does the same when a process dies."""
        os.close(self._handle)
