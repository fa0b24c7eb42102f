"""The company name in the version information of a Windows program."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.maker import MakerMark

_KEY = "CompanyName\0".encode("utf-16-le")
MOST_READ = 64 << 20
MOST_FOUND = 8


def company_names(blob: Blob) -> Iterator[tuple[str, MakerMark]]:
    """`CompanyName` values (a VS_VERSIONINFO String: key, padding to four bytes, UTF-16 value)."""
    found = 0
    for start, view in blob.part(0, MOST_READ).windows(overlap=1024):
        window = bytes(view)
        at = window.find(_KEY)
        while at >= 0 and found < MOST_FOUND:
            value = at + len(_KEY)
            value += -(start + value) % 4
            raw = window[value : value + 512]
            end = next((i for i in range(0, len(raw) - 1, 2) if raw[i : i + 2] == b"\0\0"), -1)
            if end > 0:
                found += 1
                yield raw[:end].decode("utf-16-le", "replace"), MakerMark.VERSION
            at = window.find(_KEY, at + len(_KEY))
