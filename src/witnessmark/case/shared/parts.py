"""The parts of a shared case, put together. Loaded by name, and only for a folder with `shared.json`."""

import os
import re
from pathlib import Path

from witnessmark.case.clock import Randomness
from witnessmark.case.lock import CaseLock
from witnessmark.case.parts import Parts
from witnessmark.case.shared.journal import SharedJournal, SharedLock
from witnessmark.case.shared.ledger import Ledger, application
from witnessmark.case.shared.store import SharedStore
from witnessmark.errors import CaseError, NetworkFailed
from witnessmark.model.newsroom import Sharing
from witnessmark.net.objects import Objects
from witnessmark.net.postgres import Database

_CASE = re.compile(r"[0-9a-f]{32}")


def following(folder: Path, sharing: Sharing, here: CaseLock, randomness: Randomness) -> Parts:
    """Blobs, journal and lock that follow the shared ones. Raises CaseError, UsageError."""
    _must_be_known(folder, sharing)
    database = Database(sharing.journal, os.environ, timeout=here.patience + 30, application=application(sharing.case))
    objects = Objects(f"{sharing.blobs.rstrip('/')}/{sharing.case}", os.environ)
    ledger = Ledger(database, sharing.case)
    lock = SharedLock(here, ledger, here.patience)
    try:
        person = ledger.person()
    except NetworkFailed:  # reading goes on with what is here; a writer is told by the lock
        person = None
    except BaseException:
        database.close()
        raise
    store = SharedStore(folder / "blobs", folder / "work", randomness, objects, bound=sharing.cache_bytes)
    journal = SharedJournal(folder / "journal.jsonl", ledger, lock)
    return Parts(store=store, journal=journal, lock=lock, database=database, person=person, people=ledger.people)


def _must_be_known(folder: Path, sharing: Sharing) -> None:
    """A folder can come from anybody: it must not decide to whom this machine logs in, or where blobs are written."""
    if not _CASE.fullmatch(sharing.case):
        raise CaseError(f"{folder} does not say which shared case it follows", hint="Join the case in a new folder.")
    for name, address in (("WITNESSMARK_JOURNAL", sharing.journal), ("WITNESSMARK_BLOBS", sharing.blobs)):
        if os.environ.get(name) != address:
            raise CaseError(
                f"{folder} follows a case shared at {address}, and {name} does not say so",
                hint=f"If that is your newsroom: export {name}={address}",
            )
