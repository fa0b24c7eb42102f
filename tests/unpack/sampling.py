"""Unpack one sample as a scan would, in memory, without recursion."""

from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.model.problem import Problem
from witnessmark.unpack.bounds import DAMAGE, Working, damage_problem
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Content, Limits, Passed, Unpacker

SAMPLES = Path(__file__).parent.parent / "samples"


def _no_scratch() -> Scratch:
    raise AssertionError("a small sample must not need scratch space")


def unpacked(
    unpacker: Unpacker,
    blob: Blob,
    *,
    passwords: tuple[str, ...] = (),
    limits: Limits | None = None,
    scratch: Path | None = None,
) -> tuple[list[Content], list[Problem | Passed]]:
    """All members and all gaps; any exception that hostile bytes must not cause goes through."""
    make = _no_scratch if scratch is None else lambda: Scratch(scratch)
    context = Working(limits or Limits(total_bytes=64 << 20, seconds_per_member=5), make, passwords=passwords)
    members: list[Content] = []
    gaps: list[Problem | Passed] = []
    try:
        for item in unpacker.members(blob, context):
            if isinstance(item, Content):
                members.append(item)
            elif isinstance(item, Problem | Passed):
                gaps.append(item)
            gaps += context.take_problems()
    except DAMAGE as error:
        gaps.append(damage_problem(error))
    return members, [*gaps, *context.take_problems()]


def texts(members: list[Content]) -> dict[str, str]:
    """Members' bytes as text, by name."""
    return {str(member.name): member.blob.read().decode("utf-8", "replace") for member in members}
