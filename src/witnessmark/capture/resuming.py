"""Go on with a download that another run left unfinished: its bytes, its validator, and where they came from.

The old folder is only read. What it brought is copied, and the new record names it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from witnessmark.capture.folder import RECORD, UNFINISHED
from witnessmark.errors import UsageError
from witnessmark.model.capture import Capture, CaptureKind, CaptureState
from witnessmark.model.fact import Sha256
from witnessmark.net.http1 import Head, head_end, parse_head

_MAX_HEAD = 1 << 20
_MAX_RECORDS = 100_000
_PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What an unfinished download has. `record` is its capture.json as it lies there."""

    capture: Capture
    record: bytes
    body: Path
    validator: str

    def copy_to(self, out: BinaryIO) -> tuple[Sha256, int]:
        """Copy the body so far; digest and size of it. Raises OSError."""
        digest, size = hashlib.sha256(), 0
        with self.body.open("rb") as file:
            while piece := file.read(_PIECE):
                out.write(piece)
                digest.update(piece)
                size += len(piece)
        return Sha256(digest.hexdigest()), size


def earlier_download(folder: Path, url: str) -> Earlier:
    """Read what an unfinished download left. Raises UsageError when it is none, or of another address."""
    try:
        record = (folder / RECORD).read_bytes()
        capture = msgspec.json.decode(record, type=Capture)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{folder} is no download that can be gone on with: {error}") from error
    if capture.kind is not CaptureKind.DOWNLOAD or capture.state is CaptureState.COMPLETE or capture.url != url:
        raise UsageError(f"{folder} is no unfinished download of {url}", hint=f"it is {capture.kind} of {capture.url}")
    if not (folder / "body").is_file():
        raise UsageError(f"{folder} has no body to go on from")
    return Earlier(capture=capture, record=record, body=folder / "body", validator=_validator_in(folder))


def strong_validator(head: Head) -> str:
    """A validator for `If-Range` (RFC 9110, 13.1.5): a strong entity tag, else the date of last change, or nothing."""
    tag = head.value("etag")
    return tag if tag and not tag.startswith("W/") else head.value("last-modified")


def _validator_in(folder: Path) -> str:
    """From the head of the attempt that was cut off, else from the last answer in the WARC."""
    heads = sorted((folder / UNFINISHED).glob("*.response")) if (folder / UNFINISHED).is_dir() else []
    for path in reversed(heads):
        with path.open("rb") as file:
            data = file.read(_MAX_HEAD)
        if (end := head_end(data)) > 0 and (found := strong_validator(parse_head(data[:end]))):
            return found
    found = ""
    try:
        with (folder / "capture.warc.gz").open("rb") as file:
            for number, record in enumerate(ArchiveIterator(file, no_record_parse=True)):
                if number >= _MAX_RECORDS:
                    break
                data = record.raw_stream.read(_MAX_HEAD) if record.rec_type == "response" else b""
                if (end := head_end(data)) > 0:
                    found = strong_validator(parse_head(data[:end])) or found
    except (OSError, EOFError, ArchiveLoadFailed):
        return found  # the last record may be torn; what stood before it counts
    return found
