"""Cut the power at every moment of making a case, capturing, sealing and replacing keys; count what is lost.

python -m bench.powercut [WAYS]        # of seven ways in which the disk may be left at each moment; all by default

No power is cut: `strace` logs what was written and flushed, and every state in which that may leave a disk is laid out
and looked at. See tests/powercut.
"""

import collections
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a state that is laid out needs no disk
sys.path.insert(0, str(ROOT / "tests"))

from powercut.crashes import MODES, Crash, crashes, digest, lay_out, on_disk, record, state  # noqa: E402
from powercut.work import WORKS, again  # noqa: E402
from testsite.server import Site  # noqa: E402


def cut(name: str, url: str, *, each: int, seed: int = 1) -> tuple[collections.Counter[str], list[str]]:
    """All states of one work. Returns the counts, and what was wrong."""
    counts: collections.Counter[str] = collections.Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(dir=FAST) as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        command = [sys.executable, "-m", "powercut.work", name, str(root), url]
        trace = record(["env", f"PYTHONPATH={ROOT / 'tests'}", *command], root, Path(scratch) / "log")
        whole = state(trace, Crash(trace.moment, "all", 0))
        if whole != on_disk(root):
            raise AssertionError(f"{name}: the model does not come to what is on the disk")
        seen: set[bytes] = set()
        for number, crash in enumerate(crashes(trace, each=each, chance=random.Random(seed))):
            counts["moments and ways"] += 1
            said = [line for moment, line in trace.said if moment <= crash.moment]
            found = state(trace, crash)
            key = digest(found) + str(len(said)).encode()
            if key in seen:
                continue
            seen.add(key)
            counts["states"] += 1
            target = Path(scratch) / str(number)
            lay_out(found, target)
            faults = WORKS[name][1](target, said)
            wrong += [f"{name}, moment {crash.moment}, {crash.mode}: {fault}" for fault in faults]
            again(target)
        counts["acknowledged"] = len(trace.said)
    return counts, wrong


def main() -> None:
    """Cut, count, print."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else len(MODES)
    site = Site()
    site.big, site.cut_big_after = random.Random(3).randbytes(120_000), [50_000]
    wrong: list[str] = []
    for name in WORKS:
        counts, faults = cut(name, site.url, each=each)
        wrong += faults
        print(f"{name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()) + f", {len(faults)} wrong")
    print("".join(f"  WRONG {fault}\n" for fault in wrong[:50]), end="")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
