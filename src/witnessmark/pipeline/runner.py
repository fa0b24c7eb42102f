"""Spread tasks over worker processes; survive the death of any of them."""

import heapq
import mmap
import os
import selectors
import signal
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from witnessmark.errors import WitnessmarkError
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.pipeline import early
from witnessmark.pipeline.task import Dead, Outcome, Ready, Setup, Task
from witnessmark.pipeline.wire import PROGRESS_SIZE, read_progress, send
from witnessmark.sandbox.spawn import start_worker

MAX_MESSAGE = 1 << 30
MAX_DEATHS = 8
"""Attempts after which the rest of a task is given up."""
WORTH_ANOTHER = 2 << 20
"""Bytes of input from which starting another worker may pay."""
GRACE = 30.0
POLL = 0.5


@dataclass(eq=False)
class _Place:
    """One worker process and what it is busy with."""

    setup: Setup
    progress_path: Path
    started: bool = False
    task: Task | None = None
    buffer: bytearray = field(default_factory=bytearray)
    count: int = -1
    moved_at: float = 0.0

    def start(self, scratch: Path) -> None:
        self.progress_path.write_bytes(bytes(PROGRESS_SIZE))
        with self.progress_path.open("r+b") as file:
            self.shared = mmap.mmap(file.fileno(), PROGRESS_SIZE)
        self.process = early.take() or start_worker(early.MODULE, scratch)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        os.set_blocking(self.stdout.fileno(), False)
        self.buffer.clear()
        self.started = False
        self.moved_at = time.monotonic()
        with suppress(BrokenPipeError):  # its end of the other pipe says so as well
            send(self.stdin, msgspec.structs.replace(self.setup, progress=os.fspath(self.progress_path)))

    def message(self) -> bytes | bool | None:
        """A whole message, None for "not yet", False for "it is gone"."""
        try:
            chunk = os.read(self.stdout.fileno(), 1 << 20)
        except BlockingIOError:
            chunk = None
        if chunk == b"":
            return False
        self.buffer += chunk or b""
        if len(self.buffer) < 4:
            return None
        (length,) = struct.unpack_from("<I", self.buffer)
        if length > MAX_MESSAGE:
            return False
        if len(self.buffer) < 4 + length:
            return None
        packed = bytes(self.buffer[4 : 4 + length])
        del self.buffer[: 4 + length]
        return packed

    def stop(self) -> None:
        """End the process and everything it started."""
        for stream in (self.stdin, self.stdout):
            with suppress(BrokenPipeError):  # it died with our words unread
                stream.close()
        with suppress(ProcessLookupError):  # gone already
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Runner:
    """Runs tasks on `jobs` workers. Outcomes come in any order; each carries its task."""

    def __init__(self, setup: Setup, jobs: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._setup = setup
        self._scratch = Path(setup.scratch)
        self._clock = clock
        self._places = [_Place(setup, self._scratch / f"progress-{number}") for number in range(max(1, jobs))]
        self.protection = ""
        self.watch: Callable[[tuple[str, ...]], None] = lambda path: None

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Yield every task with its outcome; tasks that outcomes ask for are run too."""
        queue = [(-task.size, task.key, task) for task in tasks]
        heapq.heapify(queue)
        selector = selectors.DefaultSelector()
        idle: list[_Place] = []
        most = len(self._places) if self._setup.split and _is_much(tasks) else len(queue)
        places = self._places[: max(1, most)]
        self._deaths: dict[tuple[int, ...], list[Problem]] = {}
        try:
            for place in places:
                place.start(self._scratch)
                selector.register(place.stdout, selectors.EVENT_READ, place)
            while queue or any(place.task is not None for place in places):
                for place in self._free(idle, queue):
                    idle.remove(place)
                    self._give(place, heapq.heappop(queue)[2])
                for key, _ in selector.select(POLL):
                    place = key.data
                    answer = place.message()
                    while answer is not None:
                        if answer is False:
                            selector.unregister(place.stdout)
                            yield from self._died(place, queue)
                            place.start(self._scratch)
                            selector.register(place.stdout, selectors.EVENT_READ, place)
                            break
                        yield from self._answered(place, bytes(answer), idle, queue)
                        answer = place.message() if len(place.buffer) >= 4 else None
                self._end_the_stuck(places)
        finally:
            selector.close()
            for place in places:
                if hasattr(place, "process"):
                    place.stop()

    @staticmethod
    def _free(idle: list[_Place], queue: list[tuple[int, tuple[int, ...], Task]]) -> list[_Place]:
        return idle[: len(queue)]

    def _give(self, place: _Place, task: Task) -> None:
        place.task = task
        place.moved_at = self._clock()
        with suppress(BrokenPipeError):  # noticed at its other pipe, where the task is put back
            send(place.stdin, task)

    def _answered(
        self, place: _Place, packed: bytes, idle: list[_Place], queue: list[tuple[int, tuple[int, ...], Task]]
    ) -> Iterator[tuple[Task, Outcome]]:
        idle.append(place)
        if not place.started:
            place.started = True
            self.protection = msgspec.msgpack.decode(packed, type=Ready).protection
            return
        task, place.task = place.task, None
        assert task is not None
        outcome = msgspec.msgpack.decode(packed, type=Outcome)
        for number, piece in enumerate(outcome.further):
            further = Task(key=(*task.key, number), pieces=(piece,))
            heapq.heappush(queue, (-further.size, further.key, further))
        earlier = self._deaths.pop(task.key, [])
        yield task, msgspec.structs.replace(outcome, problems=(*earlier, *outcome.problems))

    def _died(self, place: _Place, queue: list[tuple[int, tuple[int, ...], Task]]) -> Iterator[tuple[Task, Outcome]]:
        task, place.task = place.task, None
        was_started = place.started
        _, where = read_progress(place.shared)
        stuck = place.count == -2
        place.count = -1
        place.stop()
        if not was_started:
            raise WitnessmarkError(
                f"a worker process ended before it was ready (exit {place.process.returncode})",
                hint="Its words on standard error, above, say why.",
            )
        if task is None:
            return
        problems = self._deaths.setdefault(task.key, [])
        if where is None:
            where = task.pieces[0].locator.path, -1
        problems.append(_death(where, stuck, place.process.returncode))
        skip = (*task.skip, Dead(path=where[0], members=where[1]))
        if len(problems) >= MAX_DEATHS or where in [(dead.path, dead.members) for dead in task.skip]:
            problems.append(_given_up(task))
            yield task, Outcome(problems=tuple(self._deaths.pop(task.key)))
            return
        again = Task(key=task.key, pieces=task.pieces, skip=skip)
        heapq.heappush(queue, (-again.size, again.key, again))

    def _end_the_stuck(self, places: list[_Place]) -> None:
        """Kill a worker that has not moved for longer than a member may take."""
        now = self._clock()
        for place in places:
            count, where = read_progress(place.shared)
            if where is not None and place.task is not None:
                self.watch(where[0])
            if place.task is None or count != place.count:
                if place.count != -2:
                    place.count, place.moved_at = count, now
            elif now - place.moved_at > self._setup.limits.seconds_per_member + GRACE:
                place.count = -2
                place.process.kill()


def _is_much(tasks: Sequence[Task]) -> bool:
    """Whether more workers than tasks may find something to do: what is packed in the tasks is split further."""
    return sum(task.size for task in tasks) >= WORTH_ANOTHER


def _death(where: tuple[tuple[str, ...], int], stuck: bool, status: int | None) -> Problem:
    locator = Locator(path=tuple(UntrustedText(step) for step in where[0]))
    if stuck:
        return Problem(
            code=ProblemCode.BOUND_TIME,
            message=UntrustedText("reading this member did not end in the time given; the worker was stopped"),
            severity=Severity.LOST,
            consequence="This member was not read to its end." if where[1] < 0 else "The rest of it was not read.",
            locator=locator,
        )
    name = signal.Signals(-status).name if status is not None and status < 0 else f"exit {status}"
    return Problem(
        code=ProblemCode.WORKER_DIED,
        message=UntrustedText(f"the worker process died here ({name})"),
        severity=Severity.LOST,
        consequence="This member was left out; the rest was read by a new worker."
        if where[1] < 0
        else f"What follows its first {where[1]} members was not unpacked.",
        hint="Please report the file, if you may.",
        locator=locator,
    )


def _given_up(task: Task) -> Problem:
    return Problem(
        code=ProblemCode.WORKER_DIED,
        message=UntrustedText("workers died too often on this input"),
        severity=Severity.LOST,
        consequence="The rest of this input was not read.",
        locator=task.pieces[0].locator,
    )
