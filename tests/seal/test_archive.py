import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.errors import VerificationFailed
from witnessmark.seal import archive
from witnessmark.seal.bag import chunk_list, chunk_size, manifest, parse_chunk_list, parse_manifest, sums, where_changed

NAMES = st.text("abcXYZ019._-", min_size=1, max_size=12).filter(lambda name: name.strip("."))


def packed(files: dict[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        out = io.BytesIO()
        archive.write(Path(folder), "top", out)
        return out.getvalue()


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(NAMES, st.binary(max_size=300), min_size=1, max_size=5))
def test_what_was_packed_is_read_back_and_ordinary_tools_agree(files: dict[str, bytes]) -> None:
    data = packed(files)
    blob = Blob.of_bytes(data)
    assert {name: member.read() for name, member in archive.members(blob, archive.read(blob))} == files
    with zipfile.ZipFile(io.BytesIO(data)) as ordinary:
        assert {name: ordinary.read(f"top/{name}") for name in files} == files


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_change_of_any_byte_is_refused(data: st.DataObject) -> None:
    original = packed({"a": b"hello", "b.txt": b""})
    changed = bytearray(original)
    at = data.draw(st.integers(0, len(changed) - 1))
    kind = data.draw(st.sampled_from(("flip", "cut", "insert")))
    if kind == "flip":
        changed[at] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del changed[at : at + data.draw(st.integers(1, 50))]
    else:
        changed[at:at] = data.draw(st.binary(min_size=1, max_size=50))
    if bytes(changed) == original:
        return
    with pytest.raises(VerificationFailed):
        archive.read(Blob.of_bytes(bytes(changed)))


@given(st.binary(max_size=500))
def test_any_bytes_are_refused_as_a_bundle(data: bytes) -> None:
    with pytest.raises(VerificationFailed):
        archive.read(Blob.of_bytes(data))


@given(st.dictionaries(NAMES, st.text("0123456789abcdef", min_size=64, max_size=64)), st.binary(max_size=200))
def test_a_manifest_is_read_back_and_nothing_else_is_taken_for_one(rows: dict[str, str], junk: bytes) -> None:
    data = manifest(rows)
    assert parse_manifest(data, "m", 64) == rows
    if junk:
        try:
            assert manifest(parse_manifest(data + junk, "m", 64)) == data + junk
        except VerificationFailed as error:
            assert "m" in str(error)


@settings(deadline=None)
@given(st.integers(0, 400_000), st.data())
def test_a_changed_byte_is_placed_in_its_chunk(size: int, data: st.DataObject) -> None:
    original = bytes(size)
    listed = sums(Blob.of_bytes(original), with_chunks=True)
    assert sum(length for _, length, _ in listed.chunks) in (0, size)
    if not listed.chunks:
        assert size <= chunk_size(size)
        return
    at = data.draw(st.integers(0, size - 1))
    changed = bytearray(original)
    changed[at] = 1
    chunks = parse_chunk_list(chunk_list([("a b", listed)]))["a b"]
    said = where_changed(Blob.of_bytes(bytes(changed)), chunks)
    first, last = said.removeprefix("bytes ").split(" to ")
    assert int(first) <= at <= int(last)
    assert "instead of" in where_changed(Blob.of_bytes(original[:-1]), chunks)
