"""Formats that only an installed program opens: the file is handed to the first one there is."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.extracted import by_program, seven_zip
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

SEVEN_ZIP = "apt install 7zip, or brew install sevenzip"


class ProgramFormat(Unpacker):
    """Signature, programs, done. The container's own bytes are matched where the format is `in_place`."""

    NAME: str
    MAGIC: tuple[Magic, ...]
    DOC: FormatDoc
    SUFFIX = ""

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """What the program left. Raises FormatError(PROGRAM_MISSING) where there is none."""
        return by_program(blob, context, self.DOC, self.attempts(context), self.SUFFIX)

    def attempts(self, context: Context) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Programs with their arguments, best first."""
        return seven_zip(context)
