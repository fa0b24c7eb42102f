"""Archives and file systems: samples, damage, and every way to lie about names and sizes."""

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.unpack import recurse, registry
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Limits

SAMPLES = Path(__file__).parent.parent / "samples"
WITHOUT_SAMPLE = {
    "hfs": "no free program writes it here",
    "inno": "its compiler runs on Windows only",
    "installshield": "its compiler is sold, not given",
    "udf": "filling one needs a mount",
    "upx": "the packer is not among the test machine's packages",
}
OWN = (
    "7z", "android_boot", "android_payload", "android_sparse", "ar", "brotli", "bzip2", "cab", "cpio", "cramfs", "dmg",
    "ext", "fat", "gzip", "iso", "jffs2", "lz4", "lzma", "lzop", "partitions", "rar", "romfs", "rpm", "squashfs", "tar",
    "trx", "ubi", "ubifs", "uimage", "xar", "xz", "zip", "zstd",
)  # fmt: skip
MUTATIONS = int(os.environ.get("MUTATIONS", "12"))


def walk(
    data: bytes,
    scratch: Path,
    *,
    name: str = "sample.bin",
    limits: Limits | None = None,
    passwords: tuple[str, ...] = (),
):
    """(leaves by path, problems) of some bytes."""
    context = Working(limits or Limits(), lambda: Scratch(scratch), passwords=passwords)
    leaves: dict[tuple[str, ...], bytes] = {}
    problems: list[Problem] = []
    for item in recurse.walk(Blob.of_bytes(data), Locator(path=(UntrustedText(name),)), context):
        if isinstance(item, recurse.UnpackedLeaf):
            leaves[item.locator.path] = item.blob.read(0, 1 << 20)
        elif isinstance(item, Problem):
            problems.append(item)
    return leaves, problems


def codes(problems: list[Problem]) -> set[ProblemCode]:
    return {problem.code for problem in problems}


def sample_files(name: str) -> list[Path]:
    folder = SAMPLES / name
    return sorted(path for path in folder.iterdir() if path.name != "planted.txt") if folder.is_dir() else []


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_every_unpacker_has_a_sample_or_says_why_not() -> None:
    missing = {name for name in registry.unpackers() if not sample_files(name)}
    assert missing == set(WITHOUT_SAMPLE)


def test_every_unpacker_is_documented() -> None:
    for name, unpacker in registry.unpackers().items():
        assert name == unpacker.NAME
        assert unpacker.DOC.title and unpacker.DOC.references, name
        assert (unpacker.DOC.program is None) == (unpacker.DOC.install is None), name


def test_a_member_comes_out_byte_for_byte(tmp_path: Path) -> None:
    data = os.urandom(5000) + b"\0" * 5000
    leaves, problems = walk(zipped({"a/b.bin": data}), tmp_path)
    assert leaves["sample.bin", "a/b.bin"] == data
    assert problems == []


def test_a_zip_whose_directory_is_gone_is_read_by_its_local_headers(tmp_path: Path) -> None:
    data = zipped({"one.txt": b"first" * 50, "two.txt": b"second" * 50})
    leaves, problems = walk(data[: data.index(b"PK\x01\x02")], tmp_path)
    assert leaves["sample.bin", "two.txt"] == b"second" * 50
    assert ProblemCode.CORRUPT in codes(problems)


def test_bytes_behind_an_archive_are_matched_and_opened(tmp_path: Path) -> None:
    data = zipped({"one.txt": b"first"}) + b"trailing words" + zipped({"two.txt": b"second"})
    leaves, _ = walk(data, tmp_path)
    contents = b"\n".join(leaves.values())
    assert b"trailing words" in contents
    assert b"second" in contents
    assert b"first" in contents


def test_two_archives_one_after_the_other_are_both_read(tmp_path: Path) -> None:
    leaves, _ = walk(gzip.compress(b"first ") + gzip.compress(b"second") + b"third", tmp_path, name="two.gz")
    assert b"first second" in leaves.values()
    assert b"third" in leaves.values()


def test_names_that_lead_outside_are_read_and_reported_and_write_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    data = zipped({"../outside/evil": b"x" * 10, "/etc/evil": b"y", "C:\\evil": b"z"})
    leaves, problems = walk(data, scratch, limits=Limits(in_memory=4))
    assert leaves["sample.bin", "../outside/evil"] == b"x" * 10
    assert ProblemCode.UNSAFE_NAME in codes(problems)
    assert not outside.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scratch"]


def test_links_and_devices_are_named_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        device = tarfile.TarInfo("null")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    leaves, problems = walk(out.getvalue(), tmp_path, name="a.tar")
    assert {ProblemCode.LINK, ProblemCode.DEVICE} <= codes(problems)
    assert leaves["a.tar", recurse.LISTING] == b"passwd -> /etc/passwd\nnull"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_names_are_all_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("same", b"one")
        archive.writestr("same", b"two")
    leaves, problems = walk(out.getvalue(), tmp_path)
    assert {b"one", b"two"} <= set(leaves.values())
    assert codes(problems) == {ProblemCode.DUPLICATE_NAME}


def test_a_flat_bomb_stops_at_the_ratio(tmp_path: Path) -> None:
    bomb = zipped({"zeros": bytes(64 << 20)})
    _, problems = walk(bomb, tmp_path, limits=Limits(ratio=100, ratio_floor=1 << 20))
    assert codes(problems) == {ProblemCode.BOUND_RATIO}


def test_an_overlapping_bomb_is_not_unpacked_twice(tmp_path: Path) -> None:
    single = zipped({"a": bytes(1 << 20)})
    directory = single.index(b"PK\x01\x02")
    end = single.index(b"PK\x05\x06")
    entry = single[directory:end]
    body = single[:directory] + entry * 500
    bomb = body + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 500, 500, len(entry) * 500, directory, 0)
    leaves, problems = walk(bomb, tmp_path)
    assert len([path for path in leaves if path[-1].startswith("a")]) == 1
    assert ProblemCode.BOUND_RATIO in codes(problems)


def test_a_nested_bomb_stops_at_the_depth(tmp_path: Path) -> None:
    data = b"inner"
    for _ in range(12):
        data = zipped({"next.zip": data})
    leaves, problems = walk(data, tmp_path, limits=Limits(depth=6))
    assert codes(problems) == {ProblemCode.BOUND_DEPTH}
    assert max(len(path) for path in leaves) <= 7


def quine() -> bytes:
    """A gzip file that unpacks to itself would be endless; one that nests itself many times is close enough."""
    data = b"core"
    for _ in range(40):
        data = gzip.compress(data, mtime=0)
    return data


def test_a_file_in_itself_ends(tmp_path: Path) -> None:
    _, problems = walk(quine(), tmp_path, name="q.gz")
    assert codes(problems) == {ProblemCode.BOUND_DEPTH}


def test_the_bound_on_members_ends_the_walk_with_a_problem(tmp_path: Path) -> None:
    data = zipped({f"{number}": b"x" for number in range(50)})
    leaves, problems = walk(data, tmp_path, limits=Limits(members=10))
    assert codes(problems) == {ProblemCode.BOUND_MEMBERS}
    assert len(leaves) <= 11


def test_the_bound_on_all_bytes_ends_the_walk_with_a_problem(tmp_path: Path) -> None:
    data = zipped({f"{number}": bytes(100_000) for number in range(50)})
    _, problems = walk(data, tmp_path, limits=Limits(total_bytes=1 << 20))
    assert codes(problems) == {ProblemCode.BOUND_BYTES}


def test_the_bound_on_time_costs_one_member(tmp_path: Path) -> None:
    clock = iter(range(0, 10_000_000, 1000))
    context = Working(Limits(seconds_per_member=1), lambda: Scratch(tmp_path), clock=lambda: next(clock))
    blob = Blob.of_bytes(zipped({"a": bytes(1 << 20), "b": b"short" * 100}))
    items = list(recurse.walk(blob, Locator(path=(UntrustedText("x.zip"),)), context))
    assert codes([item for item in items if isinstance(item, Problem)]) == {ProblemCode.BOUND_TIME}


def test_a_long_name_is_cut_and_its_member_read(tmp_path: Path) -> None:
    leaves, problems = walk(zipped({"n" * 200: b"content"}), tmp_path, limits=Limits(path_length=50))
    assert leaves["sample.bin", "n" * 50] == b"content"
    assert codes(problems) == {ProblemCode.BOUND_PATH}


def test_a_truncated_archive_gives_what_it_has(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("one", "two"):
            info = tarfile.TarInfo(name)
            info.size = 3000
            archive.addfile(info, io.BytesIO(name.encode() * 1000))
    packed = zlib.compress(out.getvalue())
    leaves, problems = walk(out.getvalue()[:5000], tmp_path, name="a.tar")
    assert leaves["a.tar", "one"] == b"one" * 1000
    assert leaves["a.tar", "two"].startswith(b"two")
    assert codes(problems) == {ProblemCode.TRUNCATED}
    assert packed


def test_an_encrypted_member_opens_with_its_password_only(tmp_path: Path) -> None:
    data = encrypted_zip(b"opens only so", b"open sesame")
    leaves, problems = walk(data, tmp_path, passwords=("wrong", "open sesame"))
    assert b"opens only so" in leaves.values()
    assert problems == []
    leaves, problems = walk(data, tmp_path)
    assert b"opens only so" not in leaves.values()
    assert codes(problems) == {ProblemCode.ENCRYPTED}


def encrypted_zip(plain: bytes, password: bytes) -> bytes:
    """The old PKWARE cipher, written out by its description."""
    from witnessmark.unpack.zipcrypt import _Keys

    crc = zlib.crc32(plain)
    keys = _Keys(password)
    packed = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + plain:
        temp = keys._keys[2] | 2
        packed.append(byte ^ (temp * (temp ^ 1) >> 8) & 0xFF)
        keys._keys = keys._update(*keys._keys, byte)
    sizes = struct.pack("<HHHHHIII", 20, 1, 0, 0, 0, crc, len(packed), len(plain))
    local = b"PK\x03\x04" + sizes + struct.pack("<HH", 1, 0) + b"a" + bytes(packed)
    central = b"PK\x01\x02" + struct.pack("<H", 20) + sizes + struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def test_members_above_the_memory_bound_are_spooled_and_the_file_goes_away(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    leaves, problems = walk(zipped({"big": data}), tmp_path, limits=Limits(in_memory=1000))
    assert leaves["sample.bin", "big"] == data
    assert problems == []
    assert list(tmp_path.iterdir()) == []


def test_a_missing_program_is_named_with_the_way_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    data = (SAMPLES / "arj" / "planted.arj").read_bytes()
    leaves, problems = walk(data, tmp_path, name="planted.arj")
    assert [problem.code for problem in problems] == [ProblemCode.PROGRAM_MISSING]
    assert "install" in problems[0].hint
    assert leaves["planted.arj",] == data, "the unopened container is matched as it stands"


def samples(name: str) -> list[bytes]:
    return [
        gzip.decompress(path.read_bytes())
        if path.suffix == ".gz" and name not in ("gzip", "tar")
        else path.read_bytes()
        for path in sample_files(name)
    ]


@pytest.mark.parametrize("name", OWN)
def test_damage_gives_problems_and_never_an_accident(name: str, tmp_path: Path) -> None:
    originals = samples(name)

    @settings(
        max_examples=MUTATIONS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        original = bytearray(data.draw(st.sampled_from(originals)))
        for _ in range(data.draw(st.integers(1, 6))):
            place = data.draw(st.integers(0, min(len(original), 4096) - 1) | st.integers(0, len(original) - 1))
            original[place] = data.draw(st.sampled_from((0, 0xFF, 0x7F, 0x80)) | st.integers(0, 255))
        if data.draw(st.booleans()):
            del original[data.draw(st.integers(0, len(original) - 1)) :]
        suffix = registry.unpackers()[name].DOC.suffixes[0]
        limits = Limits(total_bytes=256 << 20, seconds_per_member=5, ratio_floor=1 << 20, in_memory=1 << 30, depth=6)
        leaves, problems = walk(bytes(original), tmp_path, name=f"sample{suffix}", limits=limits)
        assert leaves or problems or not original.strip(b"\0")

    check()
    left = [path for path in tmp_path.rglob("*") if stat.S_ISREG(path.lstat().st_mode)]
    assert left == []
