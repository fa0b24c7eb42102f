"""Watch many addresses of a loopback server: lateness, memory, and what kill -9 takes away.

python bench/watch_load.py [--urls 10000] [--interval 30] [--seconds 90] [--kills 3] [--workers 48]
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from witnessmark.pipeline.watching import new_target, utc_now
from witnessmark.watch.store import Settings, WatchStore

TEXT = "".join(f"<p>Paragraph {n} tells of lenses and mounts, in plain words.</p>" for n in range(20))


def serve(port: "multiprocessing.Queue[int]") -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
            body = b"<html><body><h1>" + path + b"</h1>" + TEXT.encode() + b"</body></html>"
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
            writer.write(head + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def start(path: Path, port: int, workers: int) -> "subprocess.Popen[str]":
    command = [
        str(Path(sys.executable).with_name("witnessmark")),
        "watch",
        "run",
        "--list",
        str(path),
        "--host-gap",
        "0",
    ]
    command += ["--allow-host", f"localhost:{port}", "--workers", str(workers), "--no-browser"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def looks(path: Path) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30) as db:
        number: int = db.execute("SELECT count(*) FROM sighting").fetchone()[0]
    db.close()
    return number


def memory(pid: int) -> int:
    """Peak resident MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) >> 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("urls", 10_000), ("interval", 30), ("seconds", 90), ("kills", 3), ("workers", 48)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(ports,), daemon=True)
    server.start()
    port = ports.get()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "watch.sqlite"
        fill(path, port, given.urls, given.interval)
        print(f"load average before {os.getloadavg()}; {given.urls} addresses, every {given.interval} s")
        began = time.monotonic()
        process = start(path, port, given.workers)
        while looks(path) < given.urls:
            time.sleep(1)
        print(f"all first looks (6 requests each) after {time.monotonic() - began:.0f} s")
        process.send_signal(signal.SIGINT)
        process.communicate()
        spread(path, given.interval)
        process, before = start(path, port, given.workers), looks(path)
        time.sleep(given.seconds)
        peak = memory(process.pid)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
        print(f"{(looks(path) - before) / given.seconds:.0f} looks a second; peak memory {peak} MiB")
        print(said.strip())
        rng = random.Random(1)
        for _ in range(given.kills):
            process = start(path, port, given.workers)
            time.sleep(rng.uniform(2, 4))
            acknowledged = looks(path)
            process.kill()
            process.wait()
            with sqlite3.connect(path) as db:
                whole = db.execute("PRAGMA integrity_check").fetchone()[0]
                targets = db.execute("SELECT count(*) FROM target").fetchone()[0]
            db.close()
            print(f"kill -9: {acknowledged} looks before, {looks(path)} after; {targets} addresses; integrity {whole}")
        print(f"load average after {os.getloadavg()}")
    server.terminate()


def fill(path: Path, port: int, urls: int, interval: int) -> None:
    store, now = WatchStore(path), utc_now()
    with store.writing():
        for number in range(urls):
            store.put(new_target(f"http://localhost:{port}/p/{number}", Settings(interval=float(interval)), now))
    store.close()


def spread(path: Path, interval: int) -> None:
    """As after a while of running: due times all over the interval, beginning now."""
    with sqlite3.connect(path) as db:
        start_at = time.time() + 4  # the time that a start takes is no lateness
        rows = db.execute("SELECT url FROM target").fetchall()
        moments = [(start_at + interval * n / len(rows), url) for n, (url,) in enumerate(rows)]
        db.executemany("UPDATE target SET next_at = ? WHERE url = ?", moments)
    db.close()


if __name__ == "__main__":
    main()
