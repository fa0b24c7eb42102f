"""Page text as a reader sees it: words that a line's end cuts in two are put together again."""

import ctypes
import re
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_MAX_NOTES = 10_000
_MAX_OBJECTS = 10_000
_MAX_NOTE_BYTES = 1 << 20
_HYPHEN = re.compile("[\x02\ufffe]\n?")  # how PDFium marks a hyphen at a line's end
_FULL_LINE = 0.8  # of the page's longest line: below that the line's end is meant
_NO_BREAKS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")  # scripts in which a line may end inside a word


def joined_lines(text: str) -> str:
    """Lines ended by `\\n`; hyphens at a line's end and breaks inside a full line of Chinese are taken out."""
    lines = _HYPHEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    longest = max(map(len, lines))
    joined: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        runs_on = len(line) >= _FULL_LINE * longest > 4 and _NO_BREAKS.match(line[-1:]) and _NO_BREAKS.match(following)
        joined.append(line if runs_on else f"{line}\n")
    return "".join(joined)


def holds_picture(page: pdfium.PdfPage) -> bool:
    """Whether a picture is on the page, itself or inside a form, which a scanned page would have."""
    kinds = (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_FORM)
    count = min(pdfium_c.FPDFPage_CountObjects(page), _MAX_OBJECTS)
    return any(
        pdfium_c.FPDFPageObj_GetType(pdfium_c.FPDFPage_GetObject(page, number)) in kinds for number in range(count)
    )


def note_texts(page: pdfium.PdfPage) -> Iterator[str]:
    """What the notes and form fields on a page say."""
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), _MAX_NOTES)):
        note = pdfium_c.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        try:
            for key in (b"Contents\0", b"V\0", b"TU\0"):
                yield from _string(note, key)
        finally:
            pdfium_c.FPDFPage_CloseAnnot(note)


def _string(note: object, key: bytes) -> Iterator[str]:
    size = pdfium_c.FPDFAnnot_GetStringValue(note, key, None, 0)
    if 2 < size <= _MAX_NOTE_BYTES:
        buffer = ctypes.create_string_buffer(size)
        pdfium_c.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), size)
        yield buffer.raw[: size - 2].decode("utf-16-le", "replace")
