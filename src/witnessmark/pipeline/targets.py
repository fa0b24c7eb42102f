"""From what the user named to the files to read, in one fixed order."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from witnessmark.errors import UsageError
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.pipeline.task import Piece
from witnessmark.unpack.names import storable

STANDARD_INPUT = "-"
MAX_FILES = 4_000_000


def find(targets: Sequence[str], *, standard_input: Path | None = None) -> Iterator[Piece | Problem]:
    """Every regular file under the targets. Raises UsageError for a target that does not exist."""
    several = len(targets) > 1
    for target in targets:
        if target == STANDARD_INPUT and standard_input is not None:
            yield _piece(standard_input, "standard input", standard_input.stat().st_size)
            continue
        path = Path(target)
        if not path.exists():
            raise UsageError(f"there is no {target}", hint="Name a file, a folder, or - for standard input.")
        if path.is_dir():
            prefix = f"{path.resolve().name}/" if several else ""
            yield from _folder(path, prefix)
        elif path.is_file():
            yield _piece(path, path.name, path.stat().st_size)
        else:
            yield _not_read(path.name, "not a regular file", ProblemCode.DEVICE)


def _folder(top: Path, prefix: str) -> Iterator[Piece | Problem]:
    links = 0
    first = ""
    count = 0
    failures: list[OSError] = []
    for folder, folders, files in os.walk(top, onerror=failures.append):
        folders.sort()
        for name in [n for n in folders if (Path(folder) / n).is_symlink()]:
            links += 1
            first = first or name
        for name in sorted(files):
            path = Path(folder) / name
            shown = prefix + path.relative_to(top).as_posix()
            try:
                status = path.lstat()
            except OSError as error:
                yield _not_read(shown, error.strerror or "unreadable", ProblemCode.UNREADABLE)
                continue
            if stat.S_ISLNK(status.st_mode):
                links += 1
                first = first or name
            elif stat.S_ISREG(status.st_mode):
                count += 1
                if count > MAX_FILES:
                    yield _not_read(shown, f"more than {MAX_FILES} files", ProblemCode.BOUND_MEMBERS)
                    return
                yield _piece(path, shown, status.st_size)
            else:
                yield _not_read(shown, "a device, socket or pipe", ProblemCode.DEVICE)
    for failure in failures:
        yield _not_read(str(failure.filename), failure.strerror or "unreadable", ProblemCode.UNREADABLE)
    if links:
        yield Problem(
            code=ProblemCode.LINK,
            message=UntrustedText(f"{links} symbolic link(s) in the folder, first: {storable(first)}"),
            severity=Severity.NOTE,
            consequence="Links were not followed.",
        )


def _piece(path: Path, shown: str, size: int) -> Piece:
    return Piece(path=os.fspath(path), size=size, locator=Locator(path=(storable(shown),)))


def _not_read(shown: str, reason: str, code: ProblemCode) -> Problem:
    return Problem(
        code=code,
        message=UntrustedText(reason),
        severity=Severity.LOST,
        consequence="This file was not read.",
        locator=Locator(path=(storable(shown),)),
    )


def spool_standard_input(path: Path, limit: int, source: BinaryIO | None = None) -> None:
    """Write standard input to `path`. Raises UsageError when it is longer than `limit` bytes."""
    stream = source or sys.stdin.buffer
    left = limit
    with path.open("wb") as file:
        while chunk := stream.read(1 << 20):
            left -= len(chunk)
            if left < 0:
                raise UsageError(f"standard input is longer than {limit} bytes", hint="Save it to a file and name it.")
            file.write(chunk)
