"""The page as PDF, printed by a Chromium that is installed: tagged headings, an outline, working links."""

import os
import re
import tempfile
from pathlib import Path

from witnessmark.errors import WitnessmarkError
from witnessmark.sandbox.tool import find_tool, run_tool

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
SECONDS = 120.0
HINT = "Install Chromium or Google Chrome; or open the HTML report in any browser and print it to a PDF file."


_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}([+-]\d\d'\d\d'|Z)?\)")


def render_pdf(html: bytes, *, made_at: str) -> bytes:
    """Print the page. Raises WitnessmarkError when there is no Chromium or it does not print.

    `made_at` (UTC, RFC 3339) is the date that the file gives, not the clock's: the same page printed by the same
    Chromium with the same fonts gives the same bytes.
    """
    name = next((name for name in NAMES if find_tool(name) is not None), None)
    if name is None:
        raise WitnessmarkError("there is no Chromium on this machine to make the PDF", hint=HINT)
    with tempfile.TemporaryDirectory(prefix="witnessmark-") as folder:
        page, pdf = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_bytes(html)
        arguments = [
            name,
            "--headless=new",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-extensions",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",  # the page asks for nothing; neither may the browser
            f"--user-data-dir={folder}/profile",
            "--generate-pdf-document-outline",
            "--export-tagged-pdf",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        if os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")  # Chromium refuses its own sandbox to root; the page is ours
        done = run_tool(arguments, timeout=SECONDS)
        if not pdf.is_file() or not (data := pdf.read_bytes()).startswith(b"%PDF-"):
            raise WitnessmarkError(f"{name} made no PDF (exit {done.status}): {done.errors[-300:]}", hint=HINT)
        return _dated(data, made_at)


def _dated(data: bytes, made_at: str) -> bytes:
    """The same with the dates of its making set; lengths stay, so that its table of places stays right."""
    digits = re.sub(r"\D", "", made_at)[:14].ljust(14, "0").encode()

    def put(found: re.Match[bytes]) -> bytes:
        zone = found[2] or b""
        return b"/" + found[1] + b" (D:" + digits + (b"+00'00'" if len(zone) == 7 else zone) + b")"

    return _DATES.sub(put, data)
