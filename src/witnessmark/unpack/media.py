"""A media type for a leaf, from its first bytes; for the report, never for a decision."""

from witnessmark.blob import Blob

HEADS = (
    (b"\x7fELF", "application/x-elf"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"%PDF-", "application/pdf"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"dex\n", "application/vnd.android.dex"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
    (b"\x00\x01\x00\x00\x00", "font/ttf"),
    (b"OTTO", "font/otf"),
)

CONTROLS = bytes((*range(9), *range(14, 23)))


def guess(blob: Blob, name: str) -> str:
    """A media type; `text/plain` when the first 4 KiB look like text in any encoding."""
    head = blob.read(0, 4096)
    for magic, media_type in HEADS:
        if head.startswith(magic):
            return media_type
    if not head:
        return "application/x-empty"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text/plain"
    return "text/plain" if len(head.translate(None, CONTROLS)) == len(head) else "application/octet-stream"
