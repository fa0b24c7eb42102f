"""Codes by which a device names its maker: FCC IDs, and MAC addresses written out."""

import re
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.maker import MakerMark

MOST_READ = 256 << 10
_FCC = re.compile(rb"FCC[ _-]?ID\s*[:=]?\s*([A-Z0-9]{5})[A-Z0-9-]{1,14}", re.IGNORECASE)
_MAC = re.compile(
    rb"(?<![0-9A-Fa-f:-])((?:[0-9A-Fa-f]{2}[:-]){2}[0-9A-Fa-f]{2})(?:[:-][0-9A-Fa-f]{2}){3}(?![0-9A-Fa-f:-])"
)
_PAIR = re.compile(rb"[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]")


def codes_in(blob: Blob) -> Iterator[tuple[str, MakerMark]]:
    """Grantee codes (47 CFR 2.926: five characters when the first is a digit, else three) and MAC prefixes."""
    data = blob.read(0, MOST_READ)
    if b"FCC" in data or b"fcc" in data:
        for code in _FCC.findall(data):
            text = code.decode("ascii").upper()
            yield text if text[0].isdigit() else text[:3], MakerMark.FCC
    if (data.count(b":") > 4 or data.count(b"-") > 4) and _PAIR.search(data):
        for prefix in _MAC.findall(data):
            yield prefix.decode("ascii").upper().replace(":", "-"), MakerMark.OUI
