"""Names and types in the tables of compiled files, on small files built here, and on damaged ones."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.observation import Observation, Shape
from witnessmark.read import outline
from witnessmark.read.binary.tables import read_tables, spoken


def elf() -> bytes:
    strings = b"\0getRaceType\0puts\0_ZN4Face7getSkinEv\0"
    rows = [(1, 0x12, 1), (13, 0x12, 0), (18, 0x02, 1)]
    symbols = bytes(24) + b"".join(struct.pack("<IBBHQQ", name, info, 0, section, 0, 0) for name, info, section in rows)
    at = 64 + len(symbols)
    table = at + len(strings)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, table, 0, 64, 56, 0, 64, 3, 0)
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 0, 11, 0, 0, 64, len(symbols), 2, 0, 8, 24)
    sections += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, at, len(strings), 0, 0, 1, 0)
    return head + symbols + strings + sections


def macho() -> bytes:
    strings = b"\0_setRace\0_malloc\0"
    symbols = struct.pack("<IBBHQ", 1, 0x0F, 1, 0, 0) + struct.pack("<IBBHQ", 10, 0x01, 0, 0, 0)
    at = 32 + 24
    command = struct.pack("<IIIIII", 2, 24, at, 2, at + len(symbols), len(strings))
    return b"\xcf\xfa\xed\xfe" + struct.pack("<IIIIIII", 7, 3, 2, 1, 24, 0, 0) + command + symbols + strings


def java_class(field: bytes = b"byRace") -> bytes:
    texts = [b"com/x/FaceInfo", field, b"B", b"getRace", b"()I", b"bySex", b"hello words"]
    pool = b"".join(b"\1" + struct.pack(">H", len(text)) + text for text in texts)
    pool += b"\7" + struct.pack(">H", 1) + b"\x08" + struct.pack(">H", 7)
    fields = b"".join(struct.pack(">HHHH", 1, name, 3, 0) for name in (6, 2))
    method = struct.pack(">HHHH", 1, 4, 5, 0)
    body = struct.pack(">HHHH", 0x21, 8, 0, 0) + struct.pack(">H", 2) + fields + struct.pack(">H", 1) + method
    return b"\xca\xfe\xba\xbe" + struct.pack(">HHH", 0, 52, 10) + pool + body + b"\0\0"


def pe() -> bytes:
    names = b"dll\0CreateRace\0"
    at = 0x200
    exports = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, 0x1000 + 40, 1, 1, 1, 0, 0x1000 + 60, 0)
    section = exports + names + bytes(60 - 40 - len(names)) + struct.pack("<I", 0x1000 + 44)
    optional = (
        struct.pack("<H", 0x20B) + bytes(106) + struct.pack("<I", 16) + struct.pack("<II", 0x1000, 64) + bytes(120)
    )
    head = b"MZ" + bytes(0x3A) + struct.pack("<I", 0x40)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, len(optional), 0)
    row = b".edata\0\0" + struct.pack("<IIII", 0x100, 0x1000, 0x200, at) + bytes(16)
    front = head + coff + optional + row
    return front + bytes(at - len(front)) + section.ljust(0x200, b"\0")


def dex() -> bytes:
    texts = [b"B", b"LFaceInfo;", b"byRace", b"getRace", b"plain words"]
    data = b"".join(bytes([len(text)]) + text + b"\0" for text in texts)
    at = 0x70
    ids = at + 4 * len(texts)
    types, fields, methods, classes = ids, ids + 8, ids + 16, ids + 24
    body = classes + 32
    places, spot = [], body
    for text in texts:
        places.append(spot)
        spot += len(text) + 2
    own = bytes([0, 1, 0, 0, 0, 1])
    sizes = (len(texts), at, 2, types, 0, 0, 1, fields, 1, methods, 1, classes, 0, 0)
    return (
        b"dex\n035\0" + bytes(0x30) + struct.pack("<14I", *sizes)
        + struct.pack("<5I", *places) + struct.pack("<2I", 0, 1) + struct.pack("<HHI", 1, 0, 2)
        + struct.pack("<HHI", 1, 0, 3) + struct.pack("<8I", 1, 0, 0, 0, 0, 0, spot, 0) + data + own
    )  # fmt: skip


def names(data: bytes) -> set[tuple[str, str]]:
    tables = read_tables(Blob.of_bytes(data))
    assert tables is not None and tables.problem == ""
    assert all(data[named.offset :].startswith(named.name.encode()) for named in tables.names)
    return {(named.name, named.table) for named in tables.names}


def outlined(data: bytes, name: str) -> tuple[Observation, ...]:
    return outline(Blob.of_bytes(data), Locator(path=(UntrustedText(name),)))[0]


def test_symbols_of_programs_and_libraries_are_read() -> None:
    assert names(elf()) == {
        ("getRaceType", "exported symbol"), ("puts", "imported symbol"), ("_ZN4Face7getSkinEv", "local symbol"),
    }  # fmt: skip
    assert names(macho()) == {("_setRace", "exported symbol"), ("_malloc", "imported symbol")}
    assert names(pe()) == {("CreateRace", "exported symbol")}


def test_a_class_is_a_record_with_its_fields_in_order() -> None:
    found = outlined(java_class(), "FaceInfo.class")
    (record,) = [item for item in found if item.shape is Shape.RECORD]
    assert record.name == "FaceInfo" and [(m.type, m.name) for m in record.members] == [
        ("byte", "bySex"),
        ("byte", "byRace"),
    ]
    rest = {(item.name, item.parents) for item in found if item.shape in (Shape.SYMBOL, Shape.CONSTANT_POOL)}
    assert rest == {("getRace", ("method",)), ("hello words", ("string constant",))}


def test_a_dalvik_class_is_a_record_too() -> None:
    found = outlined(dex(), "classes.dex")
    (record,) = [item for item in found if item.shape is Shape.RECORD]
    assert record.name == "FaceInfo" and [(m.type, m.name) for m in record.members] == [("byte", "byRace")]
    assert {item.name for item in found if item.shape is Shape.CONSTANT_POOL} == {"plain words"}


def test_a_name_of_a_table_is_not_told_again_as_a_string() -> None:
    found = [item for item in outlined(elf(), "lib.so") if item.name == "getRaceType"]
    assert [item.shape for item in found] == [Shape.SYMBOL]


def test_mangled_names_are_spoken() -> None:
    assert spoken("_ZN4Face7getSkinEv") == "Face::getSkin" and spoken("plain") == "plain"
    assert spoken("_Z99x") == "_Z99x"


def test_strings_of_two_byte_characters_are_outlined() -> None:
    wide = b"\0\0" + "种族类型".encode("utf-16-le") + b"\0\0" + "hello".encode("utf-16-le") + b"\0\0\1\1\1"
    gbk = b"\0" + "肤色".encode("gb18030") + b"\0\xff\xff"
    found = {item.name: item.locator.encoding for item in outlined(b"\0\1\2\3" + wide + gbk, "x.bin")}
    assert found["种族类型"] == "utf-16-le" and found["hello"] == "utf-16-le" and found["肤色"] == "gb18030"


@pytest.mark.parametrize("whole", [elf(), macho(), java_class(), pe(), dex()])
def test_a_table_that_ends_early_is_a_problem(whole: bytes) -> None:
    tables = read_tables(Blob.of_bytes(whole[: len(whole) // 2]))
    assert tables is not None and tables.problem
    _, problems = outline(Blob.of_bytes(whole[: len(whole) // 2]), Locator(path=(UntrustedText("x"),)))
    assert problems and "not read to its end" in problems[0].message


@settings(max_examples=200)
@given(st.sampled_from([elf(), macho(), java_class(), pe(), dex()]), st.data())
def test_damaged_tables_never_raise(whole: bytes, data: st.DataObject) -> None:
    body = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(4, len(body) - 1))] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
    tables = read_tables(Blob.of_bytes(bytes(body)))
    assert tables is None or len(tables.names) <= 200_000
