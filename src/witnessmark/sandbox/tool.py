"""Start an installed program on our own data (a key tool, a notary's client), bounded in time and output.

Specimens go through the sandboxed unpacking runner instead; nothing here ever reads strangers' bytes as code.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from witnessmark.errors import WitnessmarkError

# The SSH_ ones and the displays: how a key in an agent or in hardware is reached, and asks for its PIN.
_KEPT = (
    *("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER"),
    *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"),
)
MAX_OUTPUT = 1 << 20


class ToolMissing(WitnessmarkError):
    """The program is not installed here."""


@dataclass(frozen=True, kw_only=True)
class Completed:
    """How a program ended, and the first MiB of what it said."""

    status: int
    output: bytes
    errors: str


def find_tool(name: str) -> Path | None:
    """Where the program is installed, or None."""
    found = shutil.which(name)
    return None if found is None else Path(found)


def run_tool(
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    timeout: float = 60.0,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Completed:
    """Run `arguments[0]` from PATH with a small environment. Raises ToolMissing; WitnessmarkError after `timeout` s."""
    program = find_tool(arguments[0])
    if program is None:
        raise ToolMissing(f"the program {arguments[0]} is not installed", hint="Install it, or choose another way.")
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(
            [str(program), *arguments[1:]],
            input=stdin,
            capture_output=True,
            timeout=timeout,
            cwd=folder,
            env={**kept, "LC_ALL": "C", **(environment or {})},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WitnessmarkError(f"{arguments[0]} did not end within {timeout:g} s") from None
    return Completed(
        status=done.returncode,
        output=done.stdout[:MAX_OUTPUT],
        errors=done.stderr[:MAX_OUTPUT].decode("utf-8", "replace").strip(),
    )
