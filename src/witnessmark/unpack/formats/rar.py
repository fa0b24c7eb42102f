"""RAR 4 and 5: names and stored members natively, compressed members by libarchive or a program."""

from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import native_library
from witnessmark.unpack.blob_file import BlobFile
from witnessmark.unpack.extracted import by_program, seven_zip
from witnessmark.unpack.names import storable
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

OLD, NEW = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
STORED = 0x30
INSTALL = "apt install 7zip 7zip-rar (or unrar), or brew install sevenzip"
MAX_MEMBERS = 1_000_000


class Rar(Unpacker):
    """Eugene Roshal's archiver; nothing but stored members is decoded here."""

    NAME = "rar"
    MAGIC = (
        Magic(data=OLD, offset=None),
        Magic(data=NEW, offset=None),
        Magic(data=OLD),
        Magic(data=NEW),
    )
    DOC = FormatDoc(
        title="RAR 4, RAR 5, self-extracting RAR",
        kind="archive",
        suffixes=(".rar",),
        references=("https://www.rarlab.com/technote.htm",),
        limits=(
            "Compressed members need libarchive, 7-Zip with RAR, or unrar; encrypted ones unrar.",
            "Of several volumes, each is read alone.",
        ),
        program="7zz",
        install=INSTALL,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Members in archive order."""
        import rarfile  # costs 0.15 s, which every start would pay

        try:
            archive = rarfile.RarFile(BufferedReader(BlobFile(blob)), part_only=True)
            infos = archive.infolist()[:MAX_MEMBERS]
        except rarfile.NeedFirstVolume as error:
            raise FormatError("a later volume of several", code=ProblemCode.UNSUPPORTED) from error
        except (rarfile.Error, OSError) as error:
            raise FormatError(f"RAR: {error}") from error
        if archive.needs_password() and not infos and not context.passwords:
            yield Passed(code=ProblemCode.ENCRYPTED, name=UntrustedText("[all names]"))
            return
        if any(not _readable(info) for info in infos) or not infos:
            yield from self._by_program(blob, context, [storable(info.filename) for info in infos if not info.is_dir()])
            return
        for info in infos:
            name = storable(info.filename)
            if info.is_dir():
                yield Passed(name=name)
            else:
                yield Content(
                    name=name,
                    blob=context.collect(_chunks(archive, info, rarfile.Error), packed_size=info.compress_size),
                )

    def _by_program(self, blob: Blob, context: Context, names: list[UntrustedText]) -> Iterator[Unpacked]:
        if native_library.present():
            yield from native_library.members(blob, context)
            return
        attempts = (*seven_zip(context), ("unrar", ("x", "-y", "-inul", "-p-", "{input}", "{output}/")))
        try:
            yield from by_program(blob, context, self.DOC, attempts, ".rar")
        except FormatError as error:
            if error.code is not ProblemCode.PROGRAM_MISSING:
                raise
            for name in names:  # the names are evidence as well
                yield Passed(code=ProblemCode.PROGRAM_MISSING, name=name, message=INSTALL)


def _readable(info: Any) -> bool:
    return bool(info.is_dir() or (info.compress_type == STORED and not info.needs_password()))


def _chunks(archive: Any, info: Any, failure: type[Exception]) -> Iterator[bytes]:
    try:
        with archive.open(info) as file:
            while chunk := file.read(1 << 20):
                yield chunk
    except failure as error:
        raise FormatError(f"RAR: {error}") from error


UNPACKER = Rar()
