"""Write the made-up product's manual as a PDF: plain text in a standard font, no dates, the same bytes every time."""

import sys
import zlib
from pathlib import Path

COMMON = [
    "Examplia Vision Face Camera - User Manual",
    "",
    "4.2 Face attributes",
    "The camera analyses each captured face and reports the following attributes:",
]
VERSIONS = {
    "1.0": [
        "sex, age, glasses, beard, and ethnicity (Uyghur / other).",
        "",
        "4.3 Face alarm",
        "Open Event > Face alarm. Tick Ethnicity to raise an alarm when a face of the",
        "chosen ethnicity is captured. The attribute can also be used as a search filter.",
    ],
    "2.0": [
        "sex, age and glasses.",
        "",
        "4.3 Target alarm",
        "Open Event > Target alarm. Tick the attributes that shall raise an alarm when a",
        "target is captured. The attributes can also be used as search filters.",
    ],
}


def pdf(lines: list[str]) -> bytes:
    """One page of text."""
    shown = "".join(f"({line.replace('(', chr(92) + '(').replace(')', chr(92) + ')')}) Tj T*\n" for line in lines)
    stream = zlib.compress(f"BT /F1 11 Tf 60 760 Td 16 TL\n{shown}ET".encode("ascii"), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


if __name__ == "__main__":
    version, path = sys.argv[1:]
    Path(path).write_bytes(pdf(COMMON + VERSIONS[version]))
