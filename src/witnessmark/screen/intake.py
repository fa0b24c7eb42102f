"""Take a list file in: find its format, read it strictly, check its size, keep it as a new version."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from witnessmark.model.screening import ListEntry, ListEvent, ListHeader, ListVersion
from witnessmark.screen.loader import ListRefused, Parsed, check_count
from witnessmark.screen.loaders import loaders
from witnessmark.screen.store import ListStore


@dataclass(frozen=True)
class Arrival:
    """When and from where a file came, and what its publisher said about it."""

    learned: datetime
    source: str
    as_of: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Taken:
    """One list out of a file: the version kept and what changed since the one before."""

    version: ListVersion
    events: tuple[ListEvent, ...]
    is_new: bool


def recognise(data: bytes) -> str:
    """The name of the one format that a file has. Raises ListRefused."""
    names = [name for name, loader in loaders().items() if loader.recognises(data[:4096])]
    if len(names) != 1:
        known = ", ".join(loaders())
        raise ListRefused(
            "the file is not a list in a format that we know", hint=f"Known formats: {known}. Name one with --format."
        )
    return names[0]


def _completed(entries: tuple[ListEntry, ...], header: ListHeader | None) -> tuple[ListEntry, ...]:
    if header is None or (header.listed_from is None and header.country is None):
        return entries
    return tuple(
        msgspec.structs.replace(
            entry, listed_from=entry.listed_from or header.listed_from, country=entry.country or header.country
        )
        for entry in entries
    )


def take_in(
    data: bytes,
    arrival: Arrival,
    *,
    store: ListStore,
    headers: tuple[ListHeader, ...],
    list_id: str = "",
    fmt: str = "",
) -> tuple[Taken, ...]:
    """Read one file and store a version of each list in it. Raises ListRefused; the stored versions then stay."""
    name = fmt or recognise(data)
    if name not in loaders():
        raise ListRefused(f"no format is named {name!r}", hint="Known formats: " + ", ".join(loaders()))
    parsed: Parsed = loaders()[name].parse(data, list_id)
    if not parsed.entries:
        raise ListRefused(f"the file holds no entry{f' of {list_id}' if list_id else ''}")
    by_list: dict[str, list[ListEntry]] = {}
    for entry in parsed.entries:
        by_list.setdefault(entry.list, []).append(entry)
    known = {header.id: header for header in headers}
    prepared = []
    for key in sorted(by_list):
        entries = _completed(tuple(by_list[key]), known.get(key))
        if key in known:
            check_count(entries, known[key])
        _check_shrinking(store, key, len(entries))
        prepared.append((key, entries))
    taken = []
    for key, entries in prepared:  # everything was checked: a refused list leaves all others as they were
        day = arrival.as_of or parsed.as_of or arrival.learned.date().isoformat()
        version = ListVersion(
            list=key,
            sha256="",
            entries=len(entries),
            as_of=day,
            learned=arrival.learned.strftime("%Y-%m-%dT%H:%M:%SZ"),
            source=arrival.source,
            format=name,
            etag=arrival.etag,
            last_modified=arrival.last_modified,
        )
        before = store.versions(key)
        kept, events = store.add(version, entries)
        taken.append(Taken(kept, events, not before or before[-1].sha256 != kept.sha256))
    return tuple(taken)


def _check_shrinking(store: ListStore, list_id: str, count: int) -> None:
    """Refuse a list that lost more than a third of its entries at once: more likely cut off than true."""
    versions = store.versions(list_id)
    if versions and versions[-1].entries >= 12 and count < versions[-1].entries * 2 // 3:
        raise ListRefused(
            f"{list_id}: {count} entries, where the stored version has {versions[-1].entries}",
            hint="The stored version stays in use. If the list really shrank, import it into an empty "
            "folder (WITNESSMARK_LISTS).",
        )
