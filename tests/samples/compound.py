"""Write a small compound file (OLE), for samples."""

import struct

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound_file(streams: dict[str, bytes]) -> bytes:
    """Streams with `/` between storages. Every stream is padded over the cutoff, so that there is no mini stream."""
    sectors: list[bytes] = []
    table: list[int] = []

    def put(data: bytes) -> int:
        start = len(sectors)
        pieces = [data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512)]
        sectors.extend(pieces)
        table.extend([*range(start + 1, start + len(pieces)), END])
        return start

    folders = sorted({name.rpartition("/")[0] for name in streams if "/" in name})
    entries: list[list[object]] = [["Root Entry", 5, FREE, FREE, FREE, END, 0]]
    numbers = {"": 0}
    for folder in folders:
        numbers[folder] = len(entries)
        entries.append([folder.rpartition("/")[2], 1, FREE, FREE, FREE, 0, 0])
    placed = [(numbers[folder.rpartition("/")[0]], numbers[folder]) for folder in folders]
    for name, data in streams.items():
        data = data.ljust(4096, b"\0")
        placed.append((numbers[name.rpartition("/")[0]], len(entries)))
        entries.append([name.rpartition("/")[2], 2, FREE, FREE, FREE, put(data), len(data)])
    for parent, number in placed:  # a list instead of a balanced tree: readers do not mind
        entries[number][3] = entries[parent][4]
        entries[parent][4] = number
    directory = b"".join(_entry(*entry) for entry in entries)  # type: ignore[arg-type]
    directory += _entry("", 0, FREE, FREE, FREE, 0, 0) * (-len(entries) % 4)
    first_directory = put(directory)
    fat_sectors = -(-(len(table) + 8) // 128)
    first_fat = len(table)
    table += [FAT] * fat_sectors
    table += [FREE] * (128 * fat_sectors - len(table))
    sectors += [struct.pack("<128L", *table[at : at + 128]) for at in range(0, len(table), 128)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<LLLLLLLLL", 0, fat_sectors, first_directory, 0, 4096, END, 0, END, 0)
    listed = [first_fat + number for number in range(fat_sectors)]
    header += struct.pack("<109L", *listed, *[FREE] * (109 - fat_sectors))
    return header + b"".join(sectors)


def _entry(name: str, kind: int, left: int, right: int, child: int, start: int, size: int) -> bytes:
    packed = name.encode("utf-16-le") + b"\0\0" if name else b""
    head = packed.ljust(64, b"\0") + struct.pack("<HBBLLL", len(packed), kind, 1, left, right, child)
    return (head + bytes(36)).ljust(116, b"\0") + struct.pack("<LQ", start, size)
