"""Qt translations (.qm): what the program says, beside what it shows in another language."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.unpacker import Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_MESSAGES = 0x69
_MAX_SECTIONS = 64
_MAX_FIELDS = 20_000_000
_MAX_FIELDS_OF_ONE = 1_000
_END, _SOURCE_16, _TRANSLATION, _CONTEXT_16, _HASH, _SOURCE, _CONTEXT, _COMMENT = range(1, 9)
_LABELS = {_CONTEXT: "context", _CONTEXT_16: "context", _SOURCE: "source", _SOURCE_16: "source", _COMMENT: "comment"}


class QtQm(Unpacker):
    """A compiled Qt message catalogue."""

    NAME = "qt_qm"
    MAGIC = (Magic(data=bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")),)
    DOC = FormatDoc(
        title="Qt translations (qm): source and translation side by side",
        kind="data",
        suffixes=(".qm",),
        references=("https://doc.qt.io/qt-6/linguist-manager.html",),
        limits=("Catalogues stripped of their source texts give translations alone.",),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text, a line for each message: context, source, translation and comment with tabs."""
        at = 16
        for _ in range(_MAX_SECTIONS):
            if at + 5 > blob.size:
                return
            tag, size = struct.unpack(">BL", blob.view(at, 5))
            if tag == _MESSAGES:
                content = derived_text("messages", _lines(blob.view(at + 5, size)), context)
                if content is not None:
                    yield content
            at += 5 + size
        raise FormatError("too many sections", code=ProblemCode.BOUND_STRUCTURE)


def _lines(view: memoryview) -> Iterator[str]:
    at = 0
    fields: list[tuple[str, str]] = []
    for _ in range(_MAX_FIELDS):
        if at >= len(view):
            return
        tag = view[at]
        at += 1
        if tag == _END:
            yield _line(fields)
            fields = []
            continue
        if tag == _HASH or tag > _COMMENT:
            at += 4
            continue
        (size,) = struct.unpack(">L", view[at : at + 4])
        at += 4
        if size == 0xFFFFFFFF:
            continue
        data = bytes(view[at : at + size])
        if len(data) < size:
            raise FormatError("a message runs past the end", code=ProblemCode.TRUNCATED)
        at += size
        if len(fields) >= _MAX_FIELDS_OF_ONE:
            raise FormatError("a message has too many parts", code=ProblemCode.BOUND_STRUCTURE)
        wide = tag in (_TRANSLATION, _SOURCE_16, _CONTEXT_16)
        fields.append((_LABELS.get(tag, "translation"), data.decode("utf-16-be" if wide else "utf-8", "replace")))
    raise FormatError("too many messages", code=ProblemCode.BOUND_STRUCTURE)


def _line(fields: list[tuple[str, str]]) -> str:
    """Plural forms of one message all keep their places; line ends inside a text become blanks."""
    order = ("context", "source", "translation", "comment")
    ordered = sorted(fields, key=lambda field: order.index(field[0]))
    return "\t".join(" ".join(text.split()) for _, text in ordered if text) + "\n"


UNPACKER = QtQm()
