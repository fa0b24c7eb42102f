"""The custody journal on the disk: one JSON event a line, each chained to the one before, all under one tree.

An entry is acknowledged only after it was flushed. A last line without its newline was never acknowledged (the
process died or the disk filled up while it was written): it is set aside, never silently dropped, never believed. So is
a last line with whole sectors of zero bytes in it, which no JSON has: after a power cut a file may have grown without
its bytes. Zeros that fill no sector are no power cut, and the line counts as changed.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from witnessmark.case.disk import cannot_write
from witnessmark.case.merkle import Frontier, leaf_hash
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.evidence import NO_PREVIOUS, Event
from witnessmark.model.fact import Sha256

MAX_ENTRY = 4 << 20
"""Longest entry, in bytes. Longer text belongs into a blob."""

_SECTOR = 512
_ZEROS = re.compile(rb"\0+")
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """One line without its newline: sorted keys, no spaces, UTF-8."""
    return _encoder.encode(event)


def decode(line: bytes) -> Event:
    """The event of one line. Raises msgspec.ValidationError or msgspec.DecodeError."""
    return _decoder.decode(line)


def check_length(line: bytes) -> None:
    """Raises UsageError for a line that is too long to be an entry."""
    if len(line) >= MAX_ENTRY:
        raise UsageError(
            f"an entry of {len(line)} bytes is too long for the journal", hint="Add the text as a file instead."
        )


def _lost_sectors(line: bytes, start: int) -> bool:
    """Whether a line that starts at this byte of the file has zeros, and only where the disk did not get to write."""
    runs = [found.span() for found in _ZEROS.finditer(line)]
    return bool(runs) and all(
        (begin == 0 or (start + begin) % _SECTOR == 0) and (start + end) % _SECTOR == 0 for begin, end in runs
    )


@dataclass(kw_only=True)
class Head:
    """Where a journal stands after the entries that were read and checked."""

    length: int = 0
    last_time: str = ""
    previous: Sha256 = NO_PREVIOUS
    tree: Frontier = field(default_factory=Frontier)

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.tree.size

    def step(self, line: bytes) -> Event:
        """Check one line against what came before and move on. Raises CaseError that names the entry and its bytes."""
        where = f"custody journal, entry {self.size} (bytes {self.length} to {self.length + len(line)})"
        try:
            event = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damaged(f"{where} cannot be read: {error}") from error
        if event.seq != self.size:
            raise _damaged(f"{where} carries the number {event.seq}")
        if event.prev != self.previous:
            raise _damaged(f"{where} does not follow from the entry before it")
        self.advance(line, event)
        return event

    def advance(self, line: bytes, event: Event) -> None:
        """Move on over a line that is known to follow."""
        leaf = leaf_hash(line)
        self.tree.add(leaf)
        self.previous = Sha256(leaf.hex())
        self.length += len(line) + 1
        self.last_time = event.t_utc


def _damaged(message: str) -> CaseError:
    return CaseError(message, hint="The journal was changed or damaged. Restore it from a sealed bundle or a backup.")


class Journal:
    """Reader and writer of `journal.jsonl`. The caller holds the case's lock around `catch_up`, `append` and `cut`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = Head()
        self._events: list[Event] = []
        self._handle: int | None = None
        self._broken = False
        self.unreachable = ""
        """Why entries of others could not be fetched; always empty for a journal on this disk alone."""

    def events(self) -> tuple[Event, ...]:
        """All entries read so far, in order."""
        return tuple(self._events)

    def lines(self) -> Iterator[bytes]:
        """The exact bytes of the entries read so far, without their newlines."""
        with self.path.open("rb") as file:
            for _ in range(self.head.size):
                yield file.readline(MAX_ENTRY + 1).removesuffix(b"\n")

    def catch_up(self) -> int:
        """Read and check entries that were added since. Returns the length of a torn last line, 0 if there is none."""
        if self._handle is not None and os.fstat(self._handle).st_size == self.head.length:
            return 0
        try:
            with self.path.open("rb") as file:
                file.seek(0, os.SEEK_END)
                if file.tell() < self.head.length:
                    raise _damaged(f"custody journal: shorter than the {self.head.size} entries already read")
                file.seek(self.head.length)
                while line := file.readline(MAX_ENTRY + 1):
                    if not line.endswith(b"\n"):
                        if len(line) > MAX_ENTRY:
                            raise _damaged(f"custody journal, entry {self.head.size}: longer than {MAX_ENTRY} bytes")
                        return len(line)
                    if _lost_sectors(line, self.head.length) and not file.peek(1):
                        return len(line)
                    self._events.append(self.head.step(line[:-1]))
        except OSError as error:
            raise CaseError(f"the custody journal cannot be read: {error.strerror}") from error
        return 0

    def damage(self) -> Iterator[str]:
        """What differs from a copy kept elsewhere: this journal has none."""
        return iter(())

    def torn(self) -> bytes:
        """The bytes after the last whole line."""
        with self.path.open("rb") as file:
            file.seek(self.head.length)
            return file.read(MAX_ENTRY + 1)

    def cut(self) -> None:
        """Remove the torn last line; the caller has kept its bytes."""
        try:
            handle = self._open()
            os.ftruncate(handle, self.head.length)
            os.fsync(handle)
        except OSError as error:
            raise cannot_write(error, "the custody journal") from error

    def append(self, event: Event) -> None:
        """Add one entry; it is on the disk when this returns. After a CaseError it is not in the journal."""
        line = encode(event)
        check_length(line)
        if self._broken:
            raise CaseError(
                "an earlier write failed in a way that leaves the journal's state unknown", hint="Open the case again."
            )
        try:
            handle = self._open()
            self._write(handle, line + b"\n")
        except OSError as error:
            raise cannot_write(error, f"entry {event.seq} of the custody journal") from error
        self.head.advance(line, event)
        self._events.append(event)

    def close(self) -> None:
        """Give back the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _open(self) -> int:
        if self._handle is None:
            self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        return self._handle

    def _write(self, handle: int, data: bytes) -> None:
        """Write and flush, or undo. A failed flush leaves the state unknown, so nothing more is written through it."""
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fdatasync(handle)
        except OSError:
            self._broken = True
            os.ftruncate(handle, self.head.length)
            os.fsync(handle)
            self._broken = False
            raise
