"""A journal that follows the one in the database, and the turn to write in it."""

import hashlib
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from witnessmark.case.disk import cannot_write
from witnessmark.case.journal import Journal, check_length, encode
from witnessmark.case.lock import CaseLock
from witnessmark.case.merkle import leaf_hash
from witnessmark.case.shared.ledger import Ledger
from witnessmark.errors import CaseError, NetworkFailed
from witnessmark.model.evidence import Event

FRESH = 0.5
"""Seconds for which a reader takes what was fetched last."""
RECHECK = 60.0
"""Seconds after which everything seen earlier is compared with the database again."""


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
    begin at the last line seen here, and at each opening, then once a minute, a digest over all earlier entries is
    compared.
    """

    def __init__(self, path: Path, ledger: Ledger, lock: SharedLock) -> None:
        super().__init__(path)
        self._ledger = ledger
        self._lock = lock
        self._asked = float("-inf")
        self._compared = float("-inf")

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
                raise _rewritten(f"entry {self.head.size - 1} in the database is not the one this machine has seen")
            if time.monotonic() - self._compared >= RECHECK:
                self._compare()
        trial, page = deepcopy(self.head), bytearray()
        for _, line in rows:
            trial.step(line)
            page += line + b"\n"
            if len(page) > 8 << 20:
                self._write_down(page)
        self._write_down(page)

    def _compare(self) -> None:
        """Let the database hash what was seen earlier; if that differs, find out where."""
        leaves = [bytes.fromhex(event.prev) for event in self._events[1:]] + [bytes.fromhex(self.head.previous)]
        if self._ledger.digest(len(leaves)) != hashlib.sha256(b"".join(leaves)).hexdigest():
            raise _rewritten(next(self.damage(), "the database contradicts itself about what this machine has seen"))
        self._compared = time.monotonic()

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


def _rewritten(what: str) -> CaseError:
    return CaseError(
        f"custody journal: {what}",
        hint="The shared journal was changed. Keep this folder as it is: its copy is the evidence of that.",
    )
