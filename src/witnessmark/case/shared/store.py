"""The blobs of a shared case: a local folder of bounded size in front of an object store."""

import fcntl
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.case.clock import Randomness
from witnessmark.case.lock import AtWork
from witnessmark.case.store import Store
from witnessmark.errors import CaseError
from witnessmark.model.fact import Sha256
from witnessmark.net.objects import Objects

TRIES = 5
"""Fetchings of a blob that another process drops at once."""
PINNED = 64
"""Files whose paths were handed out last; they are not dropped."""


class SharedStore(Store):
    """A local folder of blobs in front of a shared one. A blob is acknowledged when the shared store has it."""

    def __init__(self, root: Path, scratch: Path, randomness: Randomness, objects: Objects, *, bound: int) -> None:
        super().__init__(root, scratch, randomness)
        self._objects = objects
        self._bound = bound
        self._pins: OrderedDict[Sha256, int] = OrderedDict()
        self._grown = 0
        self._turn = threading.Lock()

    def has(self, digest: Sha256) -> bool:
        """Whether the blob is here or there."""
        return super().has(digest) or self._objects.size(_name(digest)) is not None

    def size(self, digest: Sha256) -> int:
        """Bytes of a blob, without fetching it. Raises CaseError if it is missing."""
        if super().has(digest):
            return super().size(digest)
        size = self._objects.size(_name(digest))
        if size is None:
            raise _missing(digest)
        return size

    def local(self, digest: Sha256) -> Path:
        """The blob's file on this machine, fetched and checked if it was not here; it stays until the case is closed or
        many others were asked for. Raises CaseError, NetworkFailed."""
        for _ in range(TRIES):
            path = self._here(digest)
            if self._pin(digest, path):
                return path
        raise _dropped(digest)

    def blob(self, digest: Sha256) -> Blob:
        """The blob, mapped; what is mapped stays readable when its file is dropped."""
        for _ in range(TRIES):
            self._here(digest)
            try:
                return Blob.of_path(self.path(digest))
            except FileNotFoundError:  # another process dropped it just now
                continue
            except OSError as error:
                raise CaseError(f"blob {digest} cannot be read: {error.strerror}") from error
        raise _dropped(digest)

    def close(self) -> None:
        """Let go of the files whose paths were handed out."""
        with self._turn:
            while self._pins:
                os.close(self._pins.popitem()[1])

    def _pin(self, digest: Sha256, path: Path) -> bool:
        """Keep the file from being dropped; False if it was dropped before that."""
        with self._turn:
            if digest not in self._pins:
                try:
                    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                except FileNotFoundError:
                    return False
                fcntl.flock(handle, fcntl.LOCK_SH)
                if os.fstat(handle).st_nlink == 0:
                    os.close(handle)
                    return False
                self._pins[digest] = handle
            self._pins.move_to_end(digest)
            if len(self._pins) > PINNED:
                os.close(self._pins.popitem(last=False)[1])
        return True

    def _here(self, digest: Sha256) -> Path:
        path = self.path(digest)
        if not path.is_file():
            self._fetch(digest)
            self._grown += path.stat().st_size
            if self._grown * 10 > self._bound:
                self.trim(keep=digest)
        with suppress(FileNotFoundError):
            os.utime(path)  # the one used longest ago leaves first
        return path

    def digests(self) -> Iterator[Sha256]:
        """All blobs, here and there, sorted."""
        there = {Sha256(name) for name in self._objects.names("blobs")}
        return iter(sorted(there.union(self.here())))

    def put(self, chunks: Iterable[bytes | memoryview]) -> tuple[Sha256, int]:
        """Keep the bytes, here and there."""
        digest, size = super().put(chunks)
        self._share(digest, size)
        return digest, size

    def keep(self, path: Path) -> tuple[Sha256, int]:
        """Keep a finished file, here and there."""
        digest, size = super().keep(path)
        self._share(digest, size)
        return digest, size

    def damage(self, digest: Sha256) -> str:
        """What is wrong with the shared copy, or nothing."""
        have = hashlib.sha256()
        try:
            for piece in self._pieces(digest):
                have.update(piece)
        except CaseError as error:
            return str(error)
        return "" if have.hexdigest() == digest else "the shared copy does not hold the bytes of its name"

    def trim(self, keep: Sha256 | None = None) -> None:
        """Drop local copies above the bound, those used longest ago first, as far as the shared store has them.

        Each was compared with the shared store when it came here or went there.
        """
        self._grown = 0
        with AtWork(self._scratch / ".at-work", alone=True) as nobody_else:
            if not nobody_else:
                return
            files = sorted((path.stat().st_mtime, path) for path in self.root.glob("??/*") if path.is_file())
            total = sum(path.stat().st_size for _, path in files)
            for _, path in files:
                size = path.stat().st_size
                if total <= self._bound:
                    return
                dropping = path.name != keep and self._objects.size(_name(Sha256(path.name))) == size
                if dropping and _drop(path):
                    total -= size

    def share_all(self) -> int:
        """Copy every local blob to the shared store; how many there are."""
        number = 0
        for digest in list(self.here()):
            self._share(digest, self.path(digest).stat().st_size)
            number += 1
        return number

    def _share(self, digest: Sha256, size: int) -> None:
        have = self._objects.size(_name(digest))
        if have is None:
            self._objects.put(self.path(digest), _name(digest))
            have = self._objects.size(_name(digest))
        elif have == size and self.damage(digest):
            have = -1
        if have != size:
            what = "other bytes of the same length" if have == -1 else f"{have} bytes"
            raise CaseError(
                f"the shared store holds {what} under {digest}, not its {size}; nothing was overwritten",
                hint="Have whoever runs the store look at it, then repeat the last step.",
            )

    def _fetch(self, digest: Sha256) -> None:
        """Bring a blob here under its own name, or not at all."""
        kept, _ = super().put(self._pieces(digest))
        if kept != digest:
            self.path(kept).unlink()
            raise CaseError(
                f"the shared store's copy of blob {digest} was changed: its bytes hash to {kept}",
                hint="Restore it from a sealed bundle or a colleague's folder.",
            )

    def _pieces(self, digest: Sha256) -> Iterator[bytes]:
        try:
            yield from self._objects.read(_name(digest))
        except FileNotFoundError:
            raise _missing(digest) from None


def _dropped(digest: Sha256) -> CaseError:
    return CaseError(
        f"blob {digest} was dropped from this machine as soon as it was fetched",
        hint="The bound for local copies is too small for what works here at once; join with a larger --cache.",
    )


def _missing(digest: Sha256) -> CaseError:
    return CaseError(
        f"blob {digest} is neither on this machine nor in the shared store",
        hint="Run `witnessmark case check` to list all damage.",
    )


def _drop(path: Path) -> bool:
    """Remove a copy unless its path was handed out, here or by another process of this machine."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        path.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)


def _name(digest: Sha256) -> str:
    return f"blobs/{digest[:2]}/{digest}"
