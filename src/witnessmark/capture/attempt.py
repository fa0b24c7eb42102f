"""One request's part of a download: written, hashed and recorded while it comes in."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from witnessmark.capture.following import Fan, Flusher, FollowingHash, Take
from witnessmark.capture.keeping import Answer, Keeper
from witnessmark.capture.warc import STORE_ABOVE, Block, Fields, OpenRecord, Region
from witnessmark.model.fact import Sha256
from witnessmark.model.problem import ProblemCode
from witnessmark.net.client import Opening, Response
from witnessmark.net.http1 import Framing, Head

_TELL_EVERY = 16 << 20


class Attempt:
    """A Receiver that writes to disk as it comes.

    A large body whose length the server has announced goes into its record at the same time; all others get their
    record afterwards, when their length and digests are known.
    """

    def __init__(self, out: BinaryIO, spool: Path, start: int, say: Callable[[str], None]) -> None:
        self.spool, self.start = spool, start
        self.head: Head | None = None
        self.size = 0
        self._out, self._say, self._told = out, say, 0
        self._payload = hashlib.sha256()
        self._block: FollowingHash | None = None
        self._fan: Fan | None = None
        self._flusher = Flusher()
        self._record: OpenRecord | None = None
        self._given_up = False
        self._framed: BinaryIO | None = None
        self._framed_size = 0

    def begin(self, opening: Opening, keeper: Keeper, limit: int) -> "Attempt":
        """The head is here. It goes to disk at once, so that a crash leaves it beside the body. Raises OSError."""
        self.head = head = opening.head
        self.spool.write_bytes(head.raw)
        takers: list[Take] = [self._payload.update]
        if opening.length is not None and STORE_ABOVE < opening.length <= limit:
            self._record = keeper.begin(opening, len(head.raw) + opening.length)
            self._record.feed(head.raw)
            self._flusher.watch(self._out.fileno(), keeper.warc.handle())
            takers.append(self._record.feed)
        else:
            self._block = FollowingHash()
            self._block.update(head.raw)
            if opening.framing is Framing.CHUNKED:
                self._framed = self.spool.with_suffix(".framed").open("xb", buffering=0)
            else:
                takers.append(self._block.update_here)
        self._fan = Fan(takers)
        return self

    def room(self) -> memoryview:
        """The next bytes come into the takers' own memory; chunked ones have framing between them."""
        return self._fan.room() if self._fan is not None and self._framed is None else memoryview(b"")

    def write(self, payload: memoryview, /) -> None:
        """Payload goes to the body. Raises OSError."""
        left = payload
        while len(left):
            try:
                left = left[self._out.write(left) or 0 :]
            except OSError:
                if not self._give_record_up():
                    raise
        self.size += len(payload)
        if self._fan is not None:
            self._fan.add(payload)
        self._flusher.wrote(len(payload))
        if self.size - self._told >= _TELL_EVERY:
            self._told = self.size
            self._say(f"{(self.start + self.size) >> 20} MiB")

    def _give_record_up(self) -> bool:
        """The disk is full: the body matters more than its record, which then gives its space back. False if there is
        nothing to give."""
        if self._record is None or self._given_up or self._fan is None:
            return False
        self._fan.finish()
        self._record.abandon()
        self._given_up = True
        self._fan = Fan([self._payload.update])
        return True

    def framed(self, data: memoryview, /) -> None:
        """Chunk framing goes to a file beside it, for the record. Raises OSError."""
        if self._framed is not None:
            write_all(self._framed, data)
            self._framed_size += len(data)
            if self._block is not None:
                self._block.update(data)

    def sha256(self) -> Sha256:
        """Of the payload."""
        if self._fan is not None:
            self._fan.finish()
        return Sha256(self._payload.hexdigest())

    def answer(self, response: Response, body: Path, keeper: Keeper) -> Answer:
        """The response's record, whole in the file or ready to be written. Raises OSError."""
        failures = self._fan.finish() if self._fan is not None else []
        if self._record is not None:
            if response.complete and not any(failures) and not self._given_up:
                self._record.close()
                self._flusher.finish()
                return Answer(id=self._record.id)
            if not self._given_up:
                self._record.abandon()
        self._flusher.finish()
        return Answer(id=keeper.warc.new_id(), block=self._whole_block(response, body), fields=_fields(response, self))

    @property
    def chunked(self) -> bool:
        """Whether there is framing between the bytes."""
        return self._framed is not None

    def abort(self) -> None:
        """The fetch failed: end the threads, take half a record out again. Raises OSError."""
        self.sha256()
        if self._record is not None and not self._given_up:
            self._record.abandon()
        self._flusher.finish()

    def tidy(self) -> None:
        """The record is on the disk: what lay here for it is not needed any more. Raises OSError."""
        for path in (self.spool, self.spool.with_suffix(".framed")):
            path.unlink(missing_ok=True)

    def _whole_block(self, response: Response, body: Path) -> Block:
        head = response.head.raw
        if self._framed is not None:
            self._framed.close()
            region = Region(path=Path(self._framed.name), start=0, size=self._framed_size)
        else:
            region = Region(path=body, start=self.start, size=self.size)
        if self._block is not None:
            digest = self._block.hexdigest()
        else:
            again = hashlib.sha256(head)
            for piece in region.pieces():
                again.update(piece)
            digest = Sha256(again.hexdigest())
        return Block(parts=(head, region), size=len(head) + region.size, sha256=digest)


def _fields(response: Response, attempt: Attempt) -> Fields:
    fields: Fields = []
    if not attempt.chunked:
        fields.append(("WARC-Payload-Digest", f"sha256:{response.sha256}"))
    if not response.complete:
        over = any(p.code is ProblemCode.BOUND_BYTES for p in response.problems)
        fields.append(("WARC-Truncated", "length" if over else "disconnect"))
    return fields


def write_all(file: BinaryIO, data: memoryview) -> None:
    """Write every byte: an unbuffered file may take only some when the disk is nearly full. Raises OSError."""
    while len(data):
        data = data[file.write(data) or 0 :]
