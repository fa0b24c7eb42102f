"""Hash, record and flush on threads of their own while bytes come in, so that nothing waits for anything else."""

import hashlib
import os
import queue
import threading
from collections.abc import Callable, Sequence

from witnessmark.model.fact import Sha256

_WAITING = 64  # pieces; a disk that is faster than the hash waits here
_BUFFERS = 8
_BUFFER = 512 << 10
_SMALL = 64 << 10  # less room than this is not worth a system call
_FLUSH_EVERY = 32 << 20

Take = Callable[[memoryview], object]


class FollowingHash:
    """A SHA-256 that is fed from one thread and computed on another. Ask for the digest once, at the end."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._queue: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes; a view is copied, since its buffer may be used again."""
        self._queue.put(data if isinstance(data, bytes) else bytes(data))

    def update_here(self, data: bytes | memoryview) -> None:
        """Take the next bytes on the caller's own thread, without a copy, after all that was handed over before."""
        self._queue.join()
        self._digest.update(data)

    def hexdigest(self) -> Sha256:
        """The digest of all of it."""
        self._queue.put(None)
        self._thread.join()
        return Sha256(self._digest.hexdigest())

    def _work(self) -> None:
        while (data := self._queue.get()) is not None:
            self._digest.update(data)
            self._queue.task_done()


class _Buffer:
    """One piece of memory and how many still read it."""

    def __init__(self) -> None:
        self.memory = bytearray(_BUFFER)
        self.filled = 0
        self.readers = 0


class Fan:
    """Memory to receive into, whose bytes several takers read at once, each on a thread of its own, in order.

    A few buffers go round, so what comes in waits for the slowest taker. Use it in `with` or call `finish`.
    """

    def __init__(self, takers: Sequence[Take]) -> None:
        self._free: queue.SimpleQueue[_Buffer] = queue.SimpleQueue()
        for _ in range(_BUFFERS):
            self._free.put(_Buffer())
        self._at = self._free.get()
        self._lock = threading.Lock()
        self._lanes = [_Lane(take, self._let_go) for take in takers]
        self._over = False

    def room(self) -> memoryview:
        """Where the next bytes may be received. What is put there counts once it is given to `add`."""
        if _BUFFER - self._at.filled < _SMALL:
            self._hand_over()
        return memoryview(self._at.memory)[self._at.filled :]

    def add(self, data: memoryview) -> None:
        """The next bytes; those that start where `room` began are taken in place, others are copied."""
        if data.obj is self._at.memory:
            self._at.filled += len(data)
            return
        while len(data):
            room = self.room()
            fits = data[: len(room)]
            room[: len(fits)] = fits
            self._at.filled += len(fits)
            data = data[len(fits) :]

    def finish(self) -> list[Exception | None]:
        """Wait until every taker has all of it: what each of them failed with, or None. The second time, the same."""
        if not self._over:
            self._over = True
            self._hand_over(last=True)
            for lane in self._lanes:
                lane.join()
        return [lane.failure for lane in self._lanes]

    def _hand_over(self, *, last: bool = False) -> None:
        full = self._at
        full.readers = len(self._lanes)
        for lane in self._lanes:
            lane.queue.put(full)
            if last:
                lane.queue.put(None)
        if not last:
            if not self._lanes:
                full.filled = 0
                return
            self._at = self._free.get()

    def _let_go(self, buffer: _Buffer) -> None:
        with self._lock:
            buffer.readers -= 1
            if buffer.readers == 0:
                buffer.filled = 0
                self._free.put(buffer)


class _Lane:
    """One taker's thread. After a failure the rest passes by unread."""

    def __init__(self, take: Take, let_go: Callable[[_Buffer], None]) -> None:
        self.queue: queue.SimpleQueue[_Buffer | None] = queue.SimpleQueue()
        self.failure: Exception | None = None
        self._take, self._let_go = take, let_go
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _work(self) -> None:
        while (buffer := self.queue.get()) is not None:
            if self.failure is None:
                try:
                    self._take(memoryview(buffer.memory)[: buffer.filled])
                except OSError as error:
                    self.failure = error
            self._let_go(buffer)


class Flusher:
    """Has the disk keep files while they are still being written, so that the last flush finds little to do.

    A failure is reported to a file handle once; it is kept here and raised by `finish`.
    """

    def __init__(self) -> None:
        self.handles: tuple[int, ...] = ()  # what is flushed
        self._waiting = 0
        self._wanted = threading.Event()
        self._over = False
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def watch(self, *handles: int) -> None:
        """Flush these from now on; they stay open until `finish`."""
        self.handles = handles
        if not self._thread.ident:
            self._thread.start()

    def wrote(self, count: int) -> None:
        """So many bytes more have been written."""
        self._waiting += count
        if self._waiting >= _FLUSH_EVERY:
            self._waiting = 0
            self._wanted.set()

    def finish(self) -> None:
        """Stop. Raises OSError when a flush on the way failed: then nothing that was written is certain."""
        self._over = True
        self._wanted.set()
        if self._thread.ident:
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._over:
                return
            for handle in self.handles:
                try:
                    _flush(handle)
                except OSError as error:
                    self._failure = self._failure or error


_flush: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
