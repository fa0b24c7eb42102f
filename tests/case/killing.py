"""Kill a process that works on a case at random moments; nothing that it acknowledged may be lost.

    python tests/case/killing.py [ROUNDS]

A child puts blobs, appends entries, works in a workspace, seals and exports, and says each time when it is done. It is
killed with SIGKILL, the case is opened again, and everything said is looked for.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter as Tally
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from seal.small import SIGNER
from witnessmark.case import create_case, open_case
from witnessmark.case.check import check_case
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.packing import extract
from witnessmark.seal.verify import verify_bundle


def work(folder: Path) -> None:
    """What the child does until it is killed."""

    def say(*words: object) -> None:
        os.write(1, (" ".join(map(str, words)) + "\n").encode())

    with open_case(folder / "case") as case:
        say("open")
        for turn in range(1_000_000):
            data = os.urandom(random.choice((10, 1_000, 300_000)))
            say("blob", case.put(data))
            for _ in range(5):
                event = case.append(EventKind.NOTE, text=UntrustedText("x" * random.randrange(2_000)))
                say("event", event.seq, event.id)
            with case.workspace("capture") as place:
                (place / "part").write_bytes(data[::-1])
                say("blob", case.keep(place / "part"))
            if turn % 3 == 2:
                name = f"bundle-{os.getpid()}-{turn}"
                selection = (
                    Sealing(signer=SIGNER)
                    if turn % 2
                    else Sealing(signer=SIGNER, selection=extract(with_originals=True))
                )
                seal(case, folder / (name if turn % 4 else name + ".zip"), selection)
                say("bundle", name if turn % 4 else name + ".zip")


def one_round(folder: Path, seconds: float, tally: Tally[str]) -> list[str]:
    """Run, kill, open again, compare. Returns what was lost."""
    child = subprocess.Popen([sys.executable, __file__, "--work", str(folder)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first == b"open\n", first
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    said = child.stdout.read()
    child.wait()
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL, "the child ended by itself: see its error above"
    lost = []
    with open_case(folder / "case") as case:
        events = case.events()
        tally["recovered"] += sum(event.type is EventKind.RECOVERED for event in events) - tally["recovered"]
        for line in said.decode().splitlines():
            kind, *words = line.split()
            tally[kind] += 1
            if kind == "blob" and case.blob(Sha256(words[0])).sha256() != words[0]:
                lost.append(line)
            if kind == "event" and events[int(words[0])].id != words[1]:
                lost.append(line)
            if kind == "bundle" and not (folder / words[0]).exists():
                lost.append(line)
        case.append(EventKind.NOTE, text=UntrustedText("still writable"))
    return lost


def rounds(count: int, seed: int = 1) -> tuple[Tally[str], list[str]]:
    """Kill that many times. Returns what was acknowledged, and what was lost."""
    chance, tally, lost = random.Random(seed), Tally[str](), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        create_case(folder / "case", title="killed").close()
        for _ in range(count):
            lost += one_round(folder, chance.uniform(0.0, 0.6), tally)
            tally["kills"] += 1
        lost += [f"damage: {flaw}" for flaw in check_case(folder / "case")]
        for path in sorted(folder.glob("bundle-*")):
            if ".unfinished-" in path.name:
                tally["unfinished bundles, labelled by their name"] += 1
            elif not path.name.endswith((".sha256", ".sig")):
                tally["finished bundles"] += 1
                if not verify_bundle(path, signers=(SIGNER.public,)).holds:
                    lost.append(f"{path.name} does not hold")
    return tally, lost


def main() -> int:
    if sys.argv[1:2] == ["--work"]:
        work(Path(sys.argv[2]))
        return 0
    tally, lost = rounds(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    sys.stdout.write(", ".join(f"{count} {what}" for what, count in tally.items()) + "\n")
    sys.stdout.write("".join(f"LOST {what}\n" for what in lost) + f"{len(lost)} lost\n")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
