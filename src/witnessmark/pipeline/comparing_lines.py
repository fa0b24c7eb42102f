"""The lines of one text file, with their places in bytes."""

from witnessmark.blob import Blob
from witnessmark.diff.lines import MARKUP, Line, Lines, pieces
from witnessmark.model.artifact import Locator
from witnessmark.read.decoding import decode, sniff

MOST_BYTES = 16 << 20
MOST_LINES = 300_000


def read_lines(blob: Blob, locator: Locator, language: str) -> Lines:
    """The non-empty lines of a text of at most 16 MiB, in its own encoding. A longer one, and a binary, give none."""
    codec, is_text = sniff(blob)
    if not is_text or blob.size > MOST_BYTES:
        return Lines(locator=locator, language=language)
    body = decode(blob, 0, blob.size, codec)
    rows: list[Line] = []
    for number, start, text in pieces(body.text, markup=language in MARKUP):
        words = " ".join(text.split())
        if words:
            rows.append(Line(offset=body.byte(start), number=number, text=words))
        if len(rows) >= MOST_LINES:
            break
    return Lines(locator=locator, language=language, rows=tuple(rows))
