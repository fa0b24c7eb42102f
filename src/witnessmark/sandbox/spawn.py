"""Start our own worker processes."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT", "LD_LIBRARY_PATH")


def start_worker(module: str, scratch: Path | None, *, also: Iterable[str] = ()) -> "subprocess.Popen[bytes]":
    """Start `python -m module` with pipes, a clean environment, and its own session so that it can be ended whole.

    `scratch` becomes its folder for temporary files; None: it is told later. `also` names further variables of the
    environment that it needs; what reads strangers' bytes is given none.
    """
    environment = {name: os.environ[name] for name in (*KEPT, *also) if name in os.environ}
    if scratch is not None:
        environment["TMPDIR"] = os.fspath(scratch)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
