"""Tell which kind of file it is by its first bytes, not by its name."""

import zipfile
from pathlib import Path

from witnessmark.capture.foreign.facts import Facts
from witnessmark.capture.foreign.har import read_har
from witnessmark.capture.foreign.saved_page import read_mhtml, read_single_file
from witnessmark.capture.foreign.warc import read_wacz, read_warc
from witnessmark.model.problem import ProblemCode

_HEAD = 16_384


def read_facts(path: Path, name: str) -> Facts:
    """What the file says of itself; a plain file says nothing. Damage is in the facts' problems."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lowered = head.lower()
    if head.startswith(b"WARC/") or (head.startswith(b"\x1f\x8b") and ".warc" in name.lower()):
        return read_warc(path)
    if head.startswith(b"PK\x03\x04") and _has_datapackage(path):
        return read_wacz(path)
    if start.startswith(b"{") and b'"log"' in head and (b'"entries"' in head or name.lower().endswith(".har")):
        return read_har(path)
    if b"mime-version:" in lowered and b"multipart/related" in lowered:
        return read_mhtml(path)
    if b"page saved with singlefile" in lowered:
        return read_single_file(head)
    facts = Facts(kind="plain file")
    if not head:
        facts.problem(ProblemCode.TRUNCATED, "the file is empty", "there is nothing to look at")
    return facts


def _has_datapackage(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            return "datapackage.json" in package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
