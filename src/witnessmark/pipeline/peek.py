"""The bytes around a place inside a container, read anew by a confined worker."""

import subprocess
import tempfile
from pathlib import Path

import msgspec

from witnessmark.errors import WitnessmarkError
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record
from witnessmark.redact import redact
from witnessmark.sandbox.spawn import start_worker

SECONDS = 30.0
BEFORE = 256
WINDOW = 1024


class PeekOrder(Record, frozen=True, kw_only=True):
    """Which file, which member in it, and from where."""

    path: str
    name: str
    scratch: str
    locator: Locator
    start: int
    length: int


class Peeked(Record, frozen=True, kw_only=True):
    """Part of one member. `masked`: which of these bytes are personal data, as ranges of positions in `data`."""

    size: int
    start: int
    data: bytes
    masked: tuple[tuple[int, int], ...] = ()


def peek(path: Path, name: str, locator: Locator) -> Peeked:
    """The bytes around the place, personal data marked for masking. Raises WitnessmarkError when they are not found."""
    start = max(0, (locator.offset or 0) - BEFORE) // 16 * 16
    with tempfile.TemporaryDirectory(prefix="witnessmark-") as scratch:
        order = PeekOrder(
            path=str(path.absolute()), name=name, scratch=scratch, locator=locator, start=start, length=WINDOW
        )
        process = start_worker("witnessmark.pipeline.peek_worker", Path(scratch))
        try:
            answer, _ = process.communicate(msgspec.msgpack.encode(order), SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise WitnessmarkError(f"the member was not reached within {SECONDS:g} s") from None
    if process.returncode != 0 or not answer:
        raise WitnessmarkError(
            "the member could not be read again", hint="It may need a password, or the original is not in the case."
        )
    found = msgspec.msgpack.decode(answer, type=Peeked)
    return msgspec.structs.replace(found, masked=_personal(found.data, locator.encoding or "utf-8"))


def _personal(data: bytes, encoding: str) -> tuple[tuple[int, int], ...]:
    """Where personal data stands in the bytes, in the text's own encoding and as plain ASCII."""
    ranges: set[tuple[int, int]] = set()
    for codec in (encoding, "latin-1"):
        try:
            text = data.decode(codec, "replace")
            for item in redact(text).removed:
                original = text[item.start : item.start + item.length].encode(codec, "replace")
                at = data.find(original)
                while at >= 0:
                    ranges.add((at, at + len(original)))
                    at = data.find(original, at + 1)
        except LookupError:
            continue  # a name that our readers use and Python's codecs do not have
    return tuple(sorted(ranges))
