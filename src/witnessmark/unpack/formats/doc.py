"""Word 97 to 2003: the text in reading order, put together from its pieces."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.ole import MAGIC, CompoundFile
from witnessmark.unpack.unpacker import Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

_MOST = 64 << 20
_MAX_PIECES = 500_000
_WORD_97 = 0xC1
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_PREVIOUS_TEXT, _PIECES = 1, 2
_COMPRESSED = 0x40000000
_MARKS = str.maketrans(
    {
        "\x07": "\t",
        "\x0b": "\n",
        "\x0c": "\n",
        "\r": "\n",
        "\x13": " ",
        "\x14": " ",
        "\x15": " ",
        "\x1e": "-",
        "\x1f": "",
    }
)


class Doc(Unpacker):
    """Word's binary format."""

    NAME = "doc"
    MAGIC = (Magic(data=MAGIC),)
    DOC = FormatDoc(
        title="Word 97-2003 document (doc): text in reading order",
        kind="document",
        suffixes=(".doc", ".dot", ".wps"),
        references=("https://learn.microsoft.com/openspecs/office_file_formats/ms-doc/",),
        limits=(
            "Word 6 and 95: no text in reading order; their streams are matched as they stand.",
            "Encrypted documents are reported, not opened.",
        ),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether there is a WordDocument stream."""
        try:
            return CompoundFile(blob).find("WordDocument") is not None
        except FormatError:
            return False

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text: the body, then notes, headers and comments; cells end with a tab."""
        container = CompoundFile(blob)
        stream = container.find("WordDocument")
        if stream is None:
            return
        document = container.read(stream, _MOST)
        version, flags = struct.unpack_from("<2xH6xH", document)
        if flags & _ENCRYPTED:
            yield Passed(code=ProblemCode.ENCRYPTED, name=UntrustedText("text"))
            return
        if version < _WORD_97:
            return
        table = container.find("1Table" if flags & _TABLE_1 else "0Table")
        if table is None:
            raise FormatError("the document's table stream is missing")
        start, size = struct.unpack_from("<LL", document, 0x01A2)
        pieces = container.read(table, _MOST)[start : start + size]
        content = derived_text("text", _text(document, pieces), context)
        if content is not None:
            yield content


def _text(document: bytes, tables: bytes) -> Iterator[str]:
    at = 0
    while tables[at] == _PREVIOUS_TEXT:
        (size,) = struct.unpack_from("<H", tables, at + 1)
        at += 3 + size
    if tables[at] != _PIECES:
        raise FormatError("the table of text pieces is missing")
    (size,) = struct.unpack_from("<L", tables, at + 1)
    count = min(size - 4, len(tables)) // 12
    if count > _MAX_PIECES:
        raise FormatError(f"more than {_MAX_PIECES} pieces of text", code=ProblemCode.BOUND_STRUCTURE)
    places = struct.unpack_from(f"<{count + 1}L", tables, at + 5)
    budget = 2 * len(document) + 64  # pieces may share text, but not without end
    for number in range(count):
        (where,) = struct.unpack_from("<L", tables, at + 5 + 4 * (count + 1) + 8 * number + 2)
        length = places[number + 1] - places[number]
        if length < 0:
            raise FormatError("a piece of text ends before it begins")
        budget -= length
        if budget < 0:
            raise FormatError("the pieces of text are longer than the document", code=ProblemCode.BOUND_RATIO)
        if where & _COMPRESSED:
            start = (where & ~_COMPRESSED) // 2
            text = document[start : start + length].decode("cp1252", "replace")
        else:
            text = document[where : where + 2 * length].decode("utf-16-le", "replace")
        yield text.replace("\x07\x07", "\n").translate(_MARKS)  # two cell marks end a row


UNPACKER = Doc()
