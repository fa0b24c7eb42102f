"""Every version of every list that was ever taken in: nothing is overwritten, changes are told as events."""

import hashlib
import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from witnessmark.errors import KnowledgeError
from witnessmark.model.screening import EventKind, ListEntry, ListEvent, ListVersion
from witnessmark.screen.lists import parse_jsonl

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\Z")


def default_folder() -> Path:
    """Where lists are kept: WITNESSMARK_LISTS, or the user's data folder."""
    named = os.environ.get("WITNESSMARK_LISTS")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "witnessmark" / "lists"


def _encode(entries: Sequence[ListEntry]) -> bytes:
    return b"".join(msgspec.json.encode(entry) + b"\n" for entry in sorted(entries, key=lambda entry: entry.id))


class ListStore:
    """A folder `<list>/<learned>-<sha256>.jsonl` with `versions.jsonl` beside, only ever appended to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lists(self) -> tuple[str, ...]:
        """The lists of which a version is kept, sorted."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(path.parent.name for path in self.folder.glob("*/versions.jsonl")))

    def versions(self, name: str) -> tuple[ListVersion, ...]:
        """All versions of a list, the oldest first. Raises KnowledgeError when the index is damaged."""
        path = self._folder_of(name) / "versions.jsonl"
        if not path.is_file():
            return ()
        try:
            return tuple(msgspec.json.decode(line, type=ListVersion) for line in path.read_bytes().splitlines() if line)
        except msgspec.DecodeError as error:
            raise KnowledgeError(
                f"{path} is damaged: {error}", hint="Restore it, or import the list again into an empty folder."
            ) from error

    def _folder_of(self, name: str) -> Path:
        if not _NAME.match(name):
            raise KnowledgeError(f"{name[:80]!r} cannot be the name of a list")
        return self.folder / name

    def entries(self, version: ListVersion) -> tuple[ListEntry, ...]:
        """The entries of one version; its digest is checked. Raises KnowledgeError when the file was altered."""
        path = self._folder_of(version.list) / f"{version.sha256}.jsonl"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise KnowledgeError(f"{path} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != version.sha256:
            raise KnowledgeError(
                f"{path} does not have the digest in its name",
                hint="It was altered after it was stored; import the list again.",
            )
        return parse_jsonl(data, path.name)

    def newest(self, name: str) -> tuple[ListVersion, tuple[ListEntry, ...]]:
        """The newest version with its entries, and entries that older versions had, with the day they were gone."""
        versions = self.versions(name)
        if not versions:
            raise KnowledgeError(
                f"no version of {name} is stored", hint="Run `witnessmark lists update` or `witnessmark lists import`."
            )
        newest = self.entries(versions[-1])
        have = {entry.id for entry in newest}
        gone: dict[str, ListEntry] = {}
        for older, newer in pairwise(versions):
            present = {entry.id for entry in self.entries(newer)}
            for entry in self.entries(older):
                if entry.id not in present:
                    gone[entry.id] = msgspec.structs.replace(
                        entry, listed_until=entry.listed_until or newer.as_of or newer.learned[:10]
                    )
        removed = tuple(entry for key, entry in sorted(gone.items()) if key not in have)
        return versions[-1], (*newest, *removed)

    def history(self, name: str) -> tuple[ListEvent, ...]:
        """Every change between stored versions, the oldest first."""
        versions = self.versions(name)
        events: list[ListEvent] = []
        for older, newer in pairwise(versions):
            events += changes(self.entries(older), self.entries(newer), newer)
        return tuple(events)

    def add(self, version: ListVersion, entries: Sequence[ListEntry]) -> tuple[ListVersion, tuple[ListEvent, ...]]:
        """Store a version and give what changed since the one before. The same content again adds nothing."""
        data = _encode(entries)
        version = msgspec.structs.replace(version, sha256=hashlib.sha256(data).hexdigest(), entries=len(entries))
        before = self.versions(version.list)
        if before and before[-1].sha256 == version.sha256:
            return before[-1], ()
        old = self.entries(before[-1]) if before else ()
        folder = self._folder_of(version.list)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{version.sha256}.jsonl"
        partial = folder / f".{version.sha256}.partial"
        partial.write_bytes(data)
        partial.replace(target)
        with (folder / "versions.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(version) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return version, changes(old, entries, version) if before else ()


def changes(old: Sequence[ListEntry], new: Sequence[ListEntry], version: ListVersion) -> tuple[ListEvent, ...]:
    """What was added, modified and removed between two versions, sorted by entry."""
    before = {entry.id: entry for entry in old}
    after = {entry.id: entry for entry in new}
    events: list[ListEvent] = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        entry = now if now is not None else was
        if entry is None or was == now:
            continue
        kind = EventKind.ADD if was is None else EventKind.REMOVE if now is None else EventKind.MODIFY
        fields = tuple(
            f
            for f in ListEntry.__struct_fields__
            if was is not None and now is not None and getattr(was, f) != getattr(now, f)
        )
        effective = (
            entry.listed_from
            if kind == EventKind.ADD
            else entry.listed_until or version.as_of
            if kind == EventKind.REMOVE
            else version.as_of
        )
        cite = entry.citations[-1].cite if entry.citations else ""
        events.append(
            ListEvent(
                kind=kind,
                entry=key,
                list=version.list,
                name=entry.name,
                effective=effective or None,
                published=version.as_of or None,
                learned=version.learned,
                citation=cite,
                changed=fields,
            )
        )
    return tuple(events)
