"""Every sample's planted text must come out, and no mutation of a sample may do harm."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unpack.sampling import SAMPLES, unpacked
from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.unpack import recurse, registry
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.in_place import IN_PLACE
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Limits

FORMATS = (
    "asar", "chm", "doc", "docx", "dotnet_packed", "eml", "git_object", "git_pack", "html", "npy", "odf", "ole", "pdf", "plist", "ppt",
    "pptx",
    "qt_embedded", "qt_qm", "qt_rcc", "rtf", "rtf_packed", "sqlite", "xls", "xlsx", "zlib_stream",
)  # fmt: skip
PLANTED = sorted(path.parent for path in SAMPLES.glob("*/planted.txt"))
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
MOST_OUT = 64 << 20
MUTATIONS = int(os.environ.get("MUTATIONS", "40"))  # more for a longer search by hand


def samples(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name != "planted.txt")


def walked(path: Path, scratch: Path) -> list[recurse.Walked]:
    context = Working(Limits(), lambda: Scratch(scratch))
    items = list(recurse.walk(Blob.of_path(path), Locator(path=(UntrustedText(path.name),)), context))
    for item in items:
        if isinstance(item, Problem) and item.code is ProblemCode.PROGRAM_MISSING:
            pytest.skip(f"{item.message}: {item.hint}")
    return items


@pytest.mark.parametrize("folder", PLANTED, ids=lambda folder: folder.name)
def test_the_planted_text_of_every_sample_comes_out(folder: Path, tmp_path: Path) -> None:
    for path in samples(folder):
        leaves = [item for item in walked(path, tmp_path) if isinstance(item, recurse.UnpackedLeaf)]
        for text in (folder / "planted.txt").read_text("utf-8").splitlines():
            wanted = [text.encode(encoding) for encoding in ENCODINGS]
            found = [leaf for leaf in leaves for form in wanted if form in leaf.blob.read()]
            assert found, f"{text} does not come out of {path.name}"


@pytest.mark.parametrize("folder", [SAMPLES / name for name in FORMATS], ids=lambda folder: folder.name)
def test_an_undamaged_sample_gives_no_problem_but_what_it_keeps_outside(folder: Path, tmp_path: Path) -> None:
    for path in samples(folder):
        problems = [item for item in walked(path, tmp_path) if isinstance(item, Problem)]
        assert [problem for problem in problems if "kept outside the archive" not in problem.message] == []


@pytest.mark.parametrize("name", [*FORMATS, *(entry.name for entry in IN_PLACE)])
def test_every_format_has_a_sample(name: str) -> None:
    assert (SAMPLES / name / "planted.txt").is_file()
    assert samples(SAMPLES / name)


@pytest.mark.parametrize("entry", IN_PLACE, ids=lambda entry: entry.name)
def test_a_format_that_is_matched_in_place_has_no_unpacker(entry: object) -> None:
    assert getattr(entry, "name") not in registry.unpackers()  # noqa: B009


@cache
def inputs(name: str) -> tuple[bytes, ...]:
    """What the unpacker of that name is given when its samples are opened, and its parts are."""

    def deeper(blob: Blob, own: str, depth: int) -> Iterator[bytes]:
        for unpacker in registry.choose(blob, own) if depth < 4 else ():
            own_name = unpacker.NAME
            if own_name == name:
                yield blob.read()
            elif not unpacker.DOC.in_place:
                for member in unpacked(unpacker, blob)[0]:
                    yield from deeper(member.blob, member.name, depth + 1)

    found = [data for path in samples(SAMPLES / name) for data in deeper(Blob.of_path(path), path.name, 0)]
    assert found, f"no sample reaches {name}"
    return tuple(sorted(set(found), key=len, reverse=True)[:2])


@st.composite
def damaged(draw: st.DrawFn, originals: tuple[bytes, ...]) -> bytes:
    """A sample with some bytes changed, a stretch doubled or dropped, or its end cut off."""
    data = bytearray(draw(st.sampled_from(originals)))
    places = st.integers(0, max(0, len(data) - 1)) | st.integers(0, min(511, max(0, len(data) - 1)))
    for place, value in draw(
        st.lists(st.tuples(places, st.sampled_from((0, 1, 0x7F, 0x80, 0xFF)) | st.integers(0, 255)))
    ):
        data[place] = value
    if draw(st.booleans()):
        start, length = draw(places), draw(st.integers(0, 600))
        data[start : start + length] = bytes(data[start : start + length]) * draw(st.integers(0, 3))
    if draw(st.integers(0, 3)) == 0:
        del data[draw(places) :]
    return bytes(data)


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_sample_gives_problems_and_never_an_accident(name: str) -> None:
    unpacker = registry.unpackers()[name]

    @settings(
        max_examples=MUTATIONS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(damaged(inputs(name)))
    def check(data: bytes) -> None:
        blob = Blob.of_bytes(data)
        own_name = f"sample{unpacker.DOC.suffixes[0] if unpacker.DOC.suffixes else ''}"
        if unpacker in registry.candidates(blob, own_name) and unpacker.accepts(blob, own_name):
            members, _ = unpacked(unpacker, blob)
            assert sum(member.blob.size for member in members) <= MOST_OUT

    check()
