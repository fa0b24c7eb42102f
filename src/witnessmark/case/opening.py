"""Start a case, or open one."""

import hashlib
from pathlib import Path

import msgspec

from witnessmark.case.clock import Clock, Randomness, SystemClock, system_randomness
from witnessmark.case.disk import cannot_write, sync_folder, write_flushed
from witnessmark.case.folder import FORMAT, Case
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.case import CaseHead
from witnessmark.model.evidence import Actor, Event, EventKind


def create_case(
    path: Path,
    *,
    title: str,
    vendor: str = "",
    purpose: str = "",
    actor: Actor | None = None,
    clock: Clock | None = None,
    randomness: Randomness = system_randomness,
) -> Case:
    """Start a case in a new or empty folder. Raises UsageError if something is there, CaseError if the disk refuses."""
    clock = clock or SystemClock()
    _refuse_foreign(path)
    head = CaseHead(
        format=FORMAT,
        id=randomness(16).hex(),
        title=title,
        vendor=vendor,
        purpose=purpose,
        opened_at=clock.read().t_utc,
    )
    page = msgspec.json.format(msgspec.json.encode(head, order="sorted"), indent=2) + b"\n"
    try:
        for folder in (path, path / "blobs", path / "work", path / "checkpoints"):
            folder.mkdir(parents=True, exist_ok=True)
        write_flushed(path / "case.json", page)
        (path / "journal.jsonl").touch()
        for folder in (path, path.absolute().parent):
            sync_folder(folder)
    except OSError as error:
        raise cannot_write(error, "the case") from error
    case = _open(path, actor, clock, randomness)
    digest = case.put(page)
    case.append(EventKind.CASE_OPENED, outputs=(case.item(digest, name="case.json", role="title-page"),))
    return case


def open_case(
    path: Path,
    *,
    read_only: bool = False,
    actor: Actor | None = None,
    clock: Clock | None = None,
    randomness: Randomness = system_randomness,
    patience: float = 10.0,
) -> Case:
    """Open a case and check its journal. What a crash left behind is recovered and labelled (unless `read_only`).

    Raises CaseError that says what is wrong and where; CaseBusy if another process holds the lock for longer than
    `patience` seconds.
    """
    case = _open(path, actor, clock or SystemClock(), randomness, patience=patience, read_only=read_only)
    try:
        events = case.events()
        if not events:
            raise CaseError(
                f"{path} is a case that was never finished being made", hint="Run `witnessmark case new` on it."
            )
        _check_title_page(path, events[0])
        if not read_only:
            case.recover()
            case.store.trim()
    except BaseException:
        case.close()
        raise
    return case


def _open(
    path: Path,
    actor: Actor | None,
    clock: Clock,
    randomness: Randomness,
    *,
    patience: float = 10.0,
    read_only: bool = False,
) -> Case:
    return Case(
        path, actor=actor or Actor(), clock=clock, randomness=randomness, patience=patience, read_only=read_only
    )


def _check_title_page(path: Path, first: Event) -> None:
    digest = hashlib.sha256((path / "case.json").read_bytes()).hexdigest()
    if not first.outputs or first.outputs[0].digest != digest:
        raise CaseError(
            "case.json is not the one this case was opened with",
            hint="The original is among the case's blobs, under the digest in the journal's first entry.",
        )


def _refuse_foreign(path: Path) -> None:
    """Allow a new folder, an empty one, and what a crash inside `create_case` leaves."""
    if not path.exists():
        return
    ours = {"case.json", "journal.jsonl", "blobs", "work", "checkpoints", "lock"}
    if not path.is_dir() or {entry.name for entry in path.iterdir()} - ours:
        raise UsageError(f"{path} already exists and is not empty", hint="Name a new folder.")
    journal = path / "journal.jsonl"
    if journal.exists() and b"\n" in journal.read_bytes()[: 1 << 20]:
        raise UsageError(f"{path} already holds a case", hint="Use it, or name a new folder.")
