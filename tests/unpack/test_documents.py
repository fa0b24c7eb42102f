"""What single document formats promise beyond their samples."""

import io
import struct
import zlib

import pypdf
import pytest

from samples.compound import compound_file
from unpack.sampling import SAMPLES, texts, unpacked
from witnessmark.blob import Blob
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.unpack.formats import chm, doc, docx, eml, html, ole, pdf, rtf, rtf_packed, xls, xlsx
from witnessmark.unpack.lzx import LzxInterval
from witnessmark.unpack.pdf_text import joined_lines
from witnessmark.unpack.unpacker import FormatError, Passed, Unpacker


def codes(gaps: list[Problem | Passed]) -> list[ProblemCode]:
    return [gap.code for gap in gaps]


def of(unpacker: Unpacker, data: bytes) -> dict[str, str]:
    members, gaps = unpacked(unpacker, Blob.of_bytes(data))
    assert gaps == []
    return texts(members)


def pdf_with(change: str = "") -> bytes:
    writer = pypdf.PdfWriter(clone_from=SAMPLES / "pdf" / "manual.pdf")
    if change == "attachment":
        writer.add_attachment("nation.h", b"EM_NATION_TYPE_UYGUR = 1")
    if change == "password":
        writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_attachment_comes_out_under_its_name() -> None:
    assert of(pdf.UNPACKER, pdf_with("attachment"))["nation.h"] == "EM_NATION_TYPE_UYGUR = 1"


def test_an_encrypted_pdf_is_reported_and_opens_with_the_right_password() -> None:
    blob = Blob.of_bytes(pdf_with("password"))
    members, gaps = unpacked(pdf.UNPACKER, blob, passwords=("wrong",))
    assert members == [] and codes(gaps) == [ProblemCode.ENCRYPTED]
    members, gaps = unpacked(pdf.UNPACKER, blob, passwords=("wrong", "secret"))
    assert "维吾尔族" in texts(members)["page 1"] and gaps == []


def test_a_pdf_without_its_tables_still_gives_its_streams() -> None:
    stream = zlib.compress(b"BT (EM_NATION_TYPE_UYGUR) Tj ET")
    data = b"%PDF-1.4\n1 0 obj <</Filter/FlateDecode/Length 9>>\nstream\n" + stream + b"\nendstream\n"
    members, gaps = unpacked(pdf.UNPACKER, Blob.of_bytes(data))
    assert ["EM_NATION_TYPE_UYGUR" in text for text in texts(members).values()] == [True]
    assert codes(gaps) == [ProblemCode.CORRUPT]


@pytest.mark.parametrize(
    ("page", "joined"),
    [
        (
            "本产品可以识别人员的维吾\r\n尔族属性以及其他的各项属\r\n性",
            "本产品可以识别人员的维吾尔族属性以及其他的各项属性\n",
        ),
        ("种族\r\n年龄\r\n本产品可以识别人员的属性", "种族\n年龄\n本产品可以识别人员的属性\n"),
        ("the Uy\x02\r\nghur value", "the Uyghur value\n"),
        ("one line\r\nanother", "one line\nanother\n"),
    ],
)
def test_lines_of_a_page_are_joined_only_where_a_word_may_run_on(page: str, joined: str) -> None:
    assert joined_lines(page) == joined


def test_xml_that_declares_entities_is_not_expanded() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><w:document xmlns:w='
        b'"http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:t>&b;</w:t></w:p></w:document>'
    )
    members, gaps = unpacked(docx.UNPACKER, Blob.of_bytes(bomb))
    assert "aaa" not in "".join(texts(members).values()) and codes(gaps) == [ProblemCode.CORRUPT]


def test_text_that_word_marked_as_deleted_is_still_read() -> None:
    data = (
        b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p>'
        b"<w:del><w:r><w:delText>EM_NATION_</w:delText></w:r><w:r><w:delText>TYPE</w:delText></w:r></w:del></w:p></w:document>"
    )
    assert of(docx.UNPACKER, data) == {"text": "EM_NATION_TYPE\n"}


def test_documents_under_a_password_are_reported() -> None:
    members, gaps = unpacked(ole.UNPACKER, Blob.of_bytes(compound_file({"EncryptedPackage": b"\1" * 5000})))
    assert members == [] and codes(gaps) == [ProblemCode.ENCRYPTED]
    word = struct.pack("<HH6xH", 0xA5EC, 0xC1, 0x0100)
    members, gaps = unpacked(doc.UNPACKER, Blob.of_bytes(compound_file({"WordDocument": word})))
    assert members == [] and codes(gaps) == [ProblemCode.ENCRYPTED]
    book = struct.pack("<HHHHLLL", 0x809, 16, 0x600, 5, 0, 0, 0) + struct.pack("<HH", 0x2F, 2) + b"\1\0"
    members, gaps = unpacked(xls.UNPACKER, Blob.of_bytes(book))
    assert members == [] and codes(gaps) == [ProblemCode.ENCRYPTED]


def test_a_string_that_two_excel_records_share_is_put_together() -> None:
    begin = struct.pack("<HHHHLLL", 0x809, 16, 0x600, 5, 0, 0, 0)
    name = struct.pack("<HHLHBB", 0x85, 9, 0, 0, 1, 0) + b"A"
    first = struct.pack("<LLHB", 1, 1, 20, 0) + b"EM_NATION_"
    rest = b"\1" + "TYPE_UYGUR".encode("utf-16-le")  # the second half is wide
    strings = struct.pack("<HH", 0xFC, len(first)) + first + struct.pack("<HH", 0x3C, len(rest)) + rest
    sheet = struct.pack("<HHHHLLL", 0x809, 16, 0x600, 16, 0, 0, 0)
    cell = struct.pack("<HHHHHL", 0xFD, 10, 0, 0, 0, 0)
    assert of(xls.UNPACKER, begin + name + strings + sheet + cell) == {"sheet A": "EM_NATION_TYPE_UYGUR\n"}


def test_a_compound_file_whose_chain_runs_in_a_circle_is_damaged_not_endless() -> None:
    data = bytearray(compound_file({"a": b"x" * 5000}))
    first_fat = struct.unpack_from("<L", data, 76)[0]
    struct.pack_into("<L", data, 512 * (first_fat + 1) + 4, 0)  # sector 1 leads back to sector 0
    members, gaps = unpacked(ole.UNPACKER, Blob.of_bytes(bytes(data)))
    assert sum(member.blob.size for member in members) <= len(data) and len(gaps) <= 1


def test_a_workbook_is_not_opened_for_an_ordinary_zip() -> None:
    assert not xlsx.UNPACKER.accepts(Blob.of_bytes(b"PK\3\4" + bytes(26) + b"readme.txt" + bytes(100)), "a.zip")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"\ansicpg936 \'ce\'ac\'ce\'e1", "维吾"),
        (rb"\uc1\u32500?\u21566?", "维吾"),
        (rb"\uc0\u-10179\u-8704 x", "😀x"),
        (rb"{\fonttbl{\f1\fcharset204 Arial;}}\f1\'f3\'e9\'e3\'f3\'f0", "уйгур"),
        (rb"EM_{\b NATION}_TYPE", "EM_NATION_TYPE"),
        (rb"{\*\unknown kept}", "kept"),
    ],
)
def test_rtf_escapes_are_decoded(body: bytes, text: str) -> None:
    assert of(rtf.UNPACKER, b"{\\rtf1 " + body + b"}") == {"text": text}


def test_an_object_inside_rtf_comes_out() -> None:
    members = of(rtf.UNPACKER, rb"{\rtf1{\object{\*\objdata 454d5f4e4154494f4e" + b"\r\n" + b"5f54595045}}}")
    assert list(members.values()) == ["EM_NATION_TYPE"]


def test_outlooks_packed_rtf_follows_its_references() -> None:
    literal = b"{\\rtf1 EM_N"
    packed = b"\0" + literal[:8] + b"\x08" + literal[8:] + struct.pack(">H", 207 << 4 | 9)  # 11 bytes from position 207
    body = struct.pack("<LL4sL", len(packed) + 12, 22, b"LZFu", 0) + packed
    assert of(rtf_packed.UNPACKER, body) == {"body.rtf": literal.decode() * 2}


def test_mail_with_a_boundary_that_never_comes_is_read_as_it_stands() -> None:
    mail = b'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\ntext'
    assert set(of(eml.UNPACKER, mail)) == {"headers", "part 0 (multipart/mixed)"}


def test_mail_parts_nest_only_so_deep() -> None:
    mail = b"From: a@example.org\r\nMIME-Version: 1.0\r\n"
    for level in range(80):
        mail += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    _, gaps = unpacked(eml.UNPACKER, Blob.of_bytes(mail))
    assert codes(gaps) == [ProblemCode.BOUND_DEPTH]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>EM_<b>NATION</b>_TYPE</p><p>other</p>", "EM_NATION_TYPE\n"),
        ("<p>Uy<wbr>ghur &amp; Tib&shy;etan</p>", "Uyghur & Tibetan\n"),
        ("<li>one</li><li>two</li>", None),
        ("<p>one <b>two</b> three</p>", None),
    ],
)
def test_only_passages_with_a_word_cut_by_tags_come_out_of_a_page(page: str, text: str | None) -> None:
    assert of(html.UNPACKER, page.encode()) == ({} if text is None else {"joined words": text})


def stored_lzx(pieces: list[bytes]) -> bytes:
    """An LZX stream of stored blocks: the first header follows one bit that says there are no calls to undo."""
    out = b""
    for number, piece in enumerate(pieces):
        bits = ("0" if number == 0 else "") + f"{3:03b}{len(piece):024b}"
        bits = bits.ljust(32, "0")
        words = [int(bits[at : at + 16], 2) for at in (0, 16)]
        out += struct.pack("<HHLLL", *words, 1, 1, 1) + piece + b"\0" * (len(piece) % 2)
    return out


def test_stored_lzx_blocks_of_odd_length_follow_each_other_across_frames() -> None:
    pieces = [b"EM_NATION_TYPE_UYGUR" * 1639 + b"x", bytes(range(256)) * 129 + b"yz", b"end"]
    whole = b"".join(pieces)
    assert LzxInterval(stored_lzx(pieces), 17).unpack(len(whole)) == whole


def test_a_damaged_lzx_stream_is_told() -> None:
    with pytest.raises(FormatError):
        LzxInterval(b"\xff" * 64, 16).unpack(1000)
    with pytest.raises(FormatError):
        LzxInterval(stored_lzx([b"abc"]), 16).unpack(100_000)


def test_a_help_file_whose_interval_is_damaged_still_gives_the_others() -> None:
    data = bytearray((SAMPLES / "chm" / "manual.chm").read_bytes())
    at = len(data) * 3 // 4
    data[at : at + 40] = b"\xff" * 40
    members, gaps = unpacked(chm.UNPACKER, Blob.of_bytes(bytes(data)))
    assert "EM_NATION_TYPE_UYGUR" in texts(members)["nation.html"] and gaps
