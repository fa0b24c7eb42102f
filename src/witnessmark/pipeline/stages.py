"""The order of the work on one task, inside a worker: unpack, match, read."""

import hashlib
import traceback
from collections.abc import Callable
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.maker import MakerSaid
from witnessmark.model.observation import Observation
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.pipeline.task import Counts, Outcome, Piece, Task
from witnessmark.read import observe
from witnessmark.read.makers import makers_in
from witnessmark.scan.matcher import Matcher
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.recurse import Opened, UnpackedLeaf, walk

MOST_MAKERS = 20_000


class TaskRun:
    """One task's results while they grow."""

    def __init__(self, matcher: Matcher, working: Working, further: list[Piece]) -> None:
        self._matcher = matcher
        self._working = working
        self._further = further
        self._observations: list[Observation] = []
        self._problems: list[Problem] = []
        self._makers: set[MakerSaid] = set()
        self._bytes = 0
        self._containers = 0

    def run(self, blobs: list[tuple[Piece, Blob]]) -> Outcome:
        """Walk every piece."""
        for piece, blob in blobs:
            try:
                self._makers.update(makers_in(blob, piece.locator))  # a container's own signature is in no member
                self._walk(blob, piece.locator)
            except Exception as error:  # noqa: BLE001  the worker's edge: a defect of ours costs one file, and is told
                self._problems.append(our_defect(error, piece.locator))
                self._working.unread += 1
        counts = Counts(
            seen=self._working.seen,
            unread=self._working.unread,
            bytes_read=self._bytes,
            containers=self._containers,
        )
        return Outcome(
            observations=tuple(self._observations),
            problems=tuple(self._problems),
            makers=tuple(sorted(self._makers, key=lambda one: (one.locator.order, one.mark, one.name)))[:MOST_MAKERS],
            counts=counts,
            further=tuple(self._further),
        )

    def _walk(self, blob: Blob, locator: Locator) -> None:
        for item in walk(blob, locator, self._working):
            if isinstance(item, Opened):
                self._containers += 1
            elif isinstance(item, Problem):
                self._problems.append(item)
            elif item.blob.size:
                try:
                    self._leaf(item)
                except Exception as error:  # noqa: BLE001  the worker's edge: a defect of ours costs one member
                    self._problems.append(our_defect(error, item.locator))
                    self._working.unread += 1

    def _leaf(self, leaf: UnpackedLeaf) -> None:
        self._bytes += leaf.blob.size
        self._makers.update(makers_in(leaf.blob, leaf.locator))
        matches, problems = self._matcher.scan(leaf.blob, name=leaf.name)
        self._problems.extend(_at(problem, leaf.locator) for problem in problems)
        if not matches:
            return
        locator = Locator(
            path=leaf.locator.path,
            via=leaf.locator.via,
            sha256=leaf.blob.sha256(),
            top_sha256=leaf.locator.top_sha256,
        )
        observations, problems = observe(leaf.blob, locator, matches)
        self._observations.extend(observations)
        self._problems.extend(_at(problem, locator) for problem in problems)


def our_defect(error: Exception, locator: Locator | None) -> Problem:
    """The Problem for an exception that should not have come."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return Problem(
        code=ProblemCode.WORKER_DIED,
        message=UntrustedText(f"{type(error).__name__}{place}: {str(error)[:300]}"),
        severity=Severity.LOST,
        consequence="This member was not read to its end.",
        hint="This is a defect in witnessmark; please report it.",
        locator=locator,
    )


def _at(problem: Problem, locator: Locator) -> Problem:
    if problem.locator is not None:
        return problem
    return Problem(
        code=problem.code,
        message=problem.message,
        severity=problem.severity,
        consequence=problem.consequence,
        hint=problem.hint,
        locator=locator,
    )


def open_pieces(task: Task) -> tuple[list[tuple[Piece, Blob]], list[Problem], Sha256]:
    """Map the task's files; give each top-level locator its digest; one digest over all names and bytes."""
    opened: list[tuple[Piece, Blob]] = []
    problems: list[Problem] = []
    total = hashlib.sha256()
    for piece in task.pieces:
        try:
            blob = Blob.of_path(Path(piece.path))
        except OSError as error:
            problems.append(_unreadable(piece, error))
            continue
        locator = piece.locator
        if locator.top_sha256 is None:
            locator = Locator(path=locator.path, via=locator.via, top_sha256=blob.sha256())
        total.update("\0".join((*locator.path, blob.sha256() if not piece.owned else "")).encode() + b"\n")
        opened.append((Piece(path=piece.path, size=piece.size, locator=locator, owned=piece.owned), blob))
    return opened, problems, Sha256(total.hexdigest())


def _unreadable(piece: Piece, error: OSError) -> Problem:
    return Problem(
        code=ProblemCode.UNREADABLE,
        message=UntrustedText(error.strerror or "unreadable"),
        severity=Severity.LOST,
        consequence="This file was not read.",
        locator=piece.locator,
    )


def run_task(
    task: Task,
    opened: list[tuple[Piece, Blob]],
    matcher: Matcher,
    make_working: Callable[[dict[tuple[str, ...], int], list[Piece]], Working],
) -> Outcome:
    """All stages over one task."""
    further: list[Piece] = []
    working = make_working({dead.path: dead.members for dead in task.skip}, further)
    return TaskRun(matcher, working, further).run(opened)
