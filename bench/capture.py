"""Capture: a download beside curl; a page beside Scoop, where it is at hand.

python -m bench.capture                     # SCOOP=/path/to/scoop/bin/cli.js to run that comparison too

The test site is served by another process. Wall time, best of several, taken in turns; artefacts of both page captures:
WARC in WACZ, screenshot, PDF, document tree, same settle time as far as the options go.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.rows import Row, table
from witnessmark.capture.browser import find_browser
from witnessmark.capture.download import capture_download
from witnessmark.capture.page import Request, capture_page
from witnessmark.model.capture import CaptureState
from witnessmark.net import Policy
from witnessmark.net.client import utc_now

SIZE = 200 << 20
SERVER = """
import socket, sys, threading
body = memoryview(bytearray(int(sys.argv[1])))
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def serve(sock):
    sock.recv(65536)
    sock.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/zip\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body))
    sock.sendall(body)
    sock.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


def in_turns(*works: Callable[[Path], object], times: int) -> list[float]:
    """The best wall time of each; every run gets a fresh folder."""
    best = [float("inf")] * len(works)
    for _ in range(times):
        for number, work in enumerate(works):
            with tempfile.TemporaryDirectory() as folder:
                os.sync()
                start = time.perf_counter()
                work(Path(folder))
                best[number] = min(best[number], time.perf_counter() - start)
    return best


def downloads(times: int) -> list[Row]:
    """200 MiB from loopback: stored, hashed, recorded as WARC and flushed, beside tools that do some of that."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(SIZE)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://localhost:{server.stdout.readline().strip()}/sdk.zip"
    policy = Policy(allow_hosts=frozenset({"localhost"}), interval=0, offline=False)

    def ours(folder: Path) -> None:
        result = capture_download(url, policy, folder / "out", utc_now, secrets.token_bytes)
        assert result.state is CaptureState.COMPLETE

    def curl(folder: Path) -> None:
        subprocess.run(["curl", "-s", "-o", str(folder / "out"), url], check=True)

    def curl_and_all(folder: Path) -> None:
        curl(folder)
        subprocess.run(["sha256sum", str(folder / "out")], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["sync", str(folder / "out")], check=True)

    def wget(folder: Path) -> None:
        subprocess.run(["wget", "-q", "--warc-file=w", "-O", "out", url], check=True, cwd=folder)

    peers = {"curl -o, which does not hash or flush": curl, "curl -o, sha256sum, sync, without a WARC": curl_and_all}
    if shutil.which("wget"):
        peers["wget --warc-file, which hashes with SHA-1 and does not flush"] = wget
    try:
        best, *theirs = in_turns(ours, *peers.values(), times=times)
    finally:
        server.kill()
        server.wait()
    targets = [0.6, *(None for _ in theirs)]
    return [
        Row("download 200 MiB, hash, WARC", best, wall, "s", wall / best, target, note)
        for wall, target, note in zip(theirs, targets, peers, strict=False)
    ]


def pages(cli: Path, times: int) -> Row:
    """The test site's own page through Chromium."""
    browser = find_browser()
    if browser is None:
        raise SystemExit("no Chromium on this machine")
    site_code = "import threading; from testsite.server import Site; "
    site_code += "site = Site(); print(site.port, flush=True); threading.Event().wait()"
    server = subprocess.Popen(
        [sys.executable, "-c", site_code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent / "tests"
    )
    assert server.stdout is not None
    url = f"http://localhost:{server.stdout.readline().strip()}/"
    policy = Policy(allow_hosts=frozenset({"localhost"}), offline=False)

    def ours(folder: Path) -> None:
        # As a user starts it: a new process.
        command = [
            sys.executable,
            "-c",
            "from witnessmark.cli import main; main()",
            "capture",
            url,
            "--allow-host",
            "localhost",
        ]
        subprocess.run([*command, "--out", str(folder / "out")], check=True, stdout=subprocess.DEVNULL)
        assert (folder / "out" / "capture.wacz").is_file()

    def peer(folder: Path) -> None:
        options = {
            "blocklist": "/none-such/",
            "pdf-snapshot": "true",
            "dom-snapshot": "true",
            "capture-video-as-attachment": "false",
            "capture-certificates-as-attachment": "false",
            "provenance-summary": "false",
            "auto-scroll": "true",
            "auto-play-media": "false",
            "run-site-specific-behaviors": "false",
            "grab-secondary-resources": "false",
            "network-idle-timeout": "10000",
            "public-ip-resolver-endpoint": url + "length",
        }
        command = ["node", str(cli), url, "-o", str(folder / "out.wacz"), "-f", "wacz"]
        for name, value in options.items():
            command += [f"--{name}", value]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert (folder / "out.wacz").is_file()

    try:
        capture_page(Request(url=url, policy=policy), Path(tempfile.mkdtemp()) / "warm", utc_now, secrets.token_bytes)
        a, b = in_turns(ours, peer, times=times)
    finally:
        server.kill()
        server.wait()
    return Row("capture a page with a browser", a, b, "s", b / a, 1.25, "Scoop; 1.25x is 0.8x its time")


def main() -> None:
    """Measure what can be measured here."""
    rows = []
    if shutil.which("curl"):
        rows += downloads(5)
    if cli := os.environ.get("SCOOP"):
        rows.append(pages(Path(cli), 3))
    else:
        print("Scoop not given (SCOOP=…/bin/cli.js): page capture not compared")
    print(table(rows))


if __name__ == "__main__":
    main()
