"""Unpacking: our scan beside 7zz (driven recursively) and unblob to disk, each followed by the same matching; CPU time.

The corpus is built once below BENCH_CORPUS (default: a folder in the temporary folder): wheels from the package index,
Debian packages where apt is there, and a firmware image and nested archives made of this machine's own libraries. What
is compared is measured in turns, so that both sides meet the same disturbance; the pair with the better of ours counts.
"""

import io
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from bench.rows import Row
from witnessmark.blob import Blob
from witnessmark.knowledge import load_knowledge
from witnessmark.pipeline import ScanOptions, runner, scan
from witnessmark.scan.matcher import Matcher

WHEELS = ("opencv-python-headless", "babel", "pandas")
PACKAGES = ("libicu72", "libreoffice-core", "tzdata")
TURNS = 2
SUFFIXES = (".whl", ".zip", ".deb", ".7z", ".tar", ".xz", ".gz", ".zst", ".squashfs", ".bin")
DEPTH = 6


def corpus() -> Path:
    """Build it, or take what is there."""
    folder = Path(os.environ.get("BENCH_CORPUS", Path(tempfile.gettempdir()) / "witnessmark-bench-corpus"))
    if (folder / ".whole").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(folder)]
    subprocess.run([*pip, *WHEELS], check=False)
    if shutil.which("apt-get"):
        subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=folder, check=False)
    libraries = (
        sorted(Path(sys.base_prefix).glob("lib/**/*.so*"))[:60] + sorted(Path("/usr/lib").glob("*/*.so.*"))[:120]
    )
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        for number, path in enumerate(path for path in libraries if path.is_file() and not path.is_symlink()):
            shutil.copy(path, root / f"{number}-{path.name}")
        if shutil.which("mksquashfs"):
            image = folder / "firmware.squashfs"
            subprocess.run(
                ["mksquashfs", root, image, "-comp", "xz", "-quiet", "-no-progress", "-noappend"], check=True
            )
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w:gz", compresslevel=6) as archive:
            archive.add(root, "libraries")
        with zipfile.ZipFile(folder / "nested.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("deeper/libraries.tar.gz", inner.getvalue())
    (folder / ".whole").touch()
    return folder


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process and of everything it waited for."""

    def now() -> float:
        return sum(
            usage.ru_utime + usage.ru_stime
            for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
        )

    start = now()
    work()
    return now() - start


def match_tree(folder: Path, matcher: Matcher) -> None:
    """The peers' second half: the same matching over every file on disk."""
    for parent, _, files in os.walk(folder):
        for name in files:
            path = Path(parent) / name
            if path.is_file() and not path.is_symlink():
                matcher.scan(Blob.of_path(path), name=name)


def seven_zip(inputs: Path, out: Path) -> None:
    """`7zz x`, then again over what came out, to the same depth as the inputs need; packed files are removed."""
    level = [path for path in sorted(inputs.iterdir()) if path.suffix in SUFFIXES]
    for depth in range(DEPTH):
        following = []
        for number, path in enumerate(level):
            target = out / f"{depth}-{number}"
            subprocess.run(
                ["7zz", "x", "-y", "-bd", "-bso0", "-bse0", "-bsp0", "-snl-", f"-o{target}", path], check=False
            )
            if depth:
                path.unlink()
            following += [p for p in target.rglob("*") if p.suffix in SUFFIXES and p.is_file() and not p.is_symlink()]
        level = following


def unblob(inputs: Path, out: Path) -> None:
    for path in sorted(inputs.iterdir()):
        if path.suffix in SUFFIXES:
            subprocess.run(["unblob", "-d", "20", "-p", "1", "-e", out, path], check=False, capture_output=True)


def peer_cpu(unpack: Callable[[Path, Path], None], inputs: Path, matcher: Matcher) -> float:
    with tempfile.TemporaryDirectory() as out:

        def work() -> None:
            unpack(inputs, Path(out))
            match_tree(Path(out), matcher)

        return cpu(work)


def peak_memory(target: Path, options: ScanOptions) -> float:
    """The largest resident size of any worker, in MB."""
    pids: set[int] = set()
    peak = 0
    done = threading.Event()
    start = runner.start_worker

    def noted(*arguments: object) -> "subprocess.Popen[bytes]":
        process = start(*arguments)  # type: ignore[arg-type]
        pids.add(process.pid)
        return process

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            for pid in tuple(pids):
                try:
                    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                except OSError:
                    continue
                peak = max([peak, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])

    runner.start_worker = noted  # type: ignore[assignment]
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        scan([str(target)], load_knowledge(), options)
    finally:
        done.set()
        thread.join()
        runner.start_worker = start
    return peak / 1024


def memory_rows(options: ScanOptions) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        sparse = Path(folder) / "sparse.img"
        with sparse.open("wb") as file:
            file.truncate(10 << 30)
        many = Path(folder) / "many.zip"
        with zipfile.ZipFile(many, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(100_000):
                archive.writestr(f"d/{number}.txt", f"text {number}\n" * 4)
        return [
            Row(f"unpack: peak memory a worker, {name}", peak, 600, "MB", 600 / peak, 1)
            for name, peak in (
                ("10 GB sparse image", peak_memory(sparse, options)),
                ("zip of 100,000", peak_memory(many, options)),
            )
        ]


def run() -> list[Row]:
    """All rows, measured one after the other in this run."""
    folder = corpus()
    knowledge = load_knowledge()
    with tempfile.TemporaryDirectory() as kept:
        options = ScanOptions(matcher_cache=Path(kept) / "patterns")
        matcher = Matcher(knowledge.terms, options.matcher_cache)
        report = scan([str(folder)], knowledge, options)
        size = f"{report.coverage.bytes_read / 1e6:.0f} MB read"
        ours, others = [], []
        for _ in range(TURNS):
            ours.append(cpu(lambda: scan([str(folder)], knowledge, options)))
            if shutil.which("7zz"):
                others.append(peer_cpu(seven_zip, folder, matcher))
        rows = []
        if others:
            best = min(range(TURNS), key=ours.__getitem__)
            rows.append(_row("unpack and scan: 7zz, then matching", ours[best], others[best], 1, size))
        if shutil.which("unblob"):
            rows.append(
                _row("unpack and scan: unblob, then matching", min(ours), peer_cpu(unblob, folder, matcher), 4, size)
            )
        rows += [_two_workers(folder, kept), _second_scan(folder, kept), _start_up(kept)]
        return rows + memory_rows(options)


def _row(name: str, ours: float, peer: float, target: float, note: str) -> Row:
    return Row(name, ours, peer, "CPU s", peer / ours, target, note)


def _wall(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _two_workers(folder: Path, kept: str) -> Row:
    knowledge = load_knowledge()

    def seconds(jobs: int) -> float:
        options = ScanOptions(jobs=jobs, matcher_cache=Path(kept) / "patterns")
        return _wall(lambda: scan([str(folder)], knowledge, options))

    one, two = min(((seconds(1), seconds(2)) for _ in range(TURNS)), key=lambda pair: pair[1])
    load = os.getloadavg()[0]
    return Row("two workers beside one", two, one, "wall s", one / two, 1.7, f"{os.cpu_count()} CPUs, load {load:.1f}")


def _second_scan(folder: Path, kept: str) -> Row:
    knowledge = load_knowledge()
    options = ScanOptions(matcher_cache=Path(kept) / "patterns", cache=Path(kept) / "results")
    first, *more = (cpu(lambda: scan([str(folder)], knowledge, options)) for _ in range(3))
    return Row("second scan of the same bytes", min(more), first, "CPU s", first / min(more), 20)


def _start_up(kept: str) -> Row:
    """The whole command on one small file, its report included; patterns compiled, results not kept."""
    small = Path(kept) / "small.txt"
    small.write_text("Nothing of interest.\n")
    program = "from witnessmark.cli import main; main()"
    command = [sys.executable, "-P", "-c", program, "scan", os.fspath(small), "--no-cache", "--json"]
    environment = {**os.environ, "XDG_CACHE_HOME": kept}
    seconds = min(
        _wall(lambda: subprocess.run(command, env=environment, check=True, capture_output=True)) for _ in range(6)
    )
    note = f"peer: the bound; load {os.getloadavg()[0]:.1f}"
    return Row("start-up: `scan` of one small file, whole", seconds, 0.5, "wall s", 0.5 / seconds, 1, note)
