"""Text of OpenDocument parts, where one word may be spread over many spans."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.markup import TextRules, running_text
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

_RULES = TextRules(
    text=frozenset({"p", "h", "title", "subject", "description", "keyword", "user-defined"}),
    line=frozenset({"p", "h", "title", "subject", "description", "keyword", "user-defined", "line-break"}),
    tab=frozenset({"tab"}),
    blank=frozenset({"s"}),
    cell=frozenset({"table-cell"}),
    row=frozenset({"table-row"}),
)


class Odf(Unpacker):
    """The XML parts of .odt, .ods, .odp and the flat XML forms."""

    NAME = "odf"
    MAGIC = (Magic(data=b"<?xml"), Magic(data=b"<office:"))
    DOC = FormatDoc(
        title="OpenDocument (odt, ods, odp, fodt): text of each part",
        kind="document",
        suffixes=(".odt", ".ods", ".odp", ".fodt"),
        references=("https://docs.oasis-open.org/office/OpenDocument/v1.3/",),
        limits=("Text inside pictures is not read.", "Encrypted documents are reported, not opened."),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the root element declares the OpenDocument namespaces."""
        return b"urn:oasis:names:tc:opendocument:xmlns:office" in blob.read(0, 8192)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text, paragraphs as lines, table rows as lines with tabs."""
        content = derived_text("text", running_text(blob, _RULES), context)
        if content is not None:
            yield content


UNPACKER = Odf()
