"""Run a comparison in a confined process of its own, and record it in a case if asked."""

import mmap
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from witnessmark.case import open_case
from witnessmark.errors import WitnessmarkError
from witnessmark.knowledge import load_knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.change import DiffReport
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.pipeline.comparing import Comparison
from witnessmark.pipeline.comparing_sides import copy_case, expand, is_case
from witnessmark.pipeline.result_cache import default_folder
from witnessmark.pipeline.task import Dead
from witnessmark.pipeline.wire import PROGRESS_SIZE, Progress, read_progress, receive, send
from witnessmark.sandbox import confine
from witnessmark.sandbox.spawn import start_worker
from witnessmark.scan.matcher import Matcher
from witnessmark.unpack.scratch import Scratch

MAX_DEATHS = 8
STUCK = 600.0
"""Seconds without any movement after which the process is ended."""
POLL = 0.5


class Request(Record, frozen=True, kw_only=True):
    """What the confined process is told. `copied`: which sides are folders of ours, made from a case."""

    old: str
    new: str
    knowledge: str | None
    passwords: tuple[str, ...]
    scratch: str
    patterns: str
    progress: str
    copied: tuple[bool, bool] = (False, False)
    skip: tuple[Dead, ...] = ()


class Answer(Record, frozen=True, kw_only=True):
    """What it answers: a report, or why there is none."""

    report: DiffReport | None = None
    error: str = ""


def compare_versions(
    old: Path, new: Path, *, knowledge: Path | None = None, passwords: tuple[str, ...] = (), case: Path | None = None
) -> DiffReport:
    """Compare two versions. The parsing happens in a process without network that can write to scratch only.

    Raises WitnessmarkError when that process dies, UsageError for a knowledge folder that is none.
    """
    loaded = load_knowledge(knowledge)
    patterns = default_folder() / "patterns"
    Matcher(loaded.terms, patterns)
    scratch = Scratch.create()
    try:
        sides, copied = _sides(old, new, scratch)
        request = Request(
            old=str(sides[0]),
            new=str(sides[1]),
            knowledge=None if knowledge is None else str(knowledge),
            passwords=passwords,
            scratch=str(scratch.folder),
            patterns=str(patterns),
            progress=str(scratch.folder / "progress"),
            copied=copied,
        )
        report = _until_done(request, scratch)
    finally:
        scratch.remove()
    if case is not None:
        with open_case(case) as opened:
            inputs = tuple(
                opened.item(opened.put(path), name=path.name, role="compared") for path in (old, new) if path.is_file()
            )
            opened.record(EventKind.DIFFED, report, inputs=inputs)
    return report


def _sides(old: Path, new: Path, scratch: Scratch) -> tuple[tuple[Path, Path], tuple[bool, bool]]:
    """The two things to read; a case is copied out first, by the journal's word for what came in."""
    made = []
    for path, name in ((old, "old-case"), (new, "new-case")):
        if not is_case(path):
            made.append((path, False))
            continue
        copy_case(path, scratch.folder / name)
        made.append((scratch.folder / name, True))
    (first, one), (second, other) = made
    return (first, second), (one, other)


def _until_done(request: Request, scratch: Scratch) -> DiffReport:
    """Ask; when the process dies, ask again without the member that it died on. Raises WitnessmarkError at the end."""
    problems: list[Problem] = []
    while True:
        answer, where, stuck, status = _ask(request, scratch)
        if answer is not None:
            if answer.report is None:
                raise WitnessmarkError(answer.error)
            return msgspec.structs.replace(answer.report, problems=(*problems, *answer.report.problems))
        dead = None if where is None else Dead(path=where[0], members=where[1])
        if dead is None or dead in request.skip or len(problems) >= MAX_DEATHS:
            raise WitnessmarkError(
                f"the process that reads the files ended with status {status}",
                hint="One of the files makes a parser fail. Compare smaller parts to find which; please report it.",
            )
        problems.append(_death(dead, stuck=stuck, status=status))
        request = msgspec.structs.replace(request, skip=(*request.skip, dead))


def _ask(
    request: Request, scratch: Scratch
) -> tuple[Answer | None, tuple[tuple[str, ...], int] | None, bool, int | None]:
    """One attempt: the answer, or where the process was when it ended, whether it was stuck, and its status."""
    path = Path(request.progress)
    path.write_bytes(bytes(PROGRESS_SIZE))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), PROGRESS_SIZE) as shared:
        process = start_worker("witnessmark.pipeline.comparing_run", scratch.folder)
        assert process.stdin is not None and process.stdout is not None
        stuck = False
        try:
            with suppress(BrokenPipeError):  # its end of the other pipe says so as well
                send(process.stdin, request)
            stuck = not _moves(process.stdout.fileno(), shared)
            packed = None if stuck else receive(process.stdout)
        finally:
            for stream in (process.stdin, process.stdout):
                with suppress(BrokenPipeError):
                    stream.close()
            with suppress(ProcessLookupError):  # it may have gone already
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if packed is not None:
            return msgspec.msgpack.decode(packed, type=Answer), None, False, None
        return None, read_progress(shared)[1], stuck, process.returncode


def _moves(descriptor: int, shared: mmap.mmap) -> bool:
    """Wait for the first byte or the end of the answer; False when nothing moved for too long."""
    count, since = -1, time.monotonic()
    while not select.select([descriptor], [], [], POLL)[0]:
        now, _ = read_progress(shared)
        if now != count:
            count, since = now, time.monotonic()
        elif time.monotonic() - since > STUCK:
            return False
    return True


def _death(dead: Dead, *, stuck: bool, status: int | None) -> Problem:
    how = "did not end in the time given" if stuck else f"ended the process that read it (status {status})"
    return Problem(
        code=ProblemCode.BOUND_TIME if stuck else ProblemCode.WORKER_DIED,
        message=UntrustedText(f"reading this member {how}"),
        severity=Severity.LOST,
        consequence="It was left out on both sides where both have it under this path; the rest was compared.",
        hint="Please report the file, if you may.",
        locator=Locator(path=tuple(UntrustedText(step) for step in dead.path)),
    )


def main() -> None:
    """Serve one request, confined."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    packed = receive(source)
    if packed is None:
        return
    request = msgspec.msgpack.decode(packed, type=Request)
    knowledge = load_knowledge(None if request.knowledge is None else Path(request.knowledge))
    matcher = Matcher(knowledge.terms, Path(request.patterns))
    readable = tuple(Path(path).resolve() for path in (request.old, request.new))
    confine.confine(readable=readable, writable=(Path(request.scratch),))
    scratch = Scratch(Path(request.scratch))
    progress = Progress(Path(request.progress))
    try:
        (old, one), (new, other) = (
            expand(Path(path), scratch.folder / label, whole_folder=ours)
            for path, label, ours in zip((request.old, request.new), ("old", "new"), request.copied, strict=True)
        )
        skip = {dead.path: dead.members for dead in request.skip}
        comparison = Comparison(knowledge, scratch, matcher, request.passwords, progress=progress, skip=skip)
        report = comparison.run([str(old)], [str(new)])
        report = msgspec.structs.replace(report, problems=(*one, *other, *report.problems))
    except WitnessmarkError as error:
        send(sink, Answer(error=str(error)))
        return
    send(sink, Answer(report=report))


if __name__ == "__main__":
    main()
