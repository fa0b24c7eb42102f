"""The starter set that ships with the program: written from the public record, with a clear date."""

from dataclasses import dataclass
from pathlib import Path

from witnessmark.knowledge.sanctions import load_starter
from witnessmark.model.screening import ListEntry


@dataclass(frozen=True)
class StarterSet:
    """Entries, the day each list's part speaks for, and what it was written from."""

    entries: tuple[ListEntry, ...]
    as_of: tuple[tuple[str, str], ...]
    written_from: tuple[str, ...]


def starter_set(folder: Path | None = None) -> StarterSet:
    """Read the starter set. Raises KnowledgeError when a file is malformed."""
    files = load_starter(folder)
    return StarterSet(
        entries=tuple(entry for file in files for entry in file.entry),
        as_of=tuple(sorted({(file.list, file.as_of) for file in files})),
        written_from=tuple(file.written_from for file in files),
    )


def starter_entries(folder: Path | None = None) -> tuple[ListEntry, ...]:
    """Only the entries of the starter set."""
    return starter_set(folder).entries
