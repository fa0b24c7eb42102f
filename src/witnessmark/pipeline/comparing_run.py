"""Run a comparison in a confined process of its own, and record it in a case if asked."""

import sys
from pathlib import Path

import msgspec

from witnessmark.case import open_case
from witnessmark.errors import WitnessmarkError
from witnessmark.knowledge import load_knowledge
from witnessmark.model.change import DiffReport
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Record
from witnessmark.pipeline.comparing import Comparison
from witnessmark.pipeline.result_cache import default_folder
from witnessmark.pipeline.wire import receive, send
from witnessmark.sandbox import confine
from witnessmark.sandbox.spawn import start_worker
from witnessmark.scan.matcher import Matcher
from witnessmark.unpack.scratch import Scratch


class Request(Record, frozen=True, kw_only=True):
    """What the confined process is told."""

    old: str
    new: str
    knowledge: str | None
    passwords: tuple[str, ...]
    scratch: str
    patterns: str


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
    request = Request(
        old=str(old),
        new=str(new),
        knowledge=None if knowledge is None else str(knowledge),
        passwords=passwords,
        scratch=str(scratch.folder),
        patterns=str(patterns),
    )
    try:
        report = _ask(request, scratch)
    finally:
        scratch.remove()
    if case is not None:
        with open_case(case) as opened:
            inputs = tuple(
                opened.item(opened.put(path), name=path.name, role="compared") for path in (old, new) if path.is_file()
            )
            opened.record(EventKind.DIFFED, report, inputs=inputs)
    return report


def _ask(request: Request, scratch: Scratch) -> DiffReport:
    process = start_worker("witnessmark.pipeline.comparing_run", scratch.folder)
    assert process.stdin is not None and process.stdout is not None
    with process:
        send(process.stdin, request)
        packed = receive(process.stdout)
        process.stdin.close()
    if packed is None:
        raise WitnessmarkError(
            f"the process that reads the files ended with status {process.wait()}",
            hint="One of the files makes a parser fail. Compare smaller parts to find which; please report it.",
        )
    answer = msgspec.msgpack.decode(packed, type=Answer)
    if answer.report is None:
        raise WitnessmarkError(answer.error)
    return answer.report


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
    try:
        report = Comparison(knowledge, scratch, matcher, request.passwords).run([request.old], [request.new])
    except WitnessmarkError as error:
        send(sink, Answer(error=str(error)))
        return
    send(sink, Answer(report=report))


if __name__ == "__main__":
    main()
