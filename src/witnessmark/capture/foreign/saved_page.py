"""Pages that a browser or an extension saved as one file: MHTML and SingleFile."""

import re
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from witnessmark.capture.foreign.facts import Facts
from witnessmark.model.problem import ProblemCode

_MAX_HEADER = 1 << 16
_MAX_BYTES = 512 << 20
_AFTER_RENDERING = "what the server sent: the page was saved after the browser had run and changed it"
_LOCATION = re.compile(rb"^Content-Location:[ \t]*(\S{1,2000})", re.MULTILINE | re.IGNORECASE)
_URL = re.compile(r"^\s*url:\s*(\S{1,2000})", re.MULTILINE)
_DATE = re.compile(r"^\s*saved date:\s*(.{1,80}?)\s*$", re.MULTILINE)
_TITLE = re.compile(r"<title>(.{0,500}?)</title>", re.DOTALL | re.IGNORECASE)


def read_mhtml(path: Path) -> Facts:
    """Address, time, title and number of parts."""
    facts = Facts(kind="MHTML", unknown=(_AFTER_RENDERING,))
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES)
    head, _, _ = data[:_MAX_HEADER].replace(b"\r\n", b"\n").partition(b"\n\n")
    message = BytesHeaderParser(policy=default).parsebytes(head + b"\n\n")
    facts.add_url(str(message.get("Snapshot-Content-Location", "")).strip())
    facts.title = str(message.get("Subject", ""))[:500]
    facts.software = str(message.get("From", "")).strip("<> ")[:200]
    if date := message.get("Date"):
        moment = getattr(date, "datetime", None)
        facts.dates.append(moment.isoformat() if moment is not None else str(date)[:80])
    for match in _LOCATION.finditer(data):
        facts.exchanges += 1
        facts.add_url(match[1].decode("utf-8", "replace"))
    boundary = message.get_boundary()
    if not boundary:
        facts.problem(ProblemCode.CORRUPT, "the MHTML names no boundary", "its parts cannot be told apart")
    elif f"--{boundary}--".encode() not in data[-(len(boundary) + 16) :] and len(data) < _MAX_BYTES:
        facts.problem(ProblemCode.TRUNCATED, "the MHTML has no end", "parts at the end may be missing")
    return facts


def read_single_file(head: bytes) -> Facts:
    """Address and time from the comment that SingleFile puts first."""
    facts = Facts(kind="SingleFile HTML", unknown=(_AFTER_RENDERING,), software="SingleFile", exchanges=1)
    text = head.decode("utf-8", "replace")
    if match := _URL.search(text):
        facts.add_url(match[1])
    if match := _DATE.search(text):
        facts.dates.append(match[1])
    if match := _TITLE.search(text):
        facts.title = " ".join(match[1].split())
    return facts
