"""Where a Windows program ends and what was appended to it begins."""

import struct

from witnessmark.blob import Blob


def overlay(blob: Blob) -> int | None:
    """The offset of bytes behind the last section, or None where there are none or it is no PE file."""
    head = blob.read(0, 64)
    if len(head) < 64 or head[:2] != b"MZ":
        return None
    (at,) = struct.unpack_from("<I", head, 60)
    coff = blob.read(at, 24)
    if len(coff) < 24 or coff[:4] != b"PE\0\0":
        return None
    sections, optional = struct.unpack_from("<H12xH", coff, 6)
    table = blob.read(at + 24 + optional, 40 * min(sections, 96))
    ends = [sum(struct.unpack_from("<II", table, start + 16)) for start in range(0, len(table) - 39, 40)]
    end = max(ends, default=0)
    return end if 0 < end < blob.size else None
