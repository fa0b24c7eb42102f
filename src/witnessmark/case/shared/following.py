"""The parts of a case that follow a shared journal and a shared store."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.case.clock import Randomness
from witnessmark.case.disk import cannot_write
from witnessmark.case.journal import Journal, check_length, encode
from witnessmark.case.lock import AtWork, CaseLock
from witnessmark.case.merkle import leaf_hash
from witnessmark.case.shared.ledger import Ledger
from witnessmark.case.store import Store
from witnessmark.errors import CaseError, NetworkFailed
from witnessmark.model.evidence import Event
from witnessmark.model.fact import Sha256
from witnessmark.net.objects import Objects

FRESH = 0.5
"""Seconds for which a reader takes what was fetched last."""


class SharedLock:
    """First the lock of this machine's folder, then the one that the database keeps for everybody."""

    def __init__(self, here: CaseLock, ledger: Ledger, patience: float) -> None:
        self.here = here
        self.patience = patience
        self._ledger = ledger
        self._depth = 0

    @property
    def held(self) -> bool:
        """Whether nobody else can add an entry now."""
        return self._depth > 0

    def __enter__(self) -> "SharedLock":
        """Wait up to `patience` seconds for each. Raises CaseBusy, CaseError or NetworkFailed."""
        self.here.__enter__()
        try:
            if self._depth == 0:
                self._ledger.lock(self.patience)
            self._depth += 1
        except BaseException:
            self.here.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        self._depth -= 1
        try:
            if self._depth == 0:
                self._ledger.unlock()
        finally:
            self.here.__exit__()

    def close(self) -> None:
        """Give back the file."""
        self.here.close()


class SharedJournal(Journal):
    """A copy of the shared journal in `journal.jsonl`, each entry checked before it is written down.

    What this copy has seen cannot be changed in the database without notice: the chain of what comes later has to
    begin at the last line seen here.
    """

    def __init__(self, path: Path, ledger: Ledger, lock: SharedLock) -> None:
        super().__init__(path)
        self._ledger = ledger
        self._lock = lock
        self._asked = float("-inf")

    def catch_up(self) -> int:
        """Read what this copy has, then what others added since. Never leaves a torn line: the database has it whole.

        Without the database a reader gets what is here, and `unreachable` says so; a writer gets NetworkFailed.
        """
        with self._lock.here:
            if super().catch_up():
                self.cut()
            if self._lock.held or time.monotonic() - self._asked > FRESH:
                try:
                    self._fetch()
                    self.unreachable = ""
                except NetworkFailed as error:
                    self.unreachable = str(error)
                    if self._lock.held:
                        raise
                self._asked = time.monotonic()
        return 0

    def append(self, event: Event) -> None:
        """Add one entry to the shared journal, then to this copy."""
        line = encode(event)
        check_length(line)
        self._ledger.add(event.seq, str(event.type), line, self._lock.patience)
        try:
            super().append(event)
        except CaseError:
            # The entry is recorded, as was asked. This copy lacks it (a full disk here) and fetches it later.
            self._asked = float("-inf")

    def damage(self) -> Iterator[str]:
        """What differs between the database and what this machine has seen. Raises NetworkFailed."""
        with self._lock.here:
            rows = self._ledger.after(-1)
            for seq, line in enumerate(self.lines()):
                there = next(rows, None)
                if there is None:
                    yield f"entry {seq} and all after it are not in the database any more"
                    return
                if there != (seq, line):
                    yield f"entry {seq} in the database is not the one that this machine has seen"

    def _fetch(self) -> None:
        rows = self._ledger.after(self.head.size - 2)
        if self.head.size:
            last = next(rows, None)
            if last is None or leaf_hash(last[1]).hex() != self.head.previous:
                raise CaseError(
                    f"custody journal: entry {self.head.size - 1} in the database is not the one this machine has seen",
                    hint="The shared journal was changed. Keep this folder as it is: its copy is the evidence of that.",
                )
        trial, page = deepcopy(self.head), bytearray()
        for _, line in rows:
            trial.step(line)
            page += line + b"\n"
            if len(page) > 8 << 20:
                self._write_down(page)
        self._write_down(page)

    def _write_down(self, page: bytearray) -> None:
        """Add checked lines to this copy and read them as any journal is read."""
        if not page:
            return
        try:
            self._write(self._open(), bytes(page))
        except OSError as error:
            raise cannot_write(error, "this machine's copy of the journal") from error
        page.clear()
        super().catch_up()


class SharedStore(Store):
    """A local folder of blobs in front of a shared one. A blob is acknowledged when the shared store has it."""

    def __init__(self, root: Path, scratch: Path, randomness: Randomness, objects: Objects, *, bound: int) -> None:
        super().__init__(root, scratch, randomness)
        self._objects = objects
        self._bound = bound

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
        """The blob's file on this machine, fetched and checked if it was not here. Raises CaseError, NetworkFailed."""
        path = self.path(digest)
        if not path.is_file():
            self._fetch(digest)
        os.utime(path)  # the one used longest ago leaves first
        return path

    def blob(self, digest: Sha256) -> Blob:
        """The blob, mapped."""
        self.local(digest)
        return super().blob(digest)

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

    def trim(self) -> None:
        """Drop local copies above the bound, those used longest ago first, if the shared store's copy is whole.

        All of that copy is read: the one here may be the last that is.
        """
        with AtWork(self._scratch / ".at-work", alone=True) as nobody_else:
            if not nobody_else:
                return
            files = sorted((path.stat().st_mtime, path) for path in self.root.glob("??/*") if path.is_file())
            total = sum(path.stat().st_size for _, path in files)
            for _, path in files:
                size = path.stat().st_size
                if total <= self._bound:
                    return
                if not self.damage(Sha256(path.name)):
                    path.unlink()
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
        if have != size:
            raise CaseError(
                f"the shared store holds {have} bytes under {digest}, not {size}; nothing was overwritten",
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


def _missing(digest: Sha256) -> CaseError:
    return CaseError(
        f"blob {digest} is neither on this machine nor in the shared store",
        hint="Run `witnessmark case check` to list all damage.",
    )


def _name(digest: Sha256) -> str:
    return f"blobs/{digest[:2]}/{digest}"
