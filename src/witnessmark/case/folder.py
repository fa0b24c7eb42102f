"""A case on the disk.

    CASE/
      case.json        title page, written once
      journal.jsonl    custody journal, append-only
      blobs/ab/…       content-addressed bytes
      work/            things in progress; what a crash leaves here is recovered and labelled at the next opening
      checkpoints/     signed tree heads, one a size
      index.sqlite     rebuildable; delete it at will
      lock
      shared.json      only in a case that several people share: where the journal and the blobs lie

Use:

    with open_case(path) as case:                       # or create_case(path, title=…)
        digest = case.put(b"…")                         # bytes, a Path or chunks; on disk when it returns
        case.append(EventKind.NOTE, text="…")           # an Event, on disk when it returns
        case.record(EventKind.SCANNED, report, inputs=(case.item(digest, name="sdk.zip"),))
        with case.workspace("capture") as folder: …     # survives a crash as labelled partial evidence
        case.events(), case.blob(digest), case.findings(), case.items()

Events may be appended by several processes and threads at once; the lock is held only while one is written.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, Unpack

import msgspec

from witnessmark.blob import Blob
from witnessmark.case.clock import Clock, Randomness
from witnessmark.case.disk import cannot_write
from witnessmark.case.drafting import Drafting, EventContext, EventFields, RecordFields
from witnessmark.case.lock import AtWork
from witnessmark.case.parts import parts_of
from witnessmark.case.recovery import leftovers, set_aside_torn_line
from witnessmark.case.store import chunks_of
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.case import CaseHead
from witnessmark.model.evidence import Actor, Event, EventKind, Item
from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.model.problem import Problem, ProblemCode, Severity

FORMAT = "witnessmark-case/1"
R = TypeVar("R", bound=Record)


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """How a record lies in its blob. A masked copy leaves the salt out, so that the blob's digest, which the journal
    shows, cannot be used to guess a telephone number that was masked."""

    record: msgspec.Raw
    salt: str
    type: str


class Case:
    """An open case. Made by `open_case` and `create_case`."""

    def __init__(
        self, path: Path, *, actor: Actor, clock: Clock, randomness: Randomness, patience: float, read_only: bool
    ) -> None:
        self.path = path
        self.read_only = read_only
        self.clock = clock
        self.randomness = randomness
        self.problems: tuple[Problem, ...] = ()
        _refuse_links(path)
        self.head = _read_head(path)
        self.parts = parts_of(path, randomness, patience)
        self.store, self.journal, self.lock = self.parts.store, self.parts.journal, self.parts.lock
        try:
            self.actor = self.parts.actor(actor)
        except UsageError:
            self.parts.close()
            raise
        self._drafting = Drafting(self.head.id, self.head.purpose, clock, randomness)

    # Reading

    def events(self) -> tuple[Event, ...]:
        """All events in order, those of other processes included. Raises CaseError if the journal does not hold."""
        torn = self.journal.catch_up()
        if torn and self.read_only:
            self.problems = (_torn_problem(torn),)
        elif self.journal.unreachable:
            self.problems = (_stale_problem(self.journal.unreachable, self.journal.head.size),)
        return self.journal.events()

    def blob(self, digest: Sha256) -> Blob:
        """The bytes behind a digest. Raises CaseError if they are not here."""
        return self.store.blob(digest)

    def payload(self, event: Event, record: type[R]) -> R:
        """The record that an event carries. Raises CaseError if it has none of this type or it cannot be read."""
        if event.payload is None or event.payload_type != record.__name__:
            raise CaseError(f"event {event.seq} ({event.type}) carries no {record.__name__}")
        blob = self.blob(event.payload)
        if blob.sha256() != event.payload:
            raise CaseError(f"blob {event.payload} was changed on the disk", hint="Run `witnessmark case check`.")
        try:
            return msgspec.json.decode(msgspec.json.decode(blob.read(), type=_Envelope).record, type=record)
        except msgspec.DecodeError as error:
            raise CaseError(f"the {record.__name__} of event {event.seq} cannot be read: {error}") from error

    def payloads(self, record: type[R]) -> Iterator[tuple[Event, R]]:
        """All events that carry a record of this type, in order."""
        for event in self.events():
            if event.payload_type == record.__name__:
                yield event, self.payload(event, record)

    def findings(self) -> tuple[Finding, ...]:
        """The findings of all recorded scans, sorted; of two with the same id the later one."""
        latest = {finding.id: finding for _, report in self.payloads(ScanReport) for finding in report.findings}
        return tuple(sorted(latest.values(), key=lambda finding: (finding.locator.order, finding.id)))

    def items(self) -> tuple[Item, ...]:
        """Everything that came in or was made, in order of first appearance, each digest once."""
        seen: dict[Sha256, Item] = {}
        for event in self.events():
            for item in (*event.inputs, *event.outputs):
                seen.setdefault(item.digest, item)
        return tuple(seen.values())

    def item(self, digest: Sha256, *, name: str = "", media_type: str = "", role: str = "") -> Item:
        """Describe a blob of this case for use in an event. Raises CaseError if it is not here."""
        return Item(
            digest=digest, size=self.store.size(digest), name=UntrustedText(name), media_type=media_type, role=role
        )

    # Writing

    def put(self, source: bytes | Path | Iterable[bytes]) -> Sha256:
        """Keep bytes; when this returns they are on the disk. Raises CaseError if they are not."""
        self._must_add()
        if isinstance(source, Path):
            return self.store.put(chunks_of(source))[0]
        return self.store.put((source,) if isinstance(source, bytes) else source)[0]

    def keep(self, path: Path) -> Sha256:
        """Make a finished file inside a workspace a blob, without copying it. It must not be written to afterwards."""
        self._must_add()
        return self.store.keep(path)[0]

    def append(self, kind: EventKind, **fields: Unpack[EventFields]) -> Event:
        """Add an event; when this returns it is on the disk. Raises CaseError, CaseBusy or UsageError if it is not."""
        self.must_allow(kind)
        if "actor" in fields:
            fields["actor"] = self.parts.actor(fields["actor"])
        with self.lock:
            if self.journal.catch_up():
                set_aside_torn_line(self.journal, self.path / "work")
            event = self._drafting.event(kind, self.journal.head, self.actor, fields)
            self.journal.append(event)
        return event

    def recover(self) -> tuple[Event, ...]:
        """Label what a crash left. Called at every opening for writing; does nothing while others are at work."""
        self._must_write()
        if not self.parts.allows(EventKind.RECOVERED):
            return ()
        with self.lock:
            if self.journal.catch_up():
                set_aside_torn_line(self.journal, self.path / "work")
            labelled = []
            for leftover in leftovers(self.path / "work", self.store):
                labelled.append(self.append(EventKind.RECOVERED, outputs=leftover.items, reason=leftover.reason))
                leftover.remove()
        return tuple(labelled)

    def record(self, kind: EventKind, carried: Record, **fields: Unpack[RecordFields]) -> Event:
        """Keep a record as canonical JSON and add the event that carries it."""
        self.must_allow(kind)
        name = type(carried).__name__
        record = msgspec.Raw(msgspec.json.encode(carried, order="sorted"))
        envelope = _Envelope(record=record, salt=self.randomness(16).hex(), type=name)
        return self.append(kind, payload=self.put(msgspec.json.encode(envelope)), payload_type=name, **fields)

    def add(self, path: Path, *, role: str = "original", **fields: Unpack[EventContext]) -> Event:
        """Keep a file and say so in the journal."""
        self.must_allow(EventKind.ADDED)
        digest = self.put(path)
        return self.append(EventKind.ADDED, outputs=(self.item(digest, name=path.name, role=role),), **fields)

    @contextmanager
    def workspace(self, label: str) -> Iterator[Path]:
        """A folder for work in progress, inside the case. Gone after success; after a failure or crash its files are
        kept as blobs and a `recovered` event labels them as partial. `case.keep(path)` makes a
        finished file in it a blob without copying."""
        self._must_add()
        work = self.path / "work"
        folder = work / f"{label}-{self.randomness(8).hex()}"
        try:
            with AtWork(work / ".at-work"):
                folder.mkdir()
                yield folder
                shutil.rmtree(folder)
        except OSError as error:
            raise cannot_write(error, f"work on {label}") from error
        finally:
            if folder.is_dir():
                self.recover()

    def close(self) -> None:
        """Give back files. The case needs nothing else to be whole."""
        self.parts.close()

    def __enter__(self) -> "Case":
        """The case itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def must_allow(self, kind: EventKind) -> None:
        """Raises NotAllowed, or UsageError for a case opened for reading, if such an entry cannot be added.

        For whoever is about to do long work for it.
        """
        self._must_write()
        self.parts.must_allow(kind)

    def allows(self, kind: EventKind) -> bool:
        """Whether such an entry can be added by whom this case was opened for."""
        return not self.read_only and self.parts.allows(kind)

    def _must_add(self) -> None:
        self._must_write()
        self.parts.must_allow_any()

    def _must_write(self) -> None:
        if self.read_only:
            raise UsageError("this case was opened for reading only")


def _refuse_links(path: Path) -> None:
    """A folder can come from anybody: a link in it must not make this machine write to, move or keep its own files."""
    try:
        below = (child for name in ("blobs", "work") if (path / name).is_dir() for child in (path / name).iterdir())
        link = next((child for child in (*path.iterdir(), *below) if child.is_symlink()), None)
    except (FileNotFoundError, NotADirectoryError):
        return  # `_read_head` says that this is no case
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror}") from error
    if link is not None:
        raise CaseError(
            f"{link} is a link to somewhere else; a case holds its own files",
            hint="Remove the link, or put what it leads to in its place.",
        )


def _read_head(path: Path) -> CaseHead:
    try:
        head = msgspec.json.decode((path / "case.json").read_bytes(), type=CaseHead)
    except (FileNotFoundError, NotADirectoryError):
        raise CaseError(f"{path} is not a case", hint="Make one with `witnessmark case new DIR`.") from None
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise CaseError(f"{path}/case.json cannot be read: {error}", hint="Restore it from a sealed bundle.") from error
    if head.format != FORMAT:
        raise CaseError(f"{path} has the format {head.format!r}; this version reads {FORMAT!r}")
    return head


def _stale_problem(reason: str, size: int) -> Problem:
    return Problem(
        code=ProblemCode.NETWORK,
        message=UntrustedText(reason),
        consequence=f"Shown are the {size} entries that this machine has; others may have added more.",
        hint="Open the case again when the database answers.",
    )


def _torn_problem(length: int) -> Problem:
    return Problem(
        code=ProblemCode.TRUNCATED,
        severity=Severity.NOTE,
        message=UntrustedText(f"the journal ends in {length} bytes without a newline"),
        consequence="That entry is being written now, or was never acknowledged; it is not shown.",
        hint="Opening the case for writing sets the bytes aside and labels them.",
    )
