# ruff: noqa: E501
"""What urlwatch says of the same transitions: python bench/watch_peer.py FOLDER --urlwatch PROGRAM [--pages N --seed S]

The sites are served on loopback, each below a path of its own; urlwatch runs once before and once after.
"""

import argparse
import random
import re
import subprocess
import tempfile
import threading
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watch_labels import transitions
from watch_transitions import TARGET, load

LINE = re.compile(r"^\d+\. (CHANGED|ERROR|NEW|UNCHANGED)[^:]*: t(\d+)\b", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--urlwatch", required=True)
    parser.add_argument("--pages", type=int, default=96)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    items = list(transitions(load(options.folder, rng, options.pages), rng))
    state = {"number": 0}

    class Site(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            _, number, rest = self.path.split("/", 2)
            reply = items[int(number)].site(f"/{rest}", state["number"], "plain")
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jobs = [f"name: t{n}\nurl: {base}/{n}{TARGET}\nfilter: [html2text]\n" for n in range(len(items))]
        (folder / "urls.yaml").write_text("---\n".join(jobs))
        (folder / "config.yaml").write_text(
            "display: {new: true, error: true, unchanged: false, empty-diff: true}\nreport: {text: {line_length: 75, details: false, footer: false, minimal: false}, stdout: {enabled: true, color: false}}\n"
        )
        command = [
            options.urlwatch,
            "--urls",
            "urls.yaml",
            "--config",
            "config.yaml",
            "--cache",
            "cache.db",
            "--hooks",
            "hooks.py",
        ]
        subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=900)
        state["number"] = 1
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=900)
    said = {int(number): verb.lower() for verb, number in LINE.findall(done.stdout.decode("utf-8", "replace"))}
    table: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for number, item in enumerate(items):
        table[item.label, item.kind][said.get(number, "unchanged")] += 1
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for (label, _), row in table.items():
        labels[label] += row
    for label, row in sorted(labels.items()):
        print(f"{label:<18}" + "  ".join(f"{verb} {count}" for verb, count in row.most_common()))
    for (label, kind), row in sorted(table.items()):
        print(f"  {label:<16} {kind:<34}" + ", ".join(f"{verb} {count}" for verb, count in row.most_common()))
    if not said:
        print(done.stdout.decode()[:500], done.stderr.decode()[-1500:])


if __name__ == "__main__":
    main()
