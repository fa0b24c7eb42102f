"""Text of DrawingML parts (slides, diagrams, text boxes), where one word may be spread over many runs."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.markup import TextRules, running_text
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker

_RULES = TextRules(
    text=frozenset({"t", "text"}),  # `p:text` holds a comment
    line=frozenset({"p", "br", "cm"}),
    tab=frozenset({"tab"}),
    cell=frozenset({"tc"}),
    row=frozenset({"tr"}),
    attributes=frozenset({"descr"}),
)
_NAMESPACES = (b"ooxml/drawingml/", b"ooxml/presentationml/", b".org/drawingml/", b".org/presentationml/")


class Pptx(Unpacker):
    """The parts of a .pptx, and drawings inside other Office files."""

    NAME = "pptx"
    MAGIC = (Magic(data=b"<?xml"), Magic(data=b"\xef\xbb\xbf<?xml"), Magic(data=b"<p:"), Magic(data=b"<a:"))
    DOC = FormatDoc(
        title="PowerPoint slides (pptx, ppsx) and Office drawings: text of each part",
        kind="document",
        suffixes=(".pptx", ".pptm", ".ppsx"),
        references=("https://ecma-international.org/publications-and-standards/standards/ecma-376/",),
        limits=("Text inside pictures is not read.",),
        in_place=True,
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the part is a drawing and not a Word part (those are `docx`)."""
        head = blob.read(0, 8192)
        return any(namespace in head for namespace in _NAMESPACES) and b"/wordprocessingml/" not in head

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text, paragraphs as lines, table rows as lines with tabs."""
        content = derived_text("text", running_text(blob, _RULES), context)
        if content is not None:
            yield content


UNPACKER = Pptx()
