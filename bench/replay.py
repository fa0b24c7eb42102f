"""Capture the test site, replay the package in a real browser with a replay tool, and compare what the page says.

REPLAY=/path/to/replaywebpage/package python -m bench.replay      # a folder with its ui.js and sw.js

The tool is not part of this project and nothing of it is loaded here: its files are served to the browser as they are.
The page writes down what each of its requests brought, POST included; the replayed page must write the same, except for
what docs/capture.md says that replay lacks.
"""

import functools
import http.server
import os
import re
import secrets
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Frame, Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from testsite.server import Site  # noqa: E402
from witnessmark.capture.browser import find_browser  # noqa: E402
from witnessmark.capture.page import Request, capture_page  # noqa: E402
from witnessmark.net import Policy  # noqa: E402
from witnessmark.net.client import utc_now  # noqa: E402

_SECONDS = 40


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def words(html: str) -> list[str]:
    """What the page says that its requests brought."""
    match = re.search(r'<p id="?state"?>([^<]*)', html)
    return match[1].split() if match else []


def replayed(page: Page, url: str) -> list[str]:
    """The same from the replay, once it stops changing."""
    said: list[str] = []
    for _ in range(_SECONDS):
        page.wait_for_timeout(1000)
        frame: Frame | None = next((f for f in page.frames if "mp_/" + url in f.url), None)
        now = words(frame.content()) if frame is not None else []
        if now and now == said and any(word.startswith("large:") for word in now):
            return now
        said = now
    return said


def main() -> None:
    """Capture, replay, compare, print."""
    tool, browser = Path(os.environ["REPLAY"]), find_browser()
    if browser is None:
        raise SystemExit("no Chromium on this machine")
    with tempfile.TemporaryDirectory() as folder, Site() as site:
        url, place = site.url + "/", Path(folder)
        policy = Policy(allow_hosts=frozenset({"localhost"}), offline=False)
        capture_page(Request(url=url, policy=policy), place / "c", utc_now, secrets.token_bytes)
        live = words((place / "c" / "dom.html").read_text("utf-8"))
        serve = place / "serve"
        (serve / "replay").mkdir(parents=True)
        shutil.copy(place / "c" / "capture.wacz", serve)
        shutil.copy(tool / "ui.js", serve)
        shutil.copy(tool / "sw.js", serve / "replay")
        (serve / "index.html").write_text(
            f'<script src="/ui.js"></script><replay-web-page source="/capture.wacz" url="{url}"></replay-web-page>'
        )
        site.close()  # whatever is shown now comes from the package
        handler = functools.partial(_Quiet, directory=str(serve))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            opened = playwright.chromium.launch(executable_path=browser, chromium_sandbox=os.geteuid() != 0)
            page = opened.new_page()
            page.goto(f"http://localhost:{server.server_port}/")
            said = replayed(page, url)
            opened.close()
            server.shutdown()
    missing = [word for word in live if word not in said]
    print(f"the page said {len(live)} things, {len(live) - len(missing)} of them in the replay too")
    print(
        "not in the replay:",
        " ".join(missing) or "nothing",
        "| only there:",
        " ".join(w for w in said if w not in live),
    )
    sys.exit(0 if all(any(w.startswith(k) for w in said) for k in ("post:", "form:", "large:")) else 1)


if __name__ == "__main__":
    main()
