"""Judge one report of the engine against the original bytes: boundaries, alignment, plausible surroundings."""

import re

from witnessmark.scan.boundary import bounded
from witnessmark.scan.disguise import in_base64, in_escapes
from witnessmark.scan.encodings import MULTIBYTE
from witnessmark.scan.patterns import Pattern
from witnessmark.scan.surroundings import (
    MOST_FOR_STRICT,
    REACH,
    SWAPPED,
    Window,
    aligned,
    in_text,
    needs_proof,
    neighbours,
    plausible,
    reads_better_swapped,
)

BASE64_RUN = re.compile(r"[A-Za-z0-9+/]{40,}")


def accepted(pattern: Pattern, data: memoryview, start: int, end: int) -> str | None:
    """The text that stands there, if it counts; None if it does not."""
    window = Window(data, start, end)
    if pattern.disguise.startswith("base64"):
        return in_base64(pattern, window)
    if pattern.disguise:
        return in_escapes(pattern, window)
    if pattern.encoding == "ascii":
        text = bytes(data[start:end]).decode("ascii")
        return text if _ascii_fits(pattern, text, window) else None
    before, after = neighbours(pattern.encoding, window)
    if needs_proof(pattern) and not plausible(before, after, pattern.encoding):
        return None
    if pattern.encoding in MULTIBYTE and not aligned(window, pattern.encoding):
        return None
    if pattern.encoding in SWAPPED and reads_better_swapped(pattern, window, before, after):
        return None
    text = bytes(data[start:end]).decode(pattern.encoding, "replace")
    return text if bounded(pattern.boundary, text, before, after) else None


def _ascii_fits(pattern: Pattern, text: str, window: Window) -> bool:
    raw_before, raw_after = window.before(16), window.after(16)
    before, after = raw_before.decode("utf-8", "ignore"), raw_after.decode("utf-8", "ignore")
    counted = _ends_by_length(text, window)
    if not counted and not bounded(pattern.boundary, text, before, after):
        return False
    if len(text) <= MOST_FOR_STRICT and not counted and not in_text(raw_before, raw_after):
        return False
    return len(text) > 7 or not _in_random_run(text, window)


def _ends_by_length(text: str, window: Window) -> bool:
    """Whether a length byte before the name says that it ends here, whatever letter follows."""
    before = window.before(REACH)
    for back in range(1, len(before) + 1):
        byte = before[-back]
        if byte == back - 1 + len(text) and byte < 0x40:
            return back == 1 or not chr(before[-back + 1]).isspace()
        if not (chr(byte).isalnum() or byte == 0x5F):
            return False
    return False


def _in_random_run(text: str, window: Window) -> bool:
    """Whether the text stands in a long run of base64-like characters, where short words occur by chance."""
    around = (window.before(48) + text.encode() + window.after(48)).decode("latin-1")
    for run in BASE64_RUN.finditer(around):
        if text in run.group() and len(re.findall(r"[0-9]", run.group())) >= 3 and re.search("[A-Z]", run.group()):
            return True
    return False
