"""The header of a 7z archive: which folders of coders hold which files."""

import struct
from dataclasses import dataclass, field

from witnessmark.unpack.unpacker import FormatError

END, HEADER, MAIN, FILES, PACK, UNPACK, SUBSTREAMS = 0, 1, 4, 5, 6, 7, 8
SIZE, CRC, FOLDER, CODERS_SIZE, COUNT, EMPTY_STREAM, EMPTY_FILE = 9, 10, 11, 12, 13, 14, 15
NAMES, ATTRIBUTES, ENCODED = 17, 21, 23
MAX_COUNT = 4_000_000


@dataclass(frozen=True)
class Coder:
    """One method with its properties."""

    method: bytes
    properties: bytes
    inputs: int
    outputs: int


@dataclass
class Folder:
    """Coders that together turn packed streams into one stream."""

    coders: list[Coder]
    pairs: list[tuple[int, int]]  # (input, output)
    packed: list[int]  # inputs that are packed streams
    sizes: list[int] = field(default_factory=list)
    files: list[int] | None = None  # sizes of the files in it; None: not said, so one
    known_digest: bool = False

    @property
    def size(self) -> int:
        """Bytes that come out of the last coder."""
        bound = {output for _, output in self.pairs}
        return next((size for index, size in enumerate(self.sizes) if index not in bound), 0)


@dataclass
class Member:
    """A file of the archive."""

    name: str
    has_stream: bool = True
    folder: bool = False
    attributes: int = 0


@dataclass
class Header:
    """Everything the header says."""

    pack_at: int = 0
    pack_sizes: list[int] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)


class Reader:
    """Reads 7z's numbers. Raises FormatError at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def raw(self, count: int) -> bytes:
        """Exactly `count` bytes."""
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            raise FormatError("the 7z header ends early")
        self.at += count
        return piece

    def byte(self) -> int:
        """One byte."""
        return self.raw(1)[0]

    def number(self) -> int:
        """7z's variable number: leading one bits of the first byte count the bytes that follow."""
        first = self.byte()
        mask, value = 0x80, 0
        for index in range(8):
            if not first & mask:
                return value + ((first & (mask - 1)) << (8 * index))
            value |= self.byte() << (8 * index)
            mask >>= 1
        return value

    def count(self) -> int:
        """A number of things, bounded."""
        value = self.number()
        if value > MAX_COUNT:
            raise FormatError("a count out of range in the 7z header")
        return value

    def bits(self, count: int) -> list[bool]:
        """A bit vector, most significant bit first."""
        raw = self.raw((count + 7) // 8)
        return [bool(raw[index >> 3] & 0x80 >> (index & 7)) for index in range(count)]

    def optional_bits(self, count: int) -> list[bool]:
        """A bit vector that one byte may declare all true."""
        return [True] * count if self.byte() else self.bits(count)


def parse(data: bytes) -> Header:
    """Read a header, or an encoded header's description of itself."""
    reader = Reader(data)
    header = Header()
    kind = reader.byte()
    if kind == ENCODED:
        _streams(reader, header)
        return header
    if kind != HEADER:
        raise FormatError("no 7z header")
    while (kind := reader.byte()) != END:
        if kind == MAIN:
            _streams(reader, header)
        elif kind == FILES:
            _files(reader, header)
        else:
            raise FormatError(f"an unknown 7z property {kind}")
    return header


def is_encoded(data: bytes) -> bool:
    """Whether the header is itself packed."""
    return data[:1] == bytes([ENCODED])


def _streams(reader: Reader, header: Header) -> None:
    while (kind := reader.byte()) != END:
        if kind == PACK:
            _pack(reader, header)
        elif kind == UNPACK:
            _unpack(reader, header)
        elif kind == SUBSTREAMS:
            _substreams(reader, header)
        else:
            raise FormatError(f"an unknown 7z property {kind}")
    for folder in header.folders:
        if folder.files is None:
            folder.files = [folder.size]


def _pack(reader: Reader, header: Header) -> None:
    header.pack_at = reader.number()
    count = reader.count()
    while (kind := reader.byte()) != END:
        if kind == SIZE:
            header.pack_sizes = [reader.number() for _ in range(count)]
        elif kind == CRC:
            _digests(reader, count)
        else:
            raise FormatError(f"an unknown 7z property {kind}")


def _digests(reader: Reader, count: int) -> list[bool]:
    known = reader.optional_bits(count)
    reader.raw(4 * sum(known))
    return known


def _unpack(reader: Reader, header: Header) -> None:
    if reader.byte() != FOLDER:
        raise FormatError("a 7z header out of order")
    count = reader.count()
    if reader.byte():
        raise FormatError("7z folders in another stream")
    header.folders = [_folder(reader) for _ in range(count)]
    if reader.byte() != CODERS_SIZE:
        raise FormatError("a 7z header out of order")
    for folder in header.folders:
        folder.sizes = [reader.number() for coder in folder.coders for _ in range(coder.outputs)]
    header_digests = [False] * count
    while (kind := reader.byte()) != END:
        if kind != CRC:
            raise FormatError(f"an unknown 7z property {kind}")
        header_digests = _digests(reader, count)
    for folder, known in zip(header.folders, header_digests, strict=True):
        folder.known_digest = known


def _folder(reader: Reader) -> Folder:
    coders = []
    count = reader.count()
    if not 0 < count <= 32:
        raise FormatError("a 7z folder with an impossible number of coders")
    for _ in range(count):
        flags = reader.byte()
        method = reader.raw(flags & 15)
        inputs, outputs = (reader.count(), reader.count()) if flags & 16 else (1, 1)
        properties = reader.raw(reader.count()) if flags & 32 else b""
        if inputs > 32 or outputs > 32:
            raise FormatError("a 7z coder with an impossible number of streams")
        coders.append(Coder(method, properties, inputs, outputs))
    inputs = sum(coder.inputs for coder in coders)
    outputs = sum(coder.outputs for coder in coders)
    pairs = [(reader.number(), reader.number()) for _ in range(outputs - 1)]
    free = inputs - len(pairs)
    bound = {source for source, _ in pairs}
    packed = [index for index in range(inputs) if index not in bound]
    if free > 1:
        packed = [reader.number() for _ in range(free)]
    return Folder(coders, pairs, packed)


def _substreams(reader: Reader, header: Header) -> None:
    kind = reader.byte()
    counts = [1] * len(header.folders)
    if kind == COUNT:
        counts = [reader.count() for _ in header.folders]
        kind = reader.byte()
    if sum(counts) > MAX_COUNT:
        raise FormatError("more 7z files than the bound")
    for folder, count in zip(header.folders, counts, strict=True):
        sizes = [reader.number() for _ in range(count - 1)] if kind == SIZE else []
        folder.files = [*sizes, folder.size - sum(sizes)] if count else []
        if any(size < 0 for size in folder.files):
            raise FormatError("7z file sizes do not add up")
    if kind == SIZE:
        kind = reader.byte()
    while kind != END:
        if kind != CRC:
            raise FormatError(f"an unknown 7z property {kind}")
        missing = 0
        for folder, count in zip(header.folders, counts, strict=True):
            if not (count == 1 and folder.known_digest):
                missing += count
        _digests(reader, missing)
        kind = reader.byte()


def _files(reader: Reader, header: Header) -> None:  # noqa: C901  one case a property, as the format lists them
    count = reader.count()
    members = [Member("") for _ in range(count)]
    empty: list[bool] = [False] * count
    while (kind := reader.byte()) != END:
        size = reader.number()
        body = Reader(reader.raw(size))
        if kind == NAMES:
            if body.byte():
                raise FormatError("7z names in another stream")
            names = body.data[1:].decode("utf-16-le", "replace").split("\0")
            for member, name in zip(members, names, strict=False):
                member.name = name
        elif kind == EMPTY_STREAM:
            empty = body.bits(count)
            for member, nothing in zip(members, empty, strict=True):
                member.has_stream = not nothing
                member.folder = nothing
        elif kind == EMPTY_FILE:
            marks = iter(body.bits(sum(empty)))
            for member in members:
                if not member.has_stream:
                    member.folder = not next(marks)
        elif kind == ATTRIBUTES:
            known = body.optional_bits(count)
            if not body.byte():
                for member, there in zip(members, known, strict=True):
                    if there:
                        (member.attributes,) = struct.unpack("<I", body.raw(4))
    header.members = members
