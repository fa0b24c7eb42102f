"""Make a case of one's own a shared one, join a case that others share, and take a copy out again."""

import hashlib
import os
from pathlib import Path

import msgspec

from witnessmark.case.disk import cannot_write, sync_folder, write_flushed
from witnessmark.case.folder import Case
from witnessmark.case.journal import decode
from witnessmark.case.opening import open_case
from witnessmark.case.shared.ledger import Ledger
from witnessmark.case.shared.pointer import FORMAT, NAME, write_sharing
from witnessmark.case.shared.store import SharedStore
from witnessmark.case.store import Store
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.newsroom import Sharing
from witnessmark.net.objects import Objects
from witnessmark.net.postgres import Database

PATIENCE = 10.0


def share(case: Case, journal: str, blobs: str) -> Sharing:
    """Copy blobs and journal of an open case to the shared places, then let its folder follow them.

    Dying in between only means doing it again: what is there is compared, and nothing is written twice.
    Raises UsageError if the folder is shared already or the login may not speak for who wrote the entries.
    """
    if (case.path / NAME).exists():
        raise UsageError(f"{case.path} is shared already")
    sharing = Sharing(format=FORMAT, case=case.head.id, journal=journal, blobs=blobs)
    objects = Objects(_folder(sharing), os.environ)
    store = SharedStore(case.path / "blobs", case.path / "work", case.randomness, objects, bound=sharing.cache_bytes)
    database = Database(journal, os.environ)
    try:
        with case.lock:  # nobody adds an entry meanwhile
            events = case.events()
            store.share_all()
            ledger = Ledger(database, case.head.id)
            ledger.lock(PATIENCE)
            there = dict(ledger.after(-1))
            for event, line in zip(events, case.journal.lines(), strict=True):
                if event.seq not in there:
                    ledger.add(event.seq, str(event.type), line, PATIENCE)
                elif there[event.seq] != line:
                    raise CaseError(
                        f"the database holds another entry {event.seq} of this case; nothing was overwritten"
                    )
            ledger.unlock()
            write_sharing(case.path, sharing)
    except OSError as error:
        raise cannot_write(error, NAME) from error
    finally:
        database.close()
    return sharing


def copy_out(case: Case, folder: Path) -> int:
    """Copy a shared case, whole, into a new folder that follows nobody; returns the number of its entries.

    Every byte of the journal is the same, every blob is fetched and checked. `journal.jsonl` comes last: a copy that
    was broken off is no case. Raises UsageError if something is in the folder, CaseError if something is missing.
    """
    _must_be_new(folder)
    events = case.events()
    lines = list(case.journal.lines())[: len(events)]
    randomness = case.randomness
    try:
        for path in (folder, folder / "blobs", folder / "work", folder / "checkpoints"):
            path.mkdir(parents=True, exist_ok=True)
        target = Store(folder / "blobs", folder / "work", randomness)
        for digest in case.store.digests():
            have, _ = target.put(view for _, view in case.blob(digest).windows())
            if have != digest:
                raise CaseError(f"blob {digest} was changed on this machine", hint="Run `witnessmark case check`.")
        for path in sorted((case.path / "checkpoints").glob("[0-9]" * 10)):
            write_flushed(folder / "checkpoints" / path.name, path.read_bytes())
        write_flushed(folder / "case.json", (case.path / "case.json").read_bytes())
        write_flushed(folder / "journal.jsonl", b"".join(line + b"\n" for line in lines))
        for path in (folder / "checkpoints", folder, folder.absolute().parent):
            sync_folder(path)
    except OSError as error:
        raise cannot_write(error, "the copy of the case") from error
    open_case(folder, read_only=True).close()
    return len(events)


def _must_be_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} already exists and is not empty", hint="Name a new folder.")


def join(folder: Path, journal: str, blobs: str, case: str, *, cache_bytes: int | None = None) -> Case:
    """Follow a shared case in a new or empty folder; returns it opened for reading.

    Raises UsageError if something is in the folder or there is no such case, CaseError if what comes does not hold.
    """
    _must_be_new(folder)
    sharing = Sharing(format=FORMAT, case=case, journal=journal, blobs=blobs)
    if cache_bytes is not None:
        sharing = msgspec.structs.replace(sharing, cache_bytes=cache_bytes)
    page = _title_page(sharing)
    try:
        for path in (folder, folder / "blobs", folder / "work", folder / "checkpoints"):
            path.mkdir(parents=True, exist_ok=True)
        (folder / "case.json").write_bytes(page)
        (folder / "journal.jsonl").touch()
        write_sharing(folder, sharing)
        sync_folder(folder.absolute().parent)
    except OSError as error:
        raise cannot_write(error, "the folder of the shared case") from error
    return open_case(folder, read_only=True)


def _title_page(sharing: Sharing) -> bytes:
    database = Database(sharing.journal, os.environ)
    try:
        first = next(Ledger(database, sharing.case).after(-1), None)
    finally:
        database.close()
    if first is None:
        raise UsageError(f"the database has no case {sharing.case}", hint="`witnessmark newsroom list` shows them.")
    try:
        digest = decode(first[1]).outputs[0].digest
    except (msgspec.DecodeError, IndexError) as error:
        raise CaseError(f"the first entry of case {sharing.case} cannot be read: {error}") from error
    objects = Objects(_folder(sharing), os.environ)
    try:
        page = b"".join(objects.read(f"blobs/{digest[:2]}/{digest}"))
    except FileNotFoundError:
        raise CaseError(
            f"{_folder(sharing)} does not hold the blobs of this case", hint="Is the address of the blobs right?"
        ) from None
    if hashlib.sha256(page).hexdigest() != digest:
        raise CaseError("the title page in the shared store was changed: its bytes have another digest")
    return page


def _folder(sharing: Sharing) -> str:
    return f"{sharing.blobs.rstrip('/')}/{sharing.case}"
