"""What PDFium tells of a document. Loading it is slow, so only the PDF unpacker imports this, when it meets one."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.unpack.blob_file import BlobFile
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.inflate import inflated
from witnessmark.unpack.pdf_text import holds_picture, joined_lines, note_texts
from witnessmark.unpack.unpacker import Content, Context, FormatError, Passed, Unpacked

_MAX_PAGES = 50_000
_MAX_ATTACHMENTS = 10_000
_MAX_BOOKMARKS = 100_000
_MAX_STREAMS = 100_000
_WRONG_PASSWORD = 4
_MOST = 1 << 30
_SMALL = 64 << 20
_STREAM = re.compile(rb"/FlateDecode[^\x00]{0,512}?stream\r?\n")


def document_members(blob: Blob, context: Context) -> Iterator[Unpacked]:
    """See `formats.pdf`. Raises FormatError where the document cannot be opened, after giving its bare streams."""
    if blob.size > _MOST:
        raise FormatError(f"the PDF is larger than {_MOST >> 20} MB", code=ProblemCode.BOUND_BYTES)
    try:
        document = _opened(blob, context.passwords)
    except pdfium.PdfiumError as error:
        if error.err_code == _WRONG_PASSWORD:
            yield Passed(code=ProblemCode.ENCRYPTED, name=UntrustedText("pages"))
            return
        yield from _streams(blob, context)
        raise FormatError(f"the PDF cannot be opened ({error}); its bare streams were read instead") from error
    try:
        yield from _described(document, context)
        yield from _pages(document, context)
        yield from _attachments(document, context)
    finally:
        document.close()


def _opened(blob: Blob, passwords: tuple[str, ...]) -> pdfium.PdfDocument:
    """The document, with the first password that fits. Raises PdfiumError."""
    for password in (None, *passwords):
        try:
            return pdfium.PdfDocument(_source(blob), password=password)
        except pdfium.PdfiumError as error:
            failure = error
            if error.err_code != _WRONG_PASSWORD:
                break
    raise failure


def _source(blob: Blob) -> Path | bytes | BlobFile:
    """What PDFium reads fastest: a whole file by its path, a small one as bytes; else through calls back to here."""
    if blob.path is not None and os.access(blob.path, os.R_OK):
        return blob.path
    return blob.read() if blob.size <= _SMALL else BlobFile(blob)


def _described(document: pdfium.PdfDocument, context: Context) -> Iterator[Unpacked]:
    metadata = document.get_metadata_dict(skip_empty=True)
    content = derived_text("metadata", (f"{key}: {value}\n" for key, value in metadata.items()), context)
    if content is not None:
        yield content
    content = derived_text("bookmarks", _bookmarks(document), context)
    if content is not None:
        yield content


def _bookmarks(document: pdfium.PdfDocument) -> Iterator[str]:
    for count, bookmark in enumerate(document.get_toc()):
        if count >= _MAX_BOOKMARKS:
            raise FormatError(f"more than {_MAX_BOOKMARKS} bookmarks", code=ProblemCode.BOUND_STRUCTURE)
        yield "  " * min(bookmark.level, 16) + bookmark.get_title() + "\n"


def _pages(document: pdfium.PdfDocument, context: Context) -> Iterator[Unpacked]:
    count = len(document)
    blank = unread = 0
    for number in range(min(count, _MAX_PAGES)):
        try:
            text, has_picture = _page_text(document, number)
        except (pdfium.PdfiumError, AssertionError):
            unread += 1
            continue
        content = derived_text(f"page {number + 1}", iter((text,)), context)
        if content is not None:
            yield content
        elif has_picture:
            blank += 1
    if blank:
        yield _gap(f"{blank} of {count} pages hold a picture and no text", Severity.PARTIAL)
    if unread:
        yield _gap(f"{unread} of {count} pages could not be loaded", Severity.PARTIAL)
    if count > _MAX_PAGES:
        raise FormatError(f"more than {_MAX_PAGES} pages; the rest was not read", code=ProblemCode.BOUND_STRUCTURE)


def _gap(message: str, severity: Severity) -> Problem:
    return Problem(
        code=ProblemCode.UNREADABLE,
        message=UntrustedText(message),
        severity=severity,
        consequence="What those pages show was not matched.",
        hint="Look at those pages yourself, or run a text recognition program over them.",
    )


def _page_text(document: pdfium.PdfDocument, number: int) -> tuple[str, bool]:
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            text = joined_lines(text_page.get_text_range())
        finally:
            text_page.close()
        notes = "\n".join(note_texts(page))
        return f"{text}\n{notes}", holds_picture(page)
    finally:
        page.close()


def _attachments(document: pdfium.PdfDocument, context: Context) -> Iterator[Unpacked]:
    count = document.count_attachments()
    for index in range(min(count, _MAX_ATTACHMENTS)):
        try:
            attachment = document.get_attachment(index)
            name, data = attachment.get_name(), bytes(attachment.get_data())
        except pdfium.PdfiumError as error:
            name = f"attachment {index + 1}"
            yield Passed(code=ProblemCode.UNREADABLE, name=UntrustedText(name), message=str(error))
            continue
        yield Content(name=UntrustedText(name or f"attachment {index + 1}"), blob=context.collect(iter((data,))))
    if count > _MAX_ATTACHMENTS:
        raise FormatError(f"more than {_MAX_ATTACHMENTS} attachments", code=ProblemCode.BOUND_STRUCTURE)


def _streams(blob: Blob, context: Context) -> Iterator[Content]:
    """Every deflated stream of a broken file, by its offset."""
    for count, found in enumerate(_STREAM.finditer(blob.view())):
        if count >= _MAX_STREAMS:
            raise FormatError(f"more than {_MAX_STREAMS} streams", code=ProblemCode.BOUND_STRUCTURE)
        packed = blob.view(found.end())
        data = context.collect(inflated(packed), packed_size=len(packed))
        if data.size:
            yield Content(name=UntrustedText(f"stream at {found.end()}"), blob=data)
