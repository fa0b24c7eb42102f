"""What a case is made of: blobs, journal and lock on this disk alone, or following a shared case."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from witnessmark.case.clock import Randomness
from witnessmark.case.journal import Journal
from witnessmark.case.lock import CaseLock
from witnessmark.case.shared.pointer import read_sharing
from witnessmark.case.store import Store
from witnessmark.errors import NotAllowed
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.newsroom import MAY, Person, Presence

PROGRAM = "witnessmark "
"""How the names begin under which commands act that nobody sits at."""


class Lock(Protocol):
    """Keeps everybody else from adding an entry. Re-entrant."""

    def __enter__(self) -> object:
        """Wait for it. Raises CaseBusy."""

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""

    def close(self) -> None:
        """Give back the file."""


class Closing(Protocol):
    """Something to give back."""

    def close(self) -> None:
        """Give it back."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Blobs, journal and lock. `person` is who is logged in to a shared case; None for a case of one's own."""

    store: Store
    journal: Journal
    lock: Lock
    database: Closing | None = None
    person: Person | None = None
    people: Callable[[], tuple[Presence, ...]] = tuple
    """Everybody of a shared case, and who is at work on it now; nobody for a case of one's own."""

    def actor(self, given: Actor) -> Actor:
        """Who acts: in a shared case only ever the person who is logged in. Raises NotAllowed for another name."""
        if self.person is None:
            return given
        roles = ", ".join(self.person.roles)
        if given.name.startswith(PROGRAM):  # a command that works by itself does so for whom it is logged in as
            return Actor(name=self.person.name, role=", ".join(filter(None, (given.name, given.role))))
        if given.name not in (Actor().name, self.person.name):
            raise NotAllowed(
                f"in this shared case you are {self.person.name}, not {given.name}",
                hint="Leave --actor out; the database knows who is logged in.",
            )
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

    def must_allow_any(self) -> None:
        """Raises NotAllowed if the person who is logged in may add nothing at all."""
        if self.person is not None and not any(MAY[role] for role in self.person.roles):
            raise NotAllowed(
                f"{self.person.name} ({', '.join(self.person.roles) or 'no role'}) may add nothing to this shared case",
                hint="Whoever runs the database can give you another role.",
            )

    def close(self) -> None:
        """Give back files and the connection."""
        self.journal.close()
        self.store.close()
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
    # Imported here: the network and the drivers would cost every command of an unshared case a tenth of a second.
    from witnessmark.case.shared.parts import following

    return following(folder, sharing, here, randomness)
