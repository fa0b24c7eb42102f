"""Judge reports inside escapes and base64: decode what stands around them, then apply the same rules."""

import base64
import re

from witnessmark.scan.boundary import bounded
from witnessmark.scan.patterns import Pattern
from witnessmark.scan.surroundings import REACH, Window, expected, neighbours

_UNITS = {
    "unicode-escape": (rb"(?:\\u[0-9a-f]{4})", 6),
    "unicode-brace": (rb"(?:\\u\{[0-9a-f]{2,6}\})", 10),
    "percent-u": (rb"(?:%u[0-9a-f]{4})", 6),
    "html-hex": (rb"(?:&#x[0-9a-f]{2,6};)", 10),
    "html-decimal": (rb"(?:&#[0-9]{2,7};)", 10),
    "hex-escape": (rb"(?:\\x[0-9a-f]{2})", 4),
    "octal-escape": (rb"(?:\\[0-3][0-7]{2})", 4),
    "percent": (rb"(?:%[0-9a-f]{2})", 3),
    "quoted-printable": (rb"(?:=[0-9a-f]{2})", 3),
}
_UNIT = {name: re.compile(unit, re.IGNORECASE) for name, (unit, _) in _UNITS.items()}
_RUN_BEFORE = {name: re.compile(unit + rb"{1,4}\Z", re.IGNORECASE) for name, (unit, _) in _UNITS.items()}
_RUN_AFTER = {name: re.compile(unit + rb"{1,4}", re.IGNORECASE) for name, (unit, _) in _UNITS.items()}


def in_escapes(pattern: Pattern, window: Window) -> str | None:
    """The text, if what stands around it, unescaped, lets it count."""
    before, after = window.before(), window.after()
    run = _RUN_BEFORE[pattern.disguise].search(before)
    left = _unescape(pattern, run.group()) if run else before[-8:].decode("utf-8", "ignore")
    run = _RUN_AFTER[pattern.disguise].match(after)
    right = _unescape(pattern, run.group()) if run else after[:8].decode("utf-8", "ignore")
    return pattern.text if bounded(pattern.boundary, pattern.text, left, right) else None


def _unescape(pattern: Pattern, run: bytes) -> str:
    digits = [re.sub(rb"[^0-9a-fA-F]", b"", unit) for unit in _UNIT[pattern.disguise].findall(run)]
    base = {"octal-escape": 8, "html-decimal": 10}.get(pattern.disguise, 16)
    numbers = [int(d, base) for d in digits if d]
    if pattern.disguise in ("hex-escape", "octal-escape", "percent", "quoted-printable"):
        encoding = "utf-8" if pattern.encoding == "ascii" else pattern.encoding
        return bytes(n & 0xFF for n in numbers).decode(encoding, "ignore")
    return "".join(chr(n) for n in numbers if n < 0x110000)


def in_base64(pattern: Pattern, window: Window) -> str | None:
    """Decode the run around the report and look for the text itself in it."""
    phase = int(pattern.disguise[-1])
    first = (8 * phase + 5) // 6
    alphabet = re.compile(rb"[A-Za-z0-9+/]*\Z")
    raw = window.before(REACH)
    lead = raw[alphabet.search(raw).start() :]  # type: ignore[union-attr]  # the empty run always matches
    if len(lead) < first:
        return None
    lead = lead[(len(lead) - first) % 4 :]
    tail = re.match(rb"[A-Za-z0-9+/]*", window.after(REACH))
    run = lead + bytes(window.data[window.start : window.end]) + (tail.group() if tail else b"")
    if len(run) % 4 == 1:  # no encoder ends so: the run goes on beyond our reach, or is none
        run = run[:-1]
    decoded = base64.b64decode(run + b"=" * (-len(run) % 4))
    at = (len(lead) - first) // 4 * 3 + phase
    wanted = pattern.text.encode(pattern.encoding)
    found = decoded[at : at + len(wanted)]
    if not found or not wanted.startswith(found):
        return None
    before, after = neighbours(pattern.encoding, Window(memoryview(decoded), at, at + len(found)))
    if not all(expected(c, pattern.encoding) or c in "\r\n\0" for c in before[-3:] + after[:3]):
        return None
    return pattern.text if bounded(pattern.boundary, pattern.text, before, after) else None
