"""OpenTimestamps, where its client is installed: a proof that needs no authority, only patience.

The client asks public calendars itself (they see a hash and your network address); a fresh proof is a promise, which
`ots upgrade` completes some hours later. So it is only made when asked for.
"""

import tempfile
from pathlib import Path

from witnessmark.errors import WitnessmarkError
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.sandbox.tool import run_tool

MAX_PROOF = 1 << 20


def ots_stamp(message: bytes, *, timeout: float = 60.0) -> bytes | Problem:
    """The `.ots` proof over the message, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "message"
        target.write_bytes(message)
        try:
            done = run_tool(["ots", "stamp", "message"], timeout=timeout, folder=Path(folder))
        except WitnessmarkError as error:
            return _none(f"{error}. {error.hint}".strip())
        proof = target.with_name("message.ots")
        if done.status != 0 or not proof.is_file() or proof.stat().st_size > MAX_PROOF:
            return _none(done.errors[-300:] or "the client gave no proof")
        return proof.read_bytes()


def _none(reason: str) -> Problem:
    return Problem(
        code=ProblemCode.PROGRAM_FAILED,
        severity=Severity.NOTE,
        message=UntrustedText(f"no OpenTimestamps proof: {reason}"),
        consequence="The bundle's time rests on the other timestamps alone.",
        hint="Install the client with `pip install opentimestamps-client`, or leave out --ots.",
    )
