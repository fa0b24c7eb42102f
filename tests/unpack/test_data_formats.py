"""What single data and code formats promise beyond their samples."""

import json
import plistlib
import random
import shutil
import sqlite3
import struct
import zlib
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unpack.sampling import SAMPLES, texts, unpacked
from witnessmark.blob import Blob
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.unpack.formats import asar, git_object, git_pack, npy, plist, qt_qm, qt_rcc, sqlite, upx, zlib_stream
from witnessmark.unpack.git_delta import patched
from witnessmark.unpack.sqlite_pages import SqliteFile, varint
from witnessmark.unpack.unpacker import FormatError, Passed, Unpacker


def gaps_of(unpacker: Unpacker, data: bytes) -> list[ProblemCode]:
    return [gap.code for gap in unpacked(unpacker, Blob.of_bytes(data))[1]]


def entry(kind: int, data: bytes, base: bytes = b"") -> bytes:
    size, head = len(data) >> 4, [kind << 4 | len(data) & 15]
    while size:
        head[-1] |= 0x80
        head.append(size & 0x7F)
        size >>= 7
    return bytes(head) + base + zlib.compress(data)


def pack(*entries: bytes) -> bytes:
    return struct.pack(">4sLL", b"PACK", 2, len(entries)) + b"".join(entries) + bytes(20)


def delta(base: bytes, tail: bytes) -> bytes:
    """Copy all of a short base, then add `tail`."""
    return bytes([len(base), len(base) + len(tail), 0x90, len(base), len(tail)]) + tail


def test_a_difference_may_stand_before_its_base() -> None:
    base = b"EM_NATION_TYPE_"
    digest = sha1(b"blob 15\0" + base, usedforsecurity=False).digest()
    members, gaps = unpacked(
        git_pack.UNPACKER, Blob.of_bytes(pack(entry(7, delta(base, b"UYGUR"), digest), entry(3, base)))
    )
    assert "EM_NATION_TYPE_UYGUR" in texts(members).values() and gaps == []


def test_a_difference_against_an_object_elsewhere_is_counted() -> None:
    assert gaps_of(git_pack.UNPACKER, pack(entry(7, delta(b"x", b"y"), b"h" * 20))) == [ProblemCode.UNREADABLE]


def test_a_chain_of_differences_is_followed_to_its_end() -> None:
    data, blobs = b"", [b"0"]
    entries = [entry(3, b"0")]
    for step in range(60):
        before = blobs[-1]
        blobs.append(before + b"%d" % (step % 10))
        distance = len(entries[-1])
        assert distance < 0x80
        entries.append(entry(6, delta(before, b"%d" % (step % 10)), bytes([distance])))
    members, gaps = unpacked(git_pack.UNPACKER, Blob.of_bytes(pack(*entries)))
    assert data + blobs[-1] in [member.blob.read() for member in members] and gaps == []


def test_an_object_that_unpacks_to_more_than_it_says_is_damage() -> None:
    lying = bytes([3 << 4 | 5]) + zlib.compress(b"x" * 50_000_000)
    assert gaps_of(git_pack.UNPACKER, pack(lying)) == [ProblemCode.CORRUPT]


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_a_patch_gives_what_it_says_or_raises(base: bytes, noise: bytes) -> None:
    try:
        result = patched(base, noise)
    except (FormatError, IndexError):
        return
    said, at = varint_of_git(noise, 0)
    assert said == len(base) and varint_of_git(noise, at)[0] == len(result)


def varint_of_git(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not data[at - 1] & 0x80:
            return value, at


def test_ordinary_zlib_data_is_no_git_object() -> None:
    assert not git_object.UNPACKER.accepts(Blob.of_bytes(zlib.compress(b"blob of something else")), "")


@pytest.mark.parametrize("text", [b"x^2 + y^2 = 1, a circle", b"x\x01\x02\x03", b"x^"])
def test_text_that_begins_like_zlib_is_left_alone(text: bytes) -> None:
    assert not zlib_stream.UNPACKER.accepts(Blob.of_bytes(text), "notes.txt")


def asar_of(files: dict[str, object]) -> bytes:
    header = json.dumps({"files": files}, separators=(",", ":")).encode()
    padded = header + b"\0" * (-len(header) % 4)
    return struct.pack("<4L", 4, len(padded) + 8, len(padded) + 4, len(header)) + padded + b"0123456789"


@pytest.mark.parametrize(
    "place", [{"size": 99, "offset": "0"}, {"size": 1, "offset": "-99"}, {"size": -1, "offset": "0"}]
)
def test_an_asar_entry_outside_the_archive_is_told(place: dict[str, object]) -> None:
    assert gaps_of(asar.UNPACKER, asar_of({"a": place})) == [ProblemCode.TRUNCATED]


def test_an_asar_keeps_names_that_lead_outside_as_names() -> None:
    members, _ = unpacked(asar.UNPACKER, Blob.of_bytes(asar_of({"..": {"files": {"x": {"size": 2, "offset": "3"}}}})))
    assert texts(members) == {"../x": "34"}


def test_a_resource_tree_that_runs_in_a_circle_is_damage() -> None:
    node = struct.pack(">LHLL", 0, 2, 1, 0)  # a folder whose only child is itself
    data = struct.pack(">4s4L", b"qres", 1, 20, 40, 40) + node + bytes(40)
    assert gaps_of(qt_rcc.UNPACKER, data) == [ProblemCode.CORRUPT]


def test_a_message_longer_than_its_catalogue_is_told_and_those_before_it_kept() -> None:
    good = b"\x03" + struct.pack(">L", 4) + "维族".encode("utf-16-be") + b"\x01"
    body = good + b"\x03" + struct.pack(">L", 1 << 30)
    data = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd") + b"\x69" + struct.pack(">L", len(body)) + body
    members, gaps = unpacked(qt_qm.UNPACKER, Blob.of_bytes(data))
    assert texts(members) == {"messages": "维族\n"} and [gap.code for gap in gaps] == [ProblemCode.TRUNCATED]


def test_a_property_list_that_holds_itself_many_times_is_bounded() -> None:
    value: object = "EM_NATION_TYPE_UYGUR"
    for _ in range(40):
        value = [value, value]
    data = plistlib.dumps(value, fmt=plistlib.FMT_BINARY)
    assert len(data) < 1000
    assert gaps_of(plist.UNPACKER, data) == [ProblemCode.BOUND_STRUCTURE]


def test_arrays_that_hold_no_text_give_none() -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"
    members, gaps = unpacked(
        npy.UNPACKER, Blob.of_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + bytes(8))
    )
    assert members == [] and gaps == []


def test_big_endian_labels_are_read() -> None:
    header = b"{'descr': '>U3', 'fortran_order': False, 'shape': (2,), }\n"
    body = "".join(label.ljust(3, "\0") for label in ("维族", "abc")).encode("utf-32-be")
    data = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + body
    members, _ = unpacked(npy.UNPACKER, Blob.of_bytes(data))
    assert texts(members) == {"elements": "维族\nabc\n"}


@pytest.mark.skipif(shutil.which("upx") is not None, reason="upx is installed here")
def test_without_upx_its_absence_is_the_problem(tmp_path: Path) -> None:
    blob = Blob.of_bytes(b"\x7fELF" + bytes(200) + b"UPX!" + bytes(200))
    assert upx.UNPACKER.accepts(blob, "a")
    _, gaps = unpacked(upx.UNPACKER, blob, scratch=tmp_path)
    assert [gap.code for gap in gaps] == [ProblemCode.PROGRAM_MISSING]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_long_records_of_every_text_encoding_and_kind_of_table_are_put_together(tmp_path: Path, encoding: str) -> None:
    noise = random.Random(7)
    rows = ["".join(chr(noise.randrange(0x4E00, 0x9000)) for _ in range(noise.randrange(900, 9000))) for _ in range(12)]
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA encoding='{encoding}'")
        database.execute("PRAGMA page_size=1024")
        database.execute("CREATE TABLE notes(number INTEGER PRIMARY KEY, note TEXT)")
        database.execute("CREATE TABLE keyed(note TEXT PRIMARY KEY, number REAL) WITHOUT ROWID")
        for number, row in enumerate(rows):
            database.execute("INSERT INTO notes VALUES (?, ?)", (number, row))
            database.execute("INSERT INTO keyed VALUES (?, ?)", (row, number + 0.5))
    database.close()
    members, gaps = unpacked(sqlite.UNPACKER, Blob.of_bytes(path.read_bytes()))
    assert gaps == []
    for table in ("notes", "keyed"):
        lines = texts(members)[f"{table}, long records"].splitlines()
        assert sorted(row in line for row in rows for line in lines).count(True) == len(rows)


def test_records_that_share_their_pages_without_end_are_bounded() -> None:
    data = bytearray((SAMPLES / "sqlite" / "faces.db").read_bytes())
    database = SqliteFile(Blob.of_bytes(bytes(data)))
    for number in range(1, database.pages + 1):
        for cell in database.cells(number):
            if cell.overflow:
                place = (cell.overflow - 1) * database.page_size
                struct.pack_into(">L", data, place, cell.overflow)  # each chain leads back to its own page
    members, gaps = unpacked(sqlite.UNPACKER, Blob.of_bytes(bytes(data)))
    assert sum(member.blob.size for member in members) <= 8 * len(data)
    assert all(isinstance(gap, Problem | Passed) for gap in gaps)


@given(st.binary(min_size=1, max_size=12))
def test_a_sqlite_number_never_takes_more_than_nine_bytes(data: bytes) -> None:
    try:
        value, end = varint(data, 0)
    except IndexError:
        return
    assert 1 <= end <= 9 and value < 1 << 64
