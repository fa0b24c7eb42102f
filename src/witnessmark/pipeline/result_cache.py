"""Results of earlier scans by content: same bytes, same names, same knowledge, same program, same options."""

import hashlib
import os
import shutil
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from witnessmark import __version__
from witnessmark.model.fact import Sha256
from witnessmark.model.observation import Observation
from witnessmark.model.problem import ProblemCode
from witnessmark.pipeline.options import ScanOptions
from witnessmark.pipeline.task import ENCODER, Explained, Outcome

_Kind = TypeVar("_Kind")
MAX_BYTES = 1 << 30
PROGRAMS = ("7z", "7za", "7zz", "cabextract", "innoextract", "unrar", "unshield", "unsquashfs", "upx")
"""What formats may use (a test compares); importing them all to ask would cost the driver 0.1 s."""
PASSING = {
    ProblemCode.WORKER_DIED,
    ProblemCode.BOUND_TIME,
    ProblemCode.DISK_FULL,
    ProblemCode.PROGRAM_FAILED,
    ProblemCode.UNREADABLE,
}
"""Problems that another attempt may not have; such outcomes are not kept."""


def default_folder() -> Path:
    """The user's cache folder; safe to delete."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "witnessmark"


@cache
def _code_stamp() -> str:
    """Changes with our own source files, so that an edited checkout never shows old results."""
    root = Path(__file__).resolve().parent.parent
    total = hashlib.sha256(__version__.encode())
    for path in sorted(root.rglob("*.py")):
        status = path.stat()
        total.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return total.hexdigest()


def key(knowledge: Sha256, options: ScanOptions) -> str:
    """What a result depends on beside the bytes and names."""
    parts = (
        knowledge,
        _code_stamp(),
        repr(options.limits),
        hashlib.sha256("\0".join(options.passwords).encode()).hexdigest(),
        *(f"{program}={shutil.which(program)}" for program in PROGRAMS),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _place(folder: Path, result_key: str, digest: str, part: str) -> Path:
    name = hashlib.sha256(f"{result_key}{digest}{part}".encode()).hexdigest()
    return folder / "results" / name[:2] / name[2:]


def _read(place: Path) -> bytes | None:
    """An entry's bytes, or None when it is not there or damaged."""
    try:
        packed = place.read_bytes()
    except OSError:
        return None
    return packed[32:] if hashlib.sha256(packed[32:]).digest() == packed[:32] else None


def _write(place: Path, body: bytes) -> None:
    """Put an entry in place at once. A full or read-only disk is no error: there is only no entry."""
    temporary = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_bytes(hashlib.sha256(body).digest() + body)
        temporary.replace(place)
    except OSError:
        temporary.unlink(missing_ok=True)


def load(folder: Path, result_key: str, digest: Sha256) -> Outcome | None:
    """The outcome of an earlier scan without its observations, or None."""
    body = _read(_place(folder, result_key, digest, "outcome"))
    if _read(_place(folder, result_key, digest, "observations")) is None:
        return None
    return None if body is None else msgspec.structs.replace(_decoded(body, Outcome), cached=True)


def load_observations(folder: Path, result_key: str, digest: Sha256) -> tuple[Observation, ...] | None:
    """The observations of an earlier scan, or None."""
    body = _read(_place(folder, result_key, digest, "observations"))
    return None if body is None else _decoded(body, tuple[Observation, ...])


def load_explained(folder: Path, result_key: str, digests: str) -> Explained | None:
    """What the same outcomes together were explained as, or None."""
    body = _read(_place(folder, result_key, digests, "explained"))
    return None if body is None else _decoded(body, Explained)


def _decoded(body: bytes, kind: type[_Kind]) -> _Kind:
    """The key covers our own code, so that a sound entry has the shape of this version's records."""
    return msgspec.msgpack.decode(body, type=kind)


def store(folder: Path, result_key: str, digest: Sha256, outcome: Outcome) -> None:
    """Keep an outcome, unless another attempt could give a better one."""
    if any(problem.code in PASSING for problem in outcome.problems):
        return
    _write(_place(folder, result_key, digest, "observations"), ENCODER.encode(outcome.observations))
    head = msgspec.structs.replace(outcome, observations=(), further=(), cached=False)
    _write(_place(folder, result_key, digest, "outcome"), ENCODER.encode(head))


def store_explained(folder: Path, result_key: str, digests: str, explained: Explained) -> None:
    """Keep what all the outcomes together were explained as."""
    _write(_place(folder, result_key, digests, "explained"), ENCODER.encode(explained))


def trim(folder: Path, limit: int = MAX_BYTES) -> None:
    """Delete the oldest entries until the folder is within its bound."""
    entries = [(path.stat().st_mtime_ns, path.stat().st_size, path) for path in (folder / "results").glob("??/*")]
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= limit:
            return
        path.unlink(missing_ok=True)
        total -= size
