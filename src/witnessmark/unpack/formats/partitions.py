"""Whole disks: MBR and GPT partition tables."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, Magic, Unpacked, Unpacker

SECTOR = 512
EXTENDED = {0x05, 0x0F, 0x85}
PROTECTIVE = 0xEE
MAX_LOGICAL = 128


class Partitions(Unpacker):
    """Images of disks and memory cards."""

    NAME = "partitions"
    MAGIC = (Magic(data=b"\x55\xaa", offset=510),)
    DOC = FormatDoc(
        title="Disk image with MBR or GPT partitions",
        kind="firmware",
        suffixes=(".img", ".raw", ".dd"),
        references=("https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html",),
        limits=("Sectors of 512 bytes only.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """At least one partition, all of them within the image."""
        if (
            blob.size < 64 * SECTOR
            or blob.read(3, 8) == b"NTFS    "
            or blob.read(54, 3) == b"FAT"
            or blob.read(82, 3) == b"FAT"
        ):
            return False
        states = {blob.read(446 + 16 * index, 1) for index in range(4)}
        found = _partitions(blob)
        return states <= {b"\0", b"\x80"} and bool(found) and all(start * SECTOR < blob.size for start, _ in found)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Each partition; what lies between them is left over."""
        for index, (start, count) in enumerate(sorted(set(_partitions(blob)))):
            yield Accounted(start * SECTOR, count * SECTOR)
            yield Content(name=UntrustedText(f"partition {index}"), blob=blob.part(start * SECTOR, count * SECTOR))
        yield Accounted(0, SECTOR)


def _table(blob: Blob, sector: int) -> list[tuple[int, int, int]]:
    raw = blob.read(sector * SECTOR, SECTOR)
    if raw[510:] != b"\x55\xaa":
        return []
    entries = [struct.unpack_from("<4xB3xII", raw, 446 + 16 * index) for index in range(4)]
    return [(kind, start, count) for kind, start, count in entries if kind and count and start]


def _partitions(blob: Blob) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for kind, start, count in _table(blob, 0):
        if kind == PROTECTIVE:
            return _gpt(blob)
        if kind in EXTENDED:
            at = start
            for _ in range(MAX_LOGICAL):
                below = _table(blob, at)
                found += [(at + begin, size) for inner, begin, size in below if inner not in EXTENDED]
                links = [begin for inner, begin, _ in below if inner in EXTENDED]
                if not links or start + links[0] <= at:
                    break
                at = start + links[0]
        else:
            found.append((start, count))
    return found


def _gpt(blob: Blob) -> list[tuple[int, int]]:
    head = blob.read(SECTOR, 92)
    if len(head) < 92 or head[:8] != b"EFI PART":
        return []
    at, count, size = struct.unpack_from("<QII", head, 72)
    found = []
    for index in range(min(count, 1024)):
        entry = blob.read(at * SECTOR + index * size, 128)
        if len(entry) == 128 and any(entry[:16]):
            first, last = struct.unpack_from("<QQ", entry, 32)
            if first <= last:
                found.append((first, last - first + 1))
    return found


UNPACKER = Partitions()
