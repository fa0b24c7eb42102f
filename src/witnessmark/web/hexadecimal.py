"""Bytes as rows of sixteen and as text in their own encoding, the place marked and personal data masked."""

from dataclasses import dataclass

from markupsafe import Markup

from witnessmark.model.artifact import Locator
from witnessmark.pipeline.peek import Peeked
from witnessmark.redact import MASK, redact
from witnessmark.report.escape import html
from witnessmark.report.page import marked

PER_ROW = 16


@dataclass(frozen=True, kw_only=True)
class HexRow:
    """One row: the place of its first byte, the bytes, and the same as ASCII. Marked bytes stand in <mark>."""

    offset: str
    octets: Markup
    text: Markup


def hex_rows(peeked: Peeked, locator: Locator) -> list[HexRow]:
    """All rows of what was read."""
    start = locator.offset or 0
    end = start + (locator.length or 1)
    hidden = {at for first, last in peeked.masked for at in range(first, last)}
    rows = []
    for row in range(0, len(peeked.data), PER_ROW):
        octets, text = [], []
        for at in range(row, min(row + PER_ROW, len(peeked.data))):
            byte = peeked.data[at]
            letter = MASK if at in hidden else html(chr(byte)) if 0x20 <= byte < 0x7F else "·"
            octet = MASK * 2 if at in hidden else f"{byte:02x}"
            here = start <= peeked.start + at < end
            octets.append(f"<mark>{octet}</mark>" if here else octet)
            text.append(f"<mark>{letter}</mark>" if here else letter)
        rows.append(
            HexRow(offset=f"{peeked.start + row:08x}", octets=Markup(" ".join(octets)), text=Markup("".join(text)))
        )
    return rows


def decoded(peeked: Peeked, locator: Locator) -> tuple[str, Markup]:
    """The codec that was used, and the bytes as text in it, what the finding covers in <mark>.

    Each part is decoded by itself, so that a character cut at the window's edge spoils nothing but itself.
    """
    start = min(max(0, (locator.offset or 0) - peeked.start), len(peeked.data))
    end = min(start + (locator.length or 0), len(peeked.data))
    codec = locator.encoding or "utf-8"
    try:
        parts = [
            part.decode(codec, "replace") for part in (peeked.data[:start], peeked.data[start:end], peeked.data[end:])
        ]
    except (LookupError, UnicodeError):  # a name that our readers use and Python's codecs do not have
        codec = "latin-1"
        parts = [part.decode(codec) for part in (peeked.data[:start], peeked.data[start:end], peeked.data[end:])]
    before, within, after = parts
    return codec, marked(redact(before + within + after).text, ((len(before), len(before) + len(within)),))
