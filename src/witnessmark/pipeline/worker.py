"""A worker process: reads tasks from standard input, writes outcomes to standard output, and touches nothing else."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.pipeline import result_cache
from witnessmark.pipeline.stages import open_pieces, our_defect, run_task
from witnessmark.pipeline.task import Outcome, Piece, Ready, Setup, Task
from witnessmark.pipeline.wire import Progress, receive, send
from witnessmark.sandbox import confine
from witnessmark.scan.matcher import Matcher
from witnessmark.unpack import registry
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.scratch import Scratch, SpooledBlob

SPLIT_FROM = 4 << 20
"""A nested container this large is worth handing to another worker."""


class Worker:
    """What lives as long as the process: the compiled words and the scratch folder."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._scratch = Scratch(Path(setup.scratch))
        self._progress = Progress(Path(setup.progress))
        cache = Path(setup.matcher_cache) if setup.matcher_cache else None
        self._matcher = Matcher(setup.terms, cache)

    def run(self, task: Task) -> Outcome:
        """Do one task; what cannot be done is in the outcome's problems."""
        opened, problems, digest = open_pieces(task)
        cache = self._setup.result_cache
        if cache and not task.skip:
            found = result_cache.load(Path(cache), self._setup.result_key, digest)
            if found is not None:
                return found
        try:
            outcome = run_task(task, opened, self._matcher, self._working)
        except Exception as error:  # noqa: BLE001  the worker's edge: a defect of ours costs one task, and is told
            outcome = Outcome(problems=(our_defect(error, task.pieces[0].locator),))
        for piece in task.pieces:
            if piece.owned:
                Path(piece.path).unlink(missing_ok=True)
        return msgspec.structs.replace(outcome, problems=(*problems, *outcome.problems), digest=digest)

    def _working(self, skip: dict[tuple[str, ...], int], further: list[Piece]) -> Working:
        return Working(
            self._setup.limits,
            lambda: self._scratch,
            passwords=self._setup.passwords,
            tick=self._progress.tick,
            entered=self._progress.entered,
            skip=skip,
            offload=self._offload(further) if self._setup.split else None,
        )

    def _offload(self, further: list[Piece]) -> Callable[[Blob, Locator], bool]:
        def offload(blob: Blob, locator: Locator) -> bool:
            if blob.size < SPLIT_FROM:
                return False
            if isinstance(blob, SpooledBlob):
                path = blob.hand_on()
            else:
                path = self._scratch.fresh()
                with path.open("wb") as file:
                    for _, view in blob.windows():
                        file.write(view)
            further.append(Piece(path=os.fspath(path), size=blob.size, locator=locator, owned=True))
            return True

        return offload


def main() -> None:
    """Serve tasks until standard input closes."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    registry.unpackers()  # imported while the driver still gets ready
    first = receive(source)
    if first is None:
        return
    setup = msgspec.msgpack.decode(first, type=Setup)
    os.environ["TMPDIR"] = setup.scratch
    worker = Worker(setup)
    protection = confine.confine(readable=tuple(Path(path) for path in setup.readable), writable=(Path(setup.scratch),))
    send(sink, Ready(protection=protection))
    decoder = msgspec.msgpack.Decoder(Task)
    while (packed := receive(source)) is not None:
        send(sink, worker.run(decoder.decode(packed)))


if __name__ == "__main__":
    main()
