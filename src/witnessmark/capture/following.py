"""Hash on a thread of its own while the bytes are being written, so that one does not wait for the other."""

import hashlib
import queue
import threading

from witnessmark.model.fact import Sha256

_WAITING = 64  # pieces; a disk that is faster than the hash waits here


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

    def hexdigest(self) -> Sha256:
        """The digest of all of it."""
        self._queue.put(None)
        self._thread.join()
        return Sha256(self._digest.hexdigest())

    def _work(self) -> None:
        while (data := self._queue.get()) is not None:
            self._digest.update(data)
