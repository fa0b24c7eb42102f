"""What a crash left behind: kept as blobs, labelled in the journal, never believed and never thrown away.

Everything is done so that dying in the middle only means doing it again: a leftover is removed after the entry
that labels it is on the disk.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from witnessmark.case.disk import cannot_write, sync_folder
from witnessmark.case.journal import Journal
from witnessmark.case.lock import AtWork
from witnessmark.case.store import Store
from witnessmark.model.evidence import Item
from witnessmark.model.fact import UntrustedText

MAX_FILES = 10_000
"""Files taken from one leftover folder; the rest stays where it is and is counted in the label."""


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """One thing found in `work/` while nobody was at work."""

    path: Path
    items: tuple[Item, ...]
    reason: str

    def remove(self) -> None:
        """Forget the names; the bytes are among the blobs."""
        if self.path.is_dir():
            shutil.rmtree(self.path)
        else:
            self.path.unlink(missing_ok=True)


def set_aside_torn_line(journal: Journal, work: Path) -> None:
    """Move the bytes after the journal's last whole line to `work/`, flushed, before the journal is cut."""
    torn = journal.torn()
    target = work / f"torn-{journal.head.length}"
    try:
        with target.open("wb") as file:
            file.write(torn)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(work)
    except OSError as error:
        raise cannot_write(error, "the torn last line of the journal") from error
    journal.cut()


def leftovers(work: Path, store: Store) -> Iterator[Leftover]:
    """Keep what earlier work left, one by one. The caller labels each in the journal, then calls `remove`."""
    with AtWork(work / ".at-work", alone=True) as nobody_else:
        if not nobody_else:
            return
        for path in sorted(work.iterdir()):
            if path.name != ".at-work":
                yield _keep(path, store)


def _keep(path: Path, store: Store) -> Leftover:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
    items = []
    for file in files[:MAX_FILES]:
        digest, size = store.keep(file)
        name = file.name if file == path else str(file.relative_to(path))
        items.append(Item(digest=digest, size=size, name=UntrustedText(name), role="partial"))
    if path.name.startswith("torn-"):
        reason = (
            "The journal's last line is not whole: it was being written when the process or the disk stopped, and then "
            "was never acknowledged, or it was changed since. These are its bytes."
        )
    elif path.name.startswith("checkpoint-"):
        reason = "A signed head of the journal was not finished when the process or the disk stopped."
    elif path.name.startswith("put-"):
        reason = "A blob was not finished when the process or the disk stopped; these are the bytes so far."
    else:
        reason = (
            f"Work on {path.name!r} was not finished when the process or the disk stopped; these are its files so far."
        )
    if len(files) > MAX_FILES:
        reason += f" {len(files) - MAX_FILES} more files were not kept."
    return Leftover(path=path, items=tuple(items), reason=reason)
