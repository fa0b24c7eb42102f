"""PDF: the text of each page, notes, bookmarks, metadata and attachments; the bare streams where that fails."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic, Unpacked, Unpacker


class Pdf(Unpacker):
    """Portable Document Format."""

    NAME = "pdf"
    MAGIC = (Magic(data=b"%PDF-"),)
    DOC = FormatDoc(
        title="PDF: page text, notes, bookmarks, metadata, attachments",
        kind="document",
        suffixes=(".pdf", ".ai"),
        references=("https://www.iso.org/standard/75839.html", "https://pdfium.googlesource.com/pdfium/"),
        limits=(
            "Pictures of text are not read; the report says how many pages have a picture and no text.",
            "Files above 1 GB are matched as they stand.",
        ),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Pages as `page N`, then what hangs on the document."""
        # Imported here: loading PDFium costs every process about 0.3 s, and few meet a PDF.
        from witnessmark.unpack.pdf_document import document_members

        yield from document_members(blob, context)


UNPACKER = Pdf()
