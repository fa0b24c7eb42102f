"""Scan: from targets to one report."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from witnessmark import __version__
from witnessmark.errors import WitnessmarkError
from witnessmark.explain import explain
from witnessmark.knowledge import Knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.finding import Coverage, ScanReport, ToolStamp
from witnessmark.model.maker import MakerSaid
from witnessmark.model.observation import Observation
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.pipeline import result_cache, targets
from witnessmark.pipeline.options import ScanOptions
from witnessmark.pipeline.runner import Runner
from witnessmark.pipeline.task import Counts, Explained, Outcome, Piece, Setup, Task
from witnessmark.sandbox import confine
from witnessmark.unpack.scratch import Scratch

BATCH_BYTES = 8 << 20
BATCH_FILES = 256


Watch = Callable[[Counts, int, tuple[str, ...]], None]
"""Told while a scan runs: figures so far, places with words so far, and where a worker is."""


def _unwatched(counts: Counts, places: int, path: tuple[str, ...]) -> None:
    """Nobody looks on."""


def scan(
    names: Sequence[str], knowledge: Knowledge, options: ScanOptions | None = None, *, watch: Watch = _unwatched
) -> ScanReport:
    """Unpack, match, read and explain everything under the targets (`-`: standard input).

    Same bytes, knowledge and options give the same report, whatever the number of jobs. Raises UsageError for a
    target that does not exist; everything else that goes wrong is in `problems`.
    """
    options = options or ScanOptions()
    started = time.monotonic()
    scratch = Scratch.create(options.scratch)
    try:
        gathered = _gather(names, knowledge, options, scratch, watch)
    finally:
        scratch.remove()
    explained = _explained(gathered, knowledge, options)
    counts = gathered.counts
    if options.cache:
        result_cache.trim(options.cache)
    return ScanReport(
        findings=explained.findings,
        problems=tuple(sorted((*gathered.problems, *explained.problems), key=_problem_order)),
        coverage=Coverage(
            members_seen=counts.seen,
            members_opened=counts.seen - counts.unread,
            members_unread=counts.unread,
            bytes_read=counts.bytes_read,
            containers=counts.containers,
            seconds=round(time.monotonic() - started, 3) if options.timed else None,
            protection=gathered.protection,
        ),
        knowledge=knowledge.stamp,
        tool=ToolStamp(name="witnessmark", version=__version__),
        makers=options.makers(gathered.makers) if options.makers is not None else None,
    )


def _explained(gathered: "_Gathered", knowledge: Knowledge, options: ScanOptions) -> Explained:
    """The second pass over everything found; taken from the cache where every part was there before."""
    digests = gathered.digests() if options.cache else None
    if options.cache and digests is not None:
        kept = result_cache.load_explained(options.cache, gathered.result_key, digests)
        if kept is not None:
            return kept
    for digest in gathered.cached:
        gathered.observations.extend(gathered.kept_observations(options.cache, digest))
    observations = sorted(gathered.observations, key=lambda item: item.locator.order)
    findings, problems = explain(tuple(observations), knowledge)
    explained = Explained(findings=findings, problems=problems)
    if options.cache and digests is not None:
        result_cache.store_explained(options.cache, gathered.result_key, digests, explained)
    return explained


class _Gathered:
    """Everything the workers found, in no particular order."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self.problems: list[Problem] = []
        self.makers: list[MakerSaid] = []
        self.counts = Counts()
        self.protection = ""
        self.result_key = ""
        self.cached: list[Sha256] = []  # outcomes whose observations are still in the cache
        self._digests: list[Sha256 | None] = []

    def add(self, outcome: Outcome) -> None:
        """Take one outcome in."""
        self.observations.extend(outcome.observations)
        self.problems.extend(outcome.problems)
        self.makers.extend(outcome.makers)
        self.counts = self.counts.plus(outcome.counts)
        if outcome.cached and outcome.digest is not None:
            self.cached.append(outcome.digest)

    def whole(self, outcome: Outcome) -> None:
        """Note that a task and all its sub-tasks are in."""
        passing = any(problem.code in result_cache.PASSING for problem in outcome.problems)
        self._digests.append(None if passing else outcome.digest)

    def digests(self) -> str | None:
        """One name for all the parts together; None when one of them may come out otherwise the next time."""
        known = [digest for digest in self._digests if digest is not None]
        return "\n".join(sorted(known)) if len(known) == len(self._digests) else None

    def kept_observations(self, cache: Path | None, digest: Sha256) -> tuple[Observation, ...]:
        """What an earlier scan observed. Raises WitnessmarkError when the entry went away in the meantime."""
        kept = result_cache.load_observations(cache, self.result_key, digest) if cache else None
        if kept is None:
            raise WitnessmarkError("the result cache changed while it was read", hint="Scan again, or use --no-cache.")
        return kept


def _gather(
    names: Sequence[str], knowledge: Knowledge, options: ScanOptions, scratch: Scratch, watch: Watch
) -> _Gathered:
    gathered = _Gathered()
    standard_input = scratch.folder / "standard-input"
    if targets.STANDARD_INPUT in names:
        targets.spool_standard_input(standard_input, options.limits.member_bytes)
    pieces: list[Piece] = []
    for item in targets.find(names, standard_input=standard_input):
        if isinstance(item, Problem):
            gathered.problems.append(item)
        else:
            pieces.append(item)
    result_key = gathered.result_key = result_cache.key(knowledge.digest, options) if options.cache else ""
    runner = Runner(_setup(names, knowledge, options, scratch, result_key), options.jobs)
    runner.watch = lambda path: watch(gathered.counts, len(gathered.observations), path)
    trees = _Trees()
    for task, outcome in runner.run(list(_batches(pieces))):
        gathered.add(outcome)
        whole = trees.add(task, outcome)
        if whole is not None:
            gathered.whole(whole)
        if whole is not None and options.cache and whole.digest and not whole.cached:
            result_cache.store(options.cache, result_key, whole.digest, whole)
    gathered.protection = runner.protection
    if gathered.protection:
        gathered.problems.extend(_unprotected(gathered.protection))
    return gathered


def _unprotected(protection: str) -> Iterator[Problem]:
    """A note where the system does not offer what workers are confined with."""
    lacking = " and ".join(confine.missing(protection))
    if lacking:
        yield Problem(
            code=ProblemCode.SANDBOX_WEAK,
            message=UntrustedText(f"this system does not offer {lacking}"),
            severity=Severity.NOTE,
            consequence="The files were parsed with less protection; what was read is the same.",
            hint="Scan files that you do not trust on Linux 5.13 or newer, or in a virtual machine.",
        )


def _setup(
    names: Sequence[str], knowledge: Knowledge, options: ScanOptions, scratch: Scratch, result_key: str
) -> Setup:
    readable = [str(Path(name).resolve()) for name in names if name != targets.STANDARD_INPUT]
    if options.cache:
        readable.append(str(options.cache))
    return Setup(
        terms=knowledge.terms,
        limits=options.limits,
        passwords=options.passwords,
        scratch=str(scratch.folder),
        readable=tuple(readable),
        progress="",
        matcher_cache=str(options.matcher_cache) if options.matcher_cache else None,
        result_cache=str(options.cache) if options.cache else None,
        result_key=result_key,
        split=options.jobs > 1,
    )


def _batches(pieces: list[Piece]) -> Iterator[Task]:
    """Large files alone, small ones together, in the order given."""
    number = 0
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        if batch and (size + piece.size > BATCH_BYTES or len(batch) >= BATCH_FILES):
            yield Task(key=(number,), pieces=tuple(batch))
            number, batch, size = number + 1, [], 0
        batch.append(piece)
        size += piece.size
    if batch:
        yield Task(key=(number,), pieces=tuple(batch))


class _Trees:
    """Puts an outcome and those of its sub-tasks together, so that they are kept as one."""

    def __init__(self) -> None:
        self._waiting: dict[int, int] = {}
        self._parts: dict[int, list[tuple[tuple[int, ...], Outcome]]] = {}

    def add(self, task: Task, outcome: Outcome) -> Outcome | None:
        """The whole tree's outcome when this was its last part."""
        top = task.key[0]
        self._waiting[top] = self._waiting.get(top, 1) - 1 + len(outcome.further)
        parts = self._parts.setdefault(top, [])
        parts.append((task.key, outcome))
        if self._waiting[top]:
            return None
        del self._waiting[top], self._parts[top]
        whole = Outcome(digest=next(part.digest for key, part in parts if len(key) == 1), cached=parts[0][1].cached)
        for _, part in sorted(parts, key=lambda item: item[0]):
            whole = msgspec.structs.replace(
                whole,
                observations=(*whole.observations, *part.observations),
                problems=(*whole.problems, *part.problems),
                makers=(*whole.makers, *part.makers),
                counts=whole.counts.plus(part.counts),
            )
        return whole


def _problem_order(problem: Problem) -> tuple[object, ...]:
    locator = problem.locator or Locator(path=())
    return (locator.order, problem.code, problem.message)
