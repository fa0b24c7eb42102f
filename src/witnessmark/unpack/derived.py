"""Text that does not lie in a file as such, as a member of its own."""

import codecs
from collections.abc import Iterable, Iterator

from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.bounds import DAMAGE
from witnessmark.unpack.unpacker import Content, Context

_CHUNK = 1 << 16
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape", "undefined"})


def derived_text(name: str, pieces: Iterable[str], context: Context) -> Content | None:
    """UTF-8 text made of `pieces`; None where they hold nothing but blanks and came to their end undamaged."""
    seen = _Seen()
    blob = context.collect(_encoded(pieces, seen))
    if seen.complete and not seen.anything:
        return None
    return Content(name=UntrustedText(name), blob=blob, text=True)


class _Seen:
    anything = False
    complete = False


def _encoded(pieces: Iterable[str], seen: _Seen) -> Iterator[bytes]:
    """Gather small pieces, so that a bound is checked once a chunk and not once a word."""
    gathered: list[str] = []
    size = 0
    try:
        for piece in pieces:
            seen.anything = seen.anything or not (piece == "" or piece.isspace())
            gathered.append(piece)
            size += len(piece)
            if size >= _CHUNK:
                yield "".join(gathered).encode("utf-8", "replace")
                gathered, size = [], 0
    except DAMAGE:
        yield "".join(gathered).encode("utf-8", "replace")  # what was read before the damage counts
        raise
    yield "".join(gathered).encode("utf-8", "replace")
    seen.complete = True


def decoded(data: bytes, encoding: str) -> str:
    """`data` as text; an encoding that is unknown or not a plain charset is read as Latin-1, bad bytes are marked."""
    try:
        name = codecs.lookup(encoding).name
        return data.decode("latin-1" if name in _NO_CHARSETS else name, "replace")
    except (LookupError, ValueError):
        return data.decode("latin-1")
