"""What a capture leaves on disk, from its first moment: readable after a crash, never overwritten.

OUT/
  capture.json     what was asked for, what came, what is missing; says `partial` from the start until the end
  capture.warc.gz  every exchange, one record after another
  capture.wacz     the same with an index, for replay tools
  body             a download's content
  screenshot.png full-page.png page.pdf dom.html console.jsonl
  unfinished/      bytes of exchanges that were under way when it was cut off
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from witnessmark.case.disk import sync_folder, write_flushed
from witnessmark.errors import UsageError
from witnessmark.model.capture import Capture, CapturedFile
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.problem import Problem, ProblemCode

RECORD = "capture.json"
UNFINISHED = "unfinished"
NAMES = {
    "warc": ("capture.warc.gz", "application/warc"),
    "wacz": ("capture.wacz", "application/wacz"),
    "screenshot": ("screenshot.png", "image/png"),
    "full-page": ("full-page.png", "image/png"),
    "pdf": ("page.pdf", "application/pdf"),
    "dom": ("dom.html", "text/html"),
    "console": ("console.jsonl", "application/jsonl"),
    "body": ("body", "application/octet-stream"),
    "original": ("original", "application/octet-stream"),
}
_PIECE = 1 << 20
_RESERVE = "reserve"
_RESERVE_BYTES = 256 << 10

Randomness = Callable[[int], bytes]
Clock = Callable[[], datetime]


def utc(moment: datetime) -> str:
    """RFC 3339 with microseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class CaptureFolder:
    """A new folder for one capture. Raises UsageError when there is something in it already."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise UsageError(f"{path} is not empty", hint="name a new folder: captures never overwrite anything")
            (path / UNFINISHED).mkdir()
            # Given back when the disk is full, so that there is room to say so.
            (path / UNFINISHED / _RESERVE).write_bytes(bytes(_RESERVE_BYTES))
            sync_folder(path.absolute().parent)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from error

    def file(self, role: str) -> Path:
        """Where the file of this role lies."""
        return self.path / NAMES[role][0]

    @property
    def unfinished(self) -> Path:
        """Where exchanges lie while they pass."""
        return self.path / UNFINISHED

    def put(self, role: str, data: bytes) -> None:
        """Write one file and flush it. Raises OSError; then there is no such file, rather than half of it."""
        try:
            with self.file(role).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self.file(role).unlink(missing_ok=True)
            raise

    def record(self, capture: Capture, known: Mapping[str, tuple[Sha256, int]] | None = None) -> Capture:
        """Write capture.json with the files as they now are; the old one is replaced in one step.

        `known` spares reading files whose digest and size the caller has already. Raises OSError.
        """
        whole = msgspec.structs.replace(capture, files=self.files(known or {}))
        try:
            self._write_record(whole)
        except OSError:
            self.give_back()
            self._write_record(whole)
        return whole

    def give_back(self) -> None:
        """Free the space that was set aside for the record."""
        (self.unfinished / _RESERVE).unlink(missing_ok=True)

    def _write_record(self, whole: Capture) -> None:
        temporary = self.path / f".{RECORD}.new"
        write_flushed(temporary, msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n")
        sync_folder(self.path)  # the names of what it lists must not come later than it
        temporary.replace(self.path / RECORD)
        sync_folder(self.path)

    def files(self, known: Mapping[str, tuple[Sha256, int]]) -> tuple[CapturedFile, ...]:
        """All files of known roles that are there, with digest and size."""
        found = []
        for role, (name, media_type) in sorted(NAMES.items()):
            path = self.path / name
            if path.is_file():
                digest, size = known.get(role) or digest_of(path)
                found.append(CapturedFile(role=role, name=name, sha256=digest, size=size, media_type=media_type))
        return tuple(found)

    def tidy(self) -> bool:
        """Drop the folder of unfinished exchanges if nothing is left in it; True if it is gone."""
        self.give_back()
        if any(self.unfinished.iterdir()):
            return False
        self.unfinished.rmdir()
        return True


def digest_of(path: Path) -> tuple[Sha256, int]:
    """SHA-256 and size of a file. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return Sha256(digest.hexdigest()), size


def disk_problem(error: OSError) -> Problem:
    """What the disk did not take, as a gap."""
    text = UntrustedText(f"the disk did not take everything: {error.strerror or error}")
    return Problem(
        code=ProblemCode.DISK_FULL, message=text, consequence="records up to then are kept", hint="free some space"
    )
