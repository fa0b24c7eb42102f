"""How the driver and its workers talk: framed messages over pipes, and a shared page that says where a worker is."""

import mmap
import struct
from pathlib import Path
from typing import IO

import msgspec

from witnessmark.model.artifact import Locator
from witnessmark.pipeline.task import ENCODER

PROGRESS_SIZE = 1 << 16


class Progress:
    """Where this worker is, in memory shared with the driver, so that it is known even after a crash."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), PROGRESS_SIZE)
        self._count = 0

    def tick(self) -> None:
        """Say that something moved."""
        self._count += 1
        struct.pack_into("<Q", self._shared, 0, self._count)

    def entered(self, locator: Locator, members: int) -> None:
        """Say where the walk is."""
        packed = ENCODER.encode((locator.path, members))
        if len(packed) <= PROGRESS_SIZE - 12:
            struct.pack_into("<I", self._shared, 8, 0)
            self._shared[12 : 12 + len(packed)] = packed
            struct.pack_into("<I", self._shared, 8, len(packed))
        self.tick()


def read_progress(shared: mmap.mmap) -> tuple[int, tuple[tuple[str, ...], int] | None]:
    """The count of movements, and the place if it is whole."""
    count, length = struct.unpack_from("<QI", shared, 0)
    if not 0 < length <= PROGRESS_SIZE - 12:
        return count, None
    try:
        return count, msgspec.msgpack.decode(shared[12 : 12 + length], type=tuple[tuple[str, ...], int])
    except msgspec.MsgspecError:
        return count, None


def send(stream: IO[bytes], message: object) -> None:
    """Write one message with its length before it."""
    packed = ENCODER.encode(message)
    stream.write(struct.pack("<I", len(packed)))
    stream.write(packed)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one message; None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    return stream.read(int(struct.unpack("<I", head)[0]))
