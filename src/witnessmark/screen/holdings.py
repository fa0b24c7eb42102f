"""Which lists are at hand, and how old each is: stored versions first, else the starter set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from witnessmark.knowledge.sanctions import load_headers
from witnessmark.model.screening import EventKind, ListEntry, ListEvent, ListHeader
from witnessmark.screen.lists import read_normalised
from witnessmark.screen.starter import starter_set
from witnessmark.screen.store import ListStore, default_folder

STALE_DAYS = 45


@dataclass(frozen=True)
class Holdings:
    """Entries, and for each list the day for which the copy speaks and where it came from."""

    entries: tuple[ListEntry, ...]
    ages: tuple[dict[str, str | int], ...]
    today: date

    def statement(self) -> str:
        """What was searched and how old it is, for the end of every answer."""
        lines = ["Searched:"]
        for row in self.ages:
            age = f", {row['days']} days old" if row["days"] != "" else ""
            old = isinstance(row["days"], int) and row["days"] > STALE_DAYS
            stale = f"  (older than {STALE_DAYS} days: {row['newer']})" if old and row["newer"] else ""
            lines.append(
                f"  {row['list']}: {row['entries']} entries as of {row['as_of'] or 'an unstated day'}{age}; "
                f"{row['from']}{stale}"
            )
        lines.append(
            "A candidate is not a verdict, and no candidate is not clearance: names differ, lists change, "
            "and other lists exist."
        )
        return "\n".join(lines)

    def events_since(self, start: str) -> Iterator[ListEvent]:
        """Listings and removals that took effect on or after a day, in order."""
        rows: list[ListEvent] = []
        for entry in self.entries:
            for kind, on in ((EventKind.ADD, entry.listed_from), (EventKind.REMOVE, entry.listed_until)):
                if on is not None and on >= start:
                    cite = entry.citations[0].cite if entry.citations else ""
                    rows.append(
                        ListEvent(
                            kind=kind,
                            entry=entry.id,
                            list=entry.list,
                            name=entry.name,
                            effective=on,
                            published=None,
                            learned="",
                            citation=cite,
                        )
                    )
        yield from sorted(rows, key=lambda row: (row.effective or "", row.entry, row.kind))


def _age(
    name: str, entries: Sequence[ListEntry], as_of: str, source: str, today: date, newer: str = ""
) -> dict[str, str | int]:
    days: str | int = (today - date.fromisoformat(as_of)).days if as_of else ""
    return {"list": name, "entries": len(entries), "as_of": as_of, "days": days, "from": source, "newer": newer}


def _newer(header: ListHeader) -> str:
    """How to get a newer copy; nothing for an act, which names its firms once."""
    if header.format == "act-csv":
        return ""
    return "run `witnessmark lists update`" if header.download else f"compare with {header.url}, or `lists import`"


def holdings(files: Sequence[Path], *, today: date, folder: Path | None = None) -> Holdings:
    """Everything to screen against: the given files only, or the stored lists with the starter set for the rest."""
    if files:
        entries: list[ListEntry] = []
        ages = []
        for path in files:
            rows = read_normalised(path)
            entries += rows
            ages.append(_age(path.name, rows, "", "given file", today))
        return Holdings(tuple(entries), tuple(ages), today)
    store = ListStore(folder or default_folder())
    newer = {header.id: _newer(header) for header in load_headers()}
    kept: list[ListEntry] = []
    rows_of: list[dict[str, str | int]] = []
    stored = store.lists()
    for name in stored:
        version, found = store.newest(name)
        kept += found
        rows_of.append(
            _age(
                name,
                found,
                version.as_of,
                f"stored {version.learned[:10]}, {version.source}",
                today,
                newer.get(name, ""),
            )
        )
    starter = starter_set()
    for name, as_of in starter.as_of:
        if name not in stored:
            mine = [entry for entry in starter.entries if entry.list == name]
            kept += mine
            rows_of.append(_age(name, mine, as_of, "starter set, a part of the list only", today, newer.get(name, "")))
    return Holdings(tuple(kept), tuple(rows_of), today)
