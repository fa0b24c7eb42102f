"""Text of WordprocessingML parts, where one word may be spread over many runs."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.markup import TextRules, running_text
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

_RULES = TextRules(
    text=frozenset({"t", "delText", "instrText"}),  # deleted and field text is still in the file
    line=frozenset({"p", "br", "cr"}),
    tab=frozenset({"tab"}),
    cell=frozenset({"tc"}),
    row=frozenset({"tr"}),
    attributes=frozenset({"descr"}),
)
_NAMESPACES = (b"schemas.openxmlformats.org/wordprocessingml/", b"purl.oclc.org/ooxml/wordprocessingml/")


class Docx(Unpacker):
    """The parts of a .docx, and Word's single-file XML."""

    NAME = "docx"
    MAGIC = (Magic(data=b"<?xml"), Magic(data=b"\xef\xbb\xbf<?xml"), Magic(data=b"<w:"))
    DOC = FormatDoc(
        title="Word document (docx, docm, dotx): text of each part",
        kind="document",
        suffixes=(".docx", ".docm", ".dotx"),
        references=("https://ecma-international.org/publications-and-standards/standards/ecma-376/",),
        limits=("Text inside pictures is not read.",),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the part's own namespace is WordprocessingML."""
        head = blob.read(0, 8192)
        return any(namespace in head for namespace in _NAMESPACES)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text, paragraphs as lines, table rows as lines with tabs."""
        content = derived_text("text", running_text(blob, _RULES), context)
        if content is not None:
            yield content


UNPACKER = Docx()
