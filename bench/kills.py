"""Kill captures at random moments and fill the disk; count what is lost. Prints the counts.

python -m bench.kills [N]          # N kills, half of downloads, half of pages (if there is a Chromium)

Lost would be: a record that was flushed and cannot be read back, a capture.json that cannot be read or calls a capture
complete that is not.
"""

import collections
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from witnessmark.capture.browser import find_browser

ROOT = Path(__file__).parent.parent
RUN = [sys.executable, "-c", "from witnessmark.cli import main; main()", "capture"]


def start_site() -> tuple[subprocess.Popen[str], str]:
    """The test site in a process of its own, with a file of 30 MB."""
    code = "import threading; from testsite.server import Site; site = Site(); site.big = bytes(30_000_000); "
    code += "print(site.port, flush=True); threading.Event().wait()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT / "tests")
    assert process.stdout is not None
    return process, f"http://localhost:{process.stdout.readline().strip()}"


def judge(out: Path) -> str:
    """What a killed capture left behind, in one word."""
    if not (out / "capture.json").is_file():
        return "nothing-begun" if not (out / "capture.warc.gz").exists() else "LOST: no capture.json"
    record = json.loads((out / "capture.json").read_bytes())
    warc = out / "capture.warc.gz"
    if not warc.is_file():
        return "begun, no record yet"
    whole, torn = 0, False
    with warc.open("rb") as file:
        try:
            for item in ArchiveIterator(file, check_digests="raise"):
                item.raw_stream.read()
                whole += item.raw_stream.limit == 0
                torn = torn or item.raw_stream.limit != 0
        except (ArchiveLoadFailed, EOFError):
            torn = True
    if record["state"] == "complete":
        files = {file["role"] for file in record["files"]}
        return "complete" if not torn and "warc" in files else "LOST: called complete"
    if whole == 0 and warc.stat().st_size > 4_096:
        return "LOST: no record readable"
    return "partial, last record torn" if torn else "partial, all records whole"


def kill_once(arguments: list[str], out: Path, delay: float) -> str:
    """Start, wait, kill -9, look."""
    process = subprocess.Popen(
        [*RUN, *arguments, "--out", str(out), "--allow-host", "localhost"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return judge(out)


def full_disk(url: str, size: int) -> str:
    """A download of 30 MB, which needs twice that, onto a tmpfs of `size` MiB (needs root)."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "none", folder]).returncode:
            return "not tried: needs root"
        try:
            out = Path(folder) / "out"
            done = subprocess.run(
                [*RUN, f"{url}/big", "--download", "--out", str(out), "--allow-host", "localhost"],
                capture_output=True,
                text=True,
            )
            record = json.loads((out / "capture.json").read_bytes())
            kept = (out / "body").stat().st_size
            wrong = [
                f["name"] for f in record["files"] if sha256((out / f["name"]).read_bytes()).hexdigest() != f["sha256"]
            ]
            codes = [problem["code"] for problem in record["problems"]]
            said = f"exit {done.returncode}, {judge(out)}, {codes}, {kept} bytes of body kept"
            return said + (f", LOST: digests of {wrong} do not hold" if wrong else "")
        finally:
            subprocess.run(["umount", folder], check=True)


def main() -> None:
    """Kill, count, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    chance = random.Random(1)
    site, url = start_site()
    counts: collections.Counter[str] = collections.Counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(count):
                page = number % 2 == 1 and find_browser() is not None
                arguments = [f"{url}/"] if page else [f"{url}/big", "--download"]
                delay = chance.uniform(1.0, 10.0 if page else 4.0)
                verdict = kill_once(arguments, Path(folder) / str(number), delay)
                counts[("page: " if page else "download: ") + verdict] += 1
        print(f"{count} kills")
        for verdict, times in sorted(counts.items()):
            print(f"  {times:4}  {verdict}")
        for size in (8, 29, 34, 45, 57, 60, 80):
            said = full_disk(url, size)
            counts[f"full disk, {said}"] += 1
            print(f"disk of {size} MiB: {said}")
    finally:
        site.kill()
        site.wait()
    if any("LOST" in verdict for verdict in counts):
        sys.exit(1)


if __name__ == "__main__":
    main()
