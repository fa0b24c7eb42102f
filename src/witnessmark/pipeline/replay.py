"""A captured page made ready to be looked at: a confined worker unpacks its archive and rewrites its addresses."""

import subprocess
import tempfile
from pathlib import Path

import msgspec

from witnessmark.errors import CaseError
from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.sandbox.spawn import start_worker

SECONDS = 120.0


class ReplayOrder(Record, frozen=True, kw_only=True):
    """Which archive, where the files go, and under which address they will be served."""

    path: str
    out: str
    prefix: str


class Replayed(Record, frozen=True, kw_only=True):
    """One captured answer. `file` is its number in the folder, None when its body is not shown; `why` says why not.

    `blocks` is a page's text, one passage each, as the watch compares it. `sha256` is that of the body as it was
    received (framing and packing undone), before addresses were rewritten.
    """

    number: int
    url: UntrustedText
    kind: str  # "page", "built page" (after its scripts had run), "style", "image", "font", "media", "text", "other"
    at: str
    status: int
    media_type: UntrustedText
    size: int
    sha256: Sha256 | None = None
    file: str | None = None
    served_as: str = ""
    to: int | None = None  # the answer that this redirect led to
    why: str = ""
    blocks: tuple[UntrustedText, ...] = ()


class Replay(Record, frozen=True, kw_only=True):
    """All answers of one capture in their order. `absent`: what its pages ask for and the capture does not hold."""

    answers: tuple[Replayed, ...]
    absent: tuple[UntrustedText, ...] = ()
    cut: str = ""


def unpack_replay(archive: Path, out: Path, prefix: str) -> Replay:
    """Fill `out` with the bodies of a WARC or WACZ, to be served under `prefix`. Raises CaseError if it cannot be."""
    with tempfile.TemporaryDirectory(prefix="witnessmark-") as scratch:
        order = ReplayOrder(path=str(archive.absolute()), out=str(out.absolute()), prefix=prefix)
        process = start_worker("witnessmark.pipeline.replay_worker", Path(scratch))
        try:
            answer, _ = process.communicate(msgspec.msgpack.encode(order), SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise CaseError(f"the capture was not unpacked within {SECONDS:g} s") from None
    if process.returncode != 0 or not answer:
        raise CaseError("the capture could not be unpacked", hint="It may be damaged: run `witnessmark case check`.")
    return msgspec.msgpack.decode(answer, type=Replay)
