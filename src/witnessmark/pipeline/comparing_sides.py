"""One side of a comparison that is not simply files: a capture (WARC, WACZ, capture folder) or a case.

Bodies are written out under `host/path`, so that two captures of one address pair by path.
"""

import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from witnessmark.case import open_case
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity

MOST_RECORDS = 100_000
MOST_BODY = 512 << 20
MOST_BYTES = 8 << 30
CAPTURE_RECORD = "capture.json"
CASE_PAGE = "case.json"
_PIECE = 1 << 20
_ROLES = frozenset({"original", "warc", "body", "dom", "page", "compared"})  # a WACZ repeats its WARC
_PLAIN = ("body", "original", "dom.html")
_KEPT = re.compile(r"[^\w.\- ()%+=,@~]", re.UNICODE)


def is_case(path: Path) -> bool:
    """Whether a folder is a case."""
    return (path / CASE_PAGE).is_file() and (path / "journal.jsonl").is_file()


def copy_case(path: Path, into: Path) -> None:
    """Write what came into a case to a folder, each item under its name. Raises CaseError if the case does not hold."""
    into.mkdir()
    used: set[str] = set()
    with open_case(path, read_only=True) as case:
        for item in case.items():
            if item.role not in _ROLES:
                continue
            name = "/".join(_clean(step) for step in item.name.split("/") if step.strip(".")) or item.digest[:16]
            if name in used:
                name = f"{item.digest[:8]}/{name}"
            used.add(name)
            target = _room(into, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for _, view in case.blob(item.digest).windows():
                    file.write(view)


def expand(path: Path, into: Path, *, whole_folder: bool = False) -> tuple[Path, tuple[Problem, ...]]:
    """What to compare in place of `path`: itself, or a new folder with the bodies of the capture that it is.

    `whole_folder` looks at every file of a folder of ours for captures. Damage becomes a Problem; nothing is raised.
    """
    if path.is_file() and _is_capture(path):
        return into, tuple(_bodies(path, into))
    if path.is_dir() and (path / CAPTURE_RECORD).is_file() and (path / "capture.warc.gz").is_file():
        problems = tuple(_bodies(path / "capture.warc.gz", into))
        for name in _PLAIN:
            if (path / name).is_file():
                shutil.copyfile(path / name, into / f"captured-{name}")
        return into, problems
    if not whole_folder:
        return path, ()
    found: list[Problem] = []
    for file in sorted(item for item in path.rglob("*") if item.is_file()):
        if _is_capture(file):
            folder = file.with_name(f"{file.name} bodies")
            found += _bodies(file, folder)
            file.unlink()
    return path, tuple(found)


def _is_capture(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(8)
        if head.startswith(b"WARC/"):
            return True
        if head.startswith(b"\x1f\x8b"):
            file.seek(0)
            return _first(file).startswith(b"WARC/")
    return head.startswith(b"PK\x03\x04") and bool(_members(path))


def _first(file: IO[bytes]) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(file.read(4_096), 16)
    except zlib.error:
        return b""


def _members(path: Path) -> list[str]:
    """The WARC files of a WACZ; none for any other ZIP."""
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []
    if "datapackage.json" not in names:
        return []
    return sorted(name for name in names if re.fullmatch(r"archive/.+\.warc(?:\.gz)?", name))[:1_000]


def _bodies(path: Path, into: Path) -> Iterator[Problem]:
    into.mkdir(parents=True, exist_ok=True)
    count, left = 0, MOST_BYTES
    try:
        for file in streams(path):
            with file:
                for number, record in enumerate(ArchiveIterator(file)):
                    if number >= MOST_RECORDS or left <= 0:
                        yield _problem(path, ProblemCode.BOUND_MEMBERS, "the capture holds more than is compared")
                        return
                    if record.rec_type in ("response", "resource"):
                        written = _write(record, into)
                        left -= written
                        count += written > 0
    except (ArchiveLoadFailed, OSError, EOFError, zlib.error, zipfile.BadZipFile, ValueError, KeyError) as error:
        yield _problem(path, ProblemCode.CORRUPT, f"the capture is damaged: {str(error)[:200]}")
    if not count:
        yield _problem(path, ProblemCode.CORRUPT, "the capture holds no answer with a body")


def streams(path: Path) -> Iterator[IO[bytes]]:
    """The WARC files of a WACZ one after another, or the one WARC file that this is."""
    names = _members(path)
    if not names:
        yield path.open("rb")
        return
    with zipfile.ZipFile(path) as package:
        for name in names:
            yield package.open(name)


def _write(record: Any, into: Path) -> int:
    """One body to its file; a later answer for the same address replaces the earlier one. Returns its length."""
    status = record.http_headers.get_statuscode() if record.http_headers is not None else "200"
    if not str(status).startswith("2"):
        return 0
    target = _room(into, _path_of(record.rec_headers.get_header("WARC-Target-URI") or ""))
    target.parent.mkdir(parents=True, exist_ok=True)
    stream, written = record.content_stream(), 0
    with target.open("wb") as file:
        while written < MOST_BODY and (piece := stream.read(_PIECE)):
            file.write(piece)
            written += len(piece)
    return written


def _path_of(address: str) -> str:
    """`host/path` of an address, as a relative path without surprises; a query is part of the last name."""
    parts = urlsplit(address.strip("<> "))
    path = unquote(parts.path, errors="replace")
    steps = [_clean(step) for step in path.split("/") if step.strip(".")]
    if not steps or path.endswith("/"):
        steps.append("index.html")
    if parts.query:
        steps[-1] = _clean(f"{steps[-1]}~{parts.query}")
    return "/".join([_clean(parts.netloc or parts.scheme or "unnamed"), *steps[:30]])


def _clean(step: str) -> str:
    return _KEPT.sub("_", step)[:80] or "_"


def _room(into: Path, name: str) -> Path:
    """A path under `into` where a file can stand: a step that is a file already gives way to its own folder name."""
    at = into
    steps = name.split("/")
    for step in steps[:-1]:
        at = at / step
        if at.is_file():
            at = at.with_name(f"{step} folder")
    at = at / steps[-1]
    return at / "index.html" if at.is_dir() else at


def _problem(path: Path, code: ProblemCode, message: str) -> Problem:
    return Problem(
        code=code,
        message=UntrustedText(f"{path.name}: {message}"),
        severity=Severity.PARTIAL,
        consequence="What could be taken out of the capture was compared.",
    )
