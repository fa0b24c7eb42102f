""".NET programs that carry their libraries compressed in their own resources (as Costura.Fody packs them)."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.inflate import RAW, inflated
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_SIGN = b"costura."
_WINDOW = 4 << 20
_CLI_DIRECTORY = 14
_MAX_SECTIONS = 96
_MAX_RESOURCES = 100_000


class DotnetPacked(Unpacker):
    """Assemblies inside an assembly."""

    NAME = "dotnet_packed"
    MAGIC = (Magic(data=b"MZ"),)
    DOC = FormatDoc(
        title=".NET program with compressed libraries inside (Costura)",
        kind="app",
        suffixes=(".exe", ".dll"),
        references=(
            "https://github.com/Fody/Costura",
            "https://ecma-international.org/publications-and-standards/standards/ecma-335/",
        ),
        limits=("Libraries come out by their place, without their names.",),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the packer's prefix stands in a .NET program."""
        try:
            if _resources(blob) is None:
                return False
        except (struct.error, FormatError):
            return False
        return any(_SIGN in bytes(view) for _, view in blob.windows(_WINDOW, len(_SIGN)))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Each resource that unpacks to a program."""
        found = _resources(blob)
        if found is None:
            return
        at, end = found
        for _ in range(_MAX_RESOURCES):
            if at + 4 > min(end, blob.size):
                return
            (size,) = struct.unpack("<L", blob.view(at, 4))
            packed = blob.view(at + 4, size)
            if _is_program(packed):
                data = context.collect(inflated(packed, RAW), packed_size=size)
                yield Content(name=UntrustedText(f"library at {at + 4}.dll"), blob=data)
            at += 4 + size
            at += -(at - found[0]) % 8  # each resource starts at a multiple of 8
        raise FormatError(f"more than {_MAX_RESOURCES} resources", code=ProblemCode.BOUND_STRUCTURE)


def _is_program(packed: memoryview) -> bool:
    try:
        return next(inflated(packed, RAW), b"").startswith(b"MZ")
    except FormatError:
        return False


def _resources(blob: Blob) -> tuple[int, int] | None:
    """Where the managed resources start and end; None where the program is not a .NET one. [ECMA-335 II.25]"""
    (header,) = struct.unpack("<L", blob.view(0x3C, 4))
    mark, sections, optional_size = struct.unpack("<4s2xH12xH", blob.view(header, 22))
    if mark != b"PE\0\0" or sections > _MAX_SECTIONS:
        return None
    optional = header + 24
    (magic,) = struct.unpack("<H", blob.view(optional, 2))
    directories = optional + (112 if magic == 0x20B else 96)
    cli, _ = struct.unpack("<LL", blob.view(directories + 8 * _CLI_DIRECTORY, 8))
    table = blob.read(optional + optional_size, 40 * sections)
    if not cli:
        return None
    rva, size = struct.unpack("<LL", blob.view(_place(table, cli) + 24, 8))
    start = _place(table, rva) if rva else 0
    return (start, start + size) if rva else None


def _place(sections: bytes, address: int) -> int:
    """The file offset of an address. Raises FormatError where no section holds it."""
    for at in range(0, len(sections) - 39, 40):
        size, start, raw_size, raw = struct.unpack_from("<LLLL", sections, at + 8)
        if start <= address < start + max(size, raw_size):
            return int(raw + address - start)
    raise FormatError("an address lies in no section")


UNPACKER = DotnetPacked()
