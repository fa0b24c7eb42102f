"""What a case is made of: blobs, journal and lock on this disk alone, or following a shared case."""

import os
from dataclasses import dataclass
from pathlib import Path

from witnessmark.case.clock import Randomness
from witnessmark.case.journal import Journal
from witnessmark.case.lock import CaseLock
from witnessmark.case.shared.following import SharedJournal, SharedLock, SharedStore
from witnessmark.case.shared.ledger import Ledger
from witnessmark.case.shared.pointer import read_sharing
from witnessmark.case.store import Store
from witnessmark.errors import CaseError, NetworkFailed, NotAllowed, UsageError
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.newsroom import Person, Sharing
from witnessmark.net.objects import Objects
from witnessmark.net.postgres import Database


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Blobs, journal and lock. `person` is who is logged in to a shared case; None for a case of one's own."""

    store: Store
    journal: Journal
    lock: CaseLock | SharedLock
    database: Database | None = None
    person: Person | None = None

    def actor(self, given: Actor) -> Actor:
        """Who acts: in a shared case only ever the person who is logged in. Raises NotAllowed for another name."""
        if self.person is None:
            return given
        if given.name not in (Actor().name, self.person.name):
            raise NotAllowed(
                f"in this shared case you are {self.person.name}, not {given.name}",
                hint="Leave --actor out; the database knows who is logged in.",
            )
        roles = ", ".join(self.person.roles)
        return Actor(name=self.person.name, role=given.role or roles, virtual_identity=given.virtual_identity)

    def allows(self, kind: EventKind) -> bool:
        """Whether whoever is at work may add such an entry."""
        return self.person is None or self.person.may(kind)

    def must_allow(self, kind: EventKind) -> None:
        """Raises NotAllowed if the person who is logged in may not add such an entry."""
        if self.person is not None and not self.allows(kind):
            roles = ", ".join(self.person.roles) or "no role"
            raise NotAllowed(
                f"{self.person.name} ({roles}) may not add an entry of the kind “{kind}” to this shared case",
                hint="Whoever runs the database can give you another role.",
            )

    def close(self) -> None:
        """Give back files and the connection."""
        self.journal.close()
        self.lock.close()
        if self.database is not None:
            self.database.close()


def parts_of(folder: Path, randomness: Randomness, patience: float) -> Parts:
    """The parts of the case in a folder. Without the network a shared case can be read as far as it is here."""
    sharing = read_sharing(folder)
    here = CaseLock(folder / "lock", patience)
    if sharing is None:
        store = Store(folder / "blobs", folder / "work", randomness)
        return Parts(store=store, journal=Journal(folder / "journal.jsonl"), lock=here)
    return _following(folder, sharing, here, randomness, patience)


def _following(folder: Path, sharing: Sharing, here: CaseLock, randomness: Randomness, patience: float) -> Parts:
    _must_be_known(folder, sharing)
    database = Database(sharing.journal, os.environ)
    ledger = Ledger(database, sharing.case)
    lock = SharedLock(here, ledger, patience)
    try:
        person = ledger.person()
    except NetworkFailed:  # reading goes on with what is here; a writer is told by the lock
        person = None
    except UsageError:
        database.close()
        raise
    objects = Objects(f"{sharing.blobs.rstrip('/')}/{sharing.case}", os.environ)
    store = SharedStore(folder / "blobs", folder / "work", randomness, objects, bound=sharing.cache_bytes)
    journal = SharedJournal(folder / "journal.jsonl", ledger, lock)
    return Parts(store=store, journal=journal, lock=lock, database=database, person=person)


def _must_be_known(folder: Path, sharing: Sharing) -> None:
    """A folder can come from anybody: it must not decide to whom this machine logs in."""
    for name, address in (("WITNESSMARK_JOURNAL", sharing.journal), ("WITNESSMARK_BLOBS", sharing.blobs)):
        if os.environ.get(name) != address:
            raise CaseError(
                f"{folder} follows a case shared at {address}, and {name} does not say so",
                hint=f"If that is your newsroom: export {name}={address}",
            )
