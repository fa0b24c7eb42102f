"""Evidence: hashing against `sha256sum -c`, verifying many items, journal appends against bare flushes.

python -m bench.case
"""

import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.rows import Row, table
from witnessmark.case import create_case
from witnessmark.case.hashing import sha256_of_all
from witnessmark.case.journal import encode
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.files import open_folder
from witnessmark.seal.signer import KeySigner
from witnessmark.seal.verify import verify_bundle

FILES, ENTRIES, APPENDS = 10_000, 10_000, 3_000


def seconds(
    *works: Callable[[], object], times: int = 5, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """The best of a few runs of each, taken in turns, so that a busy machine is unfair to nobody."""
    best = [float("inf")] * len(works)
    for _ in range(times):
        for number, work in enumerate(works):
            start = clock()
            work()
            best[number] = min(best[number], clock() - start)
    return best


def hashing(folder: Path) -> Row:
    """10,000 files, 226 MB in all, in the page cache for both."""
    chance, tree = random.Random(1), folder / "tree"
    for number in range(FILES):
        path = tree / f"{number % 100:02d}" / f"{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(chance.randrange(45_200)))
    names = sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*.bin"))
    paths = [f"{tree}/{name}" for name in names]
    rows = dict(zip(names, sha256_of_all(paths), strict=True))
    (folder / "manifest").write_text("".join(f"{digest}  {name}\n" for name, digest in rows.items()))

    def ours() -> None:
        assert sha256_of_all(paths) == list(rows.values())

    def peer() -> None:
        subprocess.run(["sha256sum", "--quiet", "-c", str(folder / "manifest")], cwd=tree, check=True)

    a, b = seconds(ours, peer)
    return Row("hash and compare 10,000 files", a, b, "s", b / a, 3.0, "sha256sum -c")


def verifying(folder: Path) -> Row:
    """A case of 10,000 entries and items, sealed; the target is one second, so the peer is that second."""
    signer = KeySigner(Ed25519PrivateKey.from_private_bytes(b"k" * 32))
    with create_case(folder / "many", title="many") as case:
        for number in range(ENTRIES):
            digest = case.put(number.to_bytes(8, "big"))
            case.append(EventKind.ADDED, outputs=(case.item(digest, name=f"{number}.bin"),))
        seal(case, folder / "bundle", Sealing(signer=signer))
    bundle = folder / "bundle"
    files = open_folder(bundle)

    def reading() -> None:
        for name in files.names:
            files.read(name)

    assert verify_bundle(bundle).holds
    whole, bare = seconds(lambda: verify_bundle(bundle), reading, times=3, clock=time.process_time)
    own = whole - bare
    return Row(
        f"verify {len(files.names)} files, own time", own, 1.0, "CPU s", 1.0 / own, 1.0, f"reading takes {bare:.2f} s"
    )


def appending(folder: Path) -> Row:
    """Journal appends, each flushed, against bare writes of the same lines, each flushed with fsync."""
    with create_case(folder / "log", title="log") as case:
        line = encode(case.append(EventKind.NOTE, text=UntrustedText("x" * 200))) + b"\n"

        handle = os.open(folder / "bare", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        ours: list[float] = []
        peer: list[float] = []

        def append() -> None:
            start = time.perf_counter()
            case.append(EventKind.NOTE, text=UntrustedText("x" * 200))
            ours.append(time.perf_counter() - start)

        def bare() -> None:
            start = time.perf_counter()
            os.write(handle, line)
            os.fsync(handle)
            peer.append(time.perf_counter() - start)

        # In turns, because a disk that others use too changes from second to second; and each first as often as the
        # other, because two bare flushes in turns differ by a third, depending on which comes first.
        for turn in range(APPENDS):
            for work in (append, bare) if turn % 2 else (bare, append):
                work()
        os.close(handle)
    a, b = 1 / statistics.median(ours), 1 / statistics.median(peer)
    return Row(
        "journal appends, flushed", a, b, "1/s, median", a / b, 0.8, "write and fsync; ours flushes with fdatasync"
    )


def run() -> list[Row]:
    """All rows, on the disk that holds the temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [hashing(folder), verifying(folder), appending(folder)]


if __name__ == "__main__":
    print(table(run()))
