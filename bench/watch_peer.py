"""What urlwatch and changedetection.io say of the same transitions, beside the watch, in one run.

    python bench/watch_peer.py FOLDER [--urlwatch PROGRAM] [--changedetection PROGRAM] [--notices FOLDER] [--harder]
        [--pages N] [--seed S]

The sites are served on loopback, each below a path of its own; each peer looks once before and once after. They know
the words changed, unchanged and error; ours is the verdict that `bench/watch.py` prints for the same list.
"""

import argparse
import json
import os
import random
import re
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watch_labels import transitions
from watch_transitions import TARGET, Transition, load, load_notices

from watch import Play, outcome

LINE = re.compile(r"^\d+\. (CHANGED|ERROR|NEW|UNCHANGED)[^:]*: t(\d+)\b", re.MULTILINE)
URLWATCH = """display: {new: true, error: true, unchanged: false, empty-diff: true}
report: {text: {line_length: 75, details: false, footer: false, minimal: false}, stdout: {enabled: true, color: false}}
"""


class Sites:
    """All transitions on one loopback server; `number` is the look that it answers for."""

    def __init__(self, items: list[Transition]) -> None:
        sites, self.number = self, 0

        class Site(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                return

            def do_GET(self) -> None:
                _, number, rest = self.path.split("/", 2)
                reply = items[int(number)].site(f"/{rest}", sites.number, "plain")
                if reply.failure:
                    self.close_connection = True
                    return
                body = b"" if reply.to else reply.body.encode("utf-8", "replace")
                self.send_response(reply.status)
                if reply.to:
                    self.send_header("Location", f"/{number}{reply.to}")
                self.send_header("Content-Type", f"{reply.media}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def urls(self, count: int) -> list[str]:
        return [f"{self.base}/{n}{TARGET}" for n in range(count)]


def urlwatch(program: str, sites: Sites, count: int, folder: Path) -> dict[int, str]:
    jobs = [f"name: t{n}\nurl: {url}\nfilter: [html2text]\n" for n, url in enumerate(sites.urls(count))]
    (folder / "urls.yaml").write_text("---\n".join(jobs))
    (folder / "config.yaml").write_text(URLWATCH)
    names = {"urls": "urls.yaml", "config": "config.yaml", "cache": "cache.db", "hooks": "hooks.py"}
    command = [program, *(part for name, file in names.items() for part in (f"--{name}", file))]
    for sites.number in (0, 1):
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=1800)
    said = {int(number): verb.lower() for verb, number in LINE.findall(done.stdout.decode("utf-8", "replace"))}
    if not said:
        raise SystemExit(f"urlwatch said nothing: {done.stderr.decode()[-1500:]}")
    return said


class ChangeDetection:
    """A running changedetection.io, driven over its REST API on loopback."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        environment = {**os.environ, "ALLOW_IANA_RESTRICTED_ADDRESSES": "true", "FETCH_WORKERS": "8"}
        command = [program, "-d", str(folder), "-p", str(self.port), "-h", "127.0.0.1"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        settings = folder / "changedetection.json"
        for _ in range(120):
            time.sleep(0.5)
            if settings.is_file() and "api_access_token" in settings.read_text():
                break
        self.key = json.loads(settings.read_text())["settings"]["application"]["api_access_token"]
        self.wait(lambda: self.call("GET", "/watch") is not None)
        for uuid in self.watches():  # what a new installation watches by itself
            self.call("DELETE", f"/watch/{uuid}")

    def call(self, method: str, path: str, data: object = None) -> object:
        body = None if data is None else json.dumps(data).encode()
        headers = {"x-api-key": self.key, "Content-Type": "application/json"}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                text = answer.read().decode()
        except OSError:
            return None
        return json.loads(text) if text.startswith(("{", "[", '"')) else text

    def watches(self) -> dict[str, dict[str, object]]:
        found = self.call("GET", "/watch")
        return found if isinstance(found, dict) else {}

    @staticmethod
    def wait(done, seconds: float = 900) -> None:  # type: ignore[no-untyped-def]
        until = time.monotonic() + seconds
        while not done():
            if time.monotonic() > until:
                raise SystemExit("changedetection.io was not ready in time")
            time.sleep(1)

    def checked_since(self, moment: float, count: int) -> bool:
        known = self.watches().values()
        return len(known) >= count and all(float(str(item["last_checked"] or 0)) > moment for item in known)


def changedetection(program: str, sites: Sites, count: int, folder: Path) -> dict[int, str]:
    peer = ChangeDetection(program, folder)
    try:
        sites.number = 0
        begun = time.time() - 1
        for url in sites.urls(count):
            peer.call("POST", "/watch", {"url": url, "time_between_check": {"weeks": 9}})
        peer.wait(lambda: peer.checked_since(begun, count))
        time.sleep(2)
        sites.number, again = 1, time.time()
        time.sleep(1)
        peer.call("GET", "/watch?recheck_all=1")
        peer.wait(lambda: peer.checked_since(again, count))
        time.sleep(2)
        said = {}
        for item in peer.watches().values():
            number = int(str(item["url"]).split("/")[3])
            changed = float(str(item["last_changed"] or 0)) > again
            said[number] = "error" if item["last_error"] else "changed" if changed else "unchanged"
        return said
    finally:
        peer.process.terminate()
        peer.process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--urlwatch", default="")
    parser.add_argument("--changedetection", default="")
    parser.add_argument("--notices", type=Path)
    parser.add_argument("--harder", action="store_true")
    parser.add_argument("--pages", type=int, default=96)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    rows = load(options.folder, rng, options.pages)
    items = list(transitions(rows, rng, load_notices(options.notices), harder=options.harder))
    told = {"witnessmark": {n: str(outcome(Play(item).run())) for n, item in enumerate(items)}}
    sites = Sites(items)
    for name, program, ask in (
        ("urlwatch", options.urlwatch, urlwatch),
        ("changedetection.io", options.changedetection, changedetection),
    ):
        if program:
            with tempfile.TemporaryDirectory() as folder:
                told[name] = ask(program, sites, len(items), Path(folder))
    for name, said in told.items():
        print(f"\n{name}, {len(items)} transitions, load average {os.getloadavg()[0]:.1f}")
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for number, item in enumerate(items):
            table[item.label][said.get(number, "unchanged")] += 1
        for label, row in sorted(table.items()):
            print(f"  {label:<18}" + "  ".join(f"{verb} {count}" for verb, count in row.most_common()))


if __name__ == "__main__":
    main()
