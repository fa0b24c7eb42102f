"""OpenTimestamps, where its client is installed: a proof that needs no authority, only patience.

The client asks public calendars itself (they see a hash and your network address); a fresh proof is a promise, which
`ots upgrade` completes some hours later. So it is only made when asked for.
"""

import tempfile
from pathlib import Path

from witnessmark.errors import WitnessmarkError
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.sandbox.tool import ToolMissing, run_tool

MAX_PROOF = 1 << 20


def ots_stamp(message: bytes, *, timeout: float = 60.0) -> bytes | Problem:
    """The `.ots` proof over the message, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "message"
        target.write_bytes(message)
        try:
            done = run_tool(["ots", "stamp", "message"], timeout=timeout, folder=Path(folder))
        except ToolMissing as error:
            return _none(str(error), "Install the client with `pip install opentimestamps-client`, or leave out --ots.")
        except WitnessmarkError as error:
            return _none(str(error))
        proof = target.with_name("message.ots")
        if done.status != 0 or not proof.is_file() or proof.stat().st_size > MAX_PROOF:
            said = [line for line in done.errors.splitlines() if line.strip()]
            return _none(said[-1][:300] if said else "the client gave no proof")
        return proof.read_bytes()


def _none(reason: str, hint: str = "Stamp `seal/tagmanifest-sha256.txt.sig` by hand later: `ots stamp`.") -> Problem:
    return Problem(
        code=ProblemCode.PROGRAM_FAILED,
        severity=Severity.NOTE,
        message=UntrustedText(f"no OpenTimestamps proof: {reason}"),
        consequence="The bundle's time rests on the other timestamps alone.",
        hint=hint,
    )
