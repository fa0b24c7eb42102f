"""Line numbers for offsets, counted only where somebody asks."""

from witnessmark.blob import Blob

PROBE = 8192
STEP = 1 << 20


class Lines:
    """Counts line ends up to ascending offsets. Binary data has no lines: `at` gives None."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._offset = 0
        self._line = 1
        self._unit, self._newline = _kind(blob.read(0, PROBE))

    def at(self, offset: int) -> int | None:
        """The line (from 1) of an offset that is not before the last one asked for."""
        if self._unit == 0:
            return None
        while self._offset < offset:
            stop = min(offset, self._offset + STEP)
            self._line += self._count(self._blob.read(self._offset, stop - self._offset))
            self._offset = stop
        return self._line

    def _count(self, data: bytes) -> int:
        if self._unit == 1:
            return data.count(b"\n")
        begin = (-self._offset) % 2
        units = memoryview(data[begin : begin + (len(data) - begin) // 2 * 2]).cast("H").tolist()
        return units.count(int.from_bytes(self._newline, "little"))


def _kind(head: bytes) -> tuple[int, bytes]:
    """(bytes a unit, line end); (0, b"") for binary data."""
    if head.startswith(b"\xff\xfe"):
        return 2, b"\n\0"
    if head.startswith(b"\xfe\xff"):
        return 2, b"\0\n"
    return (0, b"") if b"\0" in head else (1, b"\n")
