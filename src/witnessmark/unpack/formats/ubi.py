"""UBI: volumes on raw flash, put together from their erase blocks."""

import struct
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

MARK, VOLUME_MARK = b"UBI#", b"UBI!"
LAYOUT = 0x7FFFEFFF
RECORD = 172
STATIC = 2


class Ubi(Unpacker):
    """Images made for NAND and NOR flash."""

    NAME = "ubi"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="UBI",
        kind="firmware",
        suffixes=(".ubi",),
        references=("http://www.linux-mtd.infradead.org/doc/ubi.html",),
        limits=("Fastmap is ignored: all erase blocks are read.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """An erase-counter header whose checksum holds."""
        return _sound(blob.read(0, 64), MARK)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Each volume; of two copies of a block the newer one."""
        size = _block_size(blob)
        blocks: dict[int, dict[int, tuple[int, int, int]]] = defaultdict(dict)
        kinds: dict[int, int] = {}
        damaged = end = data_at = 0
        for at in range(0, blob.size - 63, size):
            head = blob.read(at, 64)
            if head[:4] != MARK:
                if head.strip(b"\xff"):
                    break
                continue
            end = at + size
            volume_at, data_at = struct.unpack_from(">II", head, 16)
            raw = blob.read(at + volume_at, 64)
            if raw[:4] != VOLUME_MARK:
                continue
            if not _sound(raw, VOLUME_MARK):
                damaged += 1
                continue
            volume, number, used = struct.unpack_from(">II4xI", raw, 8)
            (sequence,) = struct.unpack_from(">Q", raw, 40)
            kinds[volume] = raw[5]
            known = blocks[volume].get(number)
            if known is None or known[0] < sequence:
                blocks[volume][number] = sequence, at + data_at, used if raw[5] == STATIC else size - data_at
        if damaged:
            yield Problem(
                code=ProblemCode.CORRUPT,
                message=UntrustedText(f"{damaged} erase blocks with a damaged header"),
                consequence="These blocks are missing from their volumes.",
            )
        yield Accounted(0, min(end, blob.size))
        names = _names(blob, blocks.pop(LAYOUT, {}))
        for volume, numbered in sorted(blocks.items()):
            name = names.get(volume) or UntrustedText(f"volume {volume}")
            yield Content(name=name, blob=context.collect(_volume(blob, numbered, size - data_at)))


def _volume(blob: Blob, numbered: dict[int, tuple[int, int, int]], usable: int) -> Iterator[bytes]:
    last = max(numbered)
    if last > 1 << 20:
        raise FormatError("a logical block number out of range")
    for number in range(last + 1):
        block = numbered.get(number)
        yield b"\xff" * usable if block is None else blob.read(block[1], block[2])


def _names(blob: Blob, layout: dict[int, tuple[int, int, int]]) -> dict[int, UntrustedText]:
    names = {}
    for _, at, size in layout.values():
        table = blob.read(at, min(size, 128 * RECORD))
        for volume in range(len(table) // RECORD):
            record = table[volume * RECORD : (volume + 1) * RECORD]
            (length,) = struct.unpack_from(">H", record, 14)
            if 0 < length < 128 and any(record[:4]):
                names[volume] = decode_name(record[16 : 16 + length])
    return names


def _sound(raw: bytes, mark: bytes) -> bool:
    return len(raw) == 64 and raw[:4] == mark and _crc(raw[:60]) == int.from_bytes(raw[60:], "big")


def _crc(data: bytes) -> int:
    return zlib.crc32(data) ^ 0xFFFFFFFF


def _block_size(blob: Blob) -> int:
    """The distance that most erase-counter headers keep."""
    window = blob.read(0, 32 << 20)
    places: list[int] = []
    at = window.find(MARK)
    while at >= 0 and len(places) < 64:
        if _sound(window[at : at + 64], MARK):
            places.append(at)
        at = window.find(MARK, at + 1)
    if len(places) < 2:
        return blob.size
    return Counter(after - before for before, after in pairwise(places)).most_common(1)[0][0]


UNPACKER = Ubi()
