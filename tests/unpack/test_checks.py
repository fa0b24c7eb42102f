"""Deflate64, and checksums that do not fit."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.unpack import deflate64, recurse
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import FormatError, Limits

SAMPLE = Path(__file__).parent.parent / "samples" / "zip" / "deflate64.zip"
TEXT = b"Nothing of interest, many times over. " * 40


def walked(data: bytes, scratch: Path) -> tuple[dict[str, bytes], list[Problem]]:
    leaves, problems = {}, []
    context = Working(Limits(), lambda: Scratch(scratch))
    for item in recurse.walk(Blob.of_bytes(data), Locator(path=(UntrustedText("a.zip"),)), context):
        if isinstance(item, recurse.UnpackedLeaf):
            leaves[item.locator.path[-1]] = item.blob.read()
        elif isinstance(item, Problem):
            problems.append(item)
    return leaves, problems


def test_matches_farther_back_and_longer_than_deflate_has_come_out(tmp_path: Path) -> None:
    leaves, problems = walked(SAMPLE.read_bytes(), tmp_path)
    data = leaves["far/planted.h"]
    head = data[: data.index(b"\0")]
    assert not problems
    assert data == head + bytes(60_000) + head + bytes(200_000) + b"end"


@given(data=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_deflate64_end_or_are_damage(data: bytes) -> None:
    out = 0
    try:
        for chunk in deflate64.chunks(Blob.of_bytes(data)):
            out += len(chunk)
    except FormatError:
        pass  # what damage is said to be
    assert out <= 66_000 * 8 * max(1, len(data))


@given(cut=st.integers(0, 600))
@settings(max_examples=40, deadline=None)
def test_a_truncated_deflate64_stream_is_said_to_be_damaged(cut: int) -> None:
    packed = SAMPLE.read_bytes()[30 + len("far/planted.h") :]
    with pytest.raises(FormatError):
        list(deflate64.chunks(Blob.of_bytes(packed[:cut])))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_bytes_that_do_not_fit_their_checksum_are_read_and_reported(method: int, tmp_path: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.txt", TEXT)
    (crc,) = struct.unpack_from("<I", out.getvalue(), 14)
    damaged = out.getvalue().replace(struct.pack("<I", crc), struct.pack("<I", crc ^ 1))
    leaves, problems = walked(damaged, tmp_path)
    assert leaves["a.txt"] == TEXT
    assert [problem.code for problem in problems] == [ProblemCode.CORRUPT]
    assert "CRC-32" in problems[0].message and "All of it was read" in problems[0].consequence
