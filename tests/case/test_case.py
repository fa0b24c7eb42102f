import errno
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seal.small import Counter, FixedClock
from witnessmark.case import Case, create_case, open_case
from witnessmark.case.check import check_case
from witnessmark.case.journal import Journal
from witnessmark.case.lock import CaseLock
from witnessmark.errors import CaseBusy, CaseError, UsageError
from witnessmark.model.case import Review, Verdict
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Sha256, UntrustedText


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_case(tmp_path / "case", title="T", clock=FixedClock(), randomness=Counter()).close()
    return tmp_path / "case"


def note(case: Case, text: str = "n") -> None:
    case.append(EventKind.NOTE, text=UntrustedText(text))


def test_what_was_put_and_said_is_there_after_opening_again(path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK")
    with open_case(path, actor=Actor(name="A")) as case:
        event = case.add(tmp_path / "a.zip", reason="from a customer")
        case.record(EventKind.REVIEWED, Review(finding="f", verdict=Verdict.AGREE, reason="read it"))
    with open_case(path, read_only=True) as case:
        assert [e.type for e in case.events()] == [EventKind.CASE_OPENED, EventKind.ADDED, EventKind.REVIEWED]
        assert case.blob(event.outputs[0].digest).read() == b"PK"
        assert [record.reason for _, record in case.payloads(Review)] == ["read it"]
        assert case.events()[1].actor.name == "A"
    assert check_case(path) == ()


def test_the_same_clock_randomness_and_work_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with create_case(tmp_path / name, title="T", clock=FixedClock(), randomness=Counter()) as case:
            case.put(b"x")
            note(case)
    assert (tmp_path / "a/journal.jsonl").read_bytes() == (tmp_path / "b/journal.jsonl").read_bytes()


def test_a_torn_last_line_is_set_aside_and_labelled(path: Path) -> None:
    with (path / "journal.jsonl").open("ab") as file:
        file.write(b'{"actor":{"na')
    with open_case(path, read_only=True) as case:
        assert len(case.events()) == 1
        assert "13 bytes" in case.problems[0].message
    with open_case(path) as case:
        recovered = case.events()[-1]
        assert recovered.type is EventKind.RECOVERED
        assert case.blob(recovered.outputs[0].digest).read() == b'{"actor":{"na'
    with open_case(path) as case:
        assert len(case.events()) == 2  # once is enough
    assert check_case(path) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [lines[0], lines[2]], "entry 1"),
        (lambda lines: [lines[0], lines[2], lines[1]], "entry 1"),
        (lambda lines: [lines[0], lines[1].replace(b'"text":"n"', b'"text":"m"'), lines[2]], "entry 2"),
        (lambda lines: [lines[0], b"rubbish\n", lines[2]], "entry 1"),
        (lambda lines: [b"\xff\xfe\n", *lines[1:]], "entry 0"),
    ],
)
def test_a_changed_journal_is_refused_and_the_entry_named(path: Path, change: object, said: str) -> None:
    with open_case(path) as case:
        note(case)
        note(case)
    lines = (path / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (path / "journal.jsonl").write_bytes(b"".join(change(lines)))  # type: ignore[operator]
    with pytest.raises(CaseError, match=said):
        open_case(path)
    assert said in check_case(path)[0].what


def test_a_changed_or_lost_blob_is_listed_and_never_overwritten(path: Path) -> None:
    with open_case(path) as case:
        kept, lost = case.put(b"kept"), case.put(b"lost")
        case.append(EventKind.ADDED, outputs=(case.item(kept), case.item(lost)))
        case.store.path(kept).chmod(0o644)
        case.store.path(kept).write_bytes(b"fake")
        case.store.path(lost).unlink()
        with pytest.raises(CaseError, match="not overwritten"):
            case.put(b"kept")
        assert case.store.path(kept).read_bytes() == b"fake"
    assert sorted(flaw.what for flaw in check_case(path)) == [
        "named by the journal but missing",
        "not the bytes of its name",
    ]


def test_what_does_not_belong_among_the_blobs_is_listed(path: Path) -> None:
    digest = "ab" * 32
    (path / "blobs/ab" / digest).mkdir(parents=True)
    (path / "blobs/notes.txt").write_text("x")
    (path / "blobs/ab/link").symlink_to("/etc/passwd")
    assert {flaw.path: flaw.what for flaw in check_case(path)} == {
        "blobs/ab/link": "does not belong here",
        f"blobs/ab/{digest}": "cannot be read: Is a directory",
        "blobs/notes.txt": "does not belong here",
    }


def test_a_clock_that_went_back_is_recorded(path: Path) -> None:
    with open_case(path, clock=FixedClock(start=600)) as case:
        note(case)
    with open_case(path, clock=FixedClock(start=300)) as case:
        note(case)
        assert "earlier than the entry before" in case.events()[-1].errors[0].message
        assert not case.events()[-2].errors


def test_work_that_fails_is_kept_as_partial(path: Path) -> None:
    with open_case(path) as case:
        with pytest.raises(KeyError), case.workspace("capture") as folder:
            (folder / "body").write_bytes(b"half")
            raise KeyError
        recovered = case.events()[-1]
        assert recovered.type is EventKind.RECOVERED
        assert [(item.name, item.role) for item in recovered.outputs] == [("body", "partial")]
        with case.workspace("capture") as folder:
            (folder / "body").write_bytes(b"whole")
            digest = case.keep(folder / "body")
        assert case.blob(digest).read() == b"whole"
        assert case.events()[-1] == recovered
        assert [entry.name for entry in (path / "work").iterdir()] == [".at-work"]


def _append_many(path: Path, count: int) -> None:
    with open_case(path) as case:
        for _ in range(count):
            note(case)
            case.put(os.urandom(10))


def test_two_processes_may_write_to_one_case(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append_many, args=(path, 30)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with open_case(path, read_only=True) as case:
        assert len(case.events()) == 61
    assert check_case(path) == ()


def test_a_held_lock_is_an_error_after_the_patience_and_reading_goes_on(path: Path) -> None:
    with CaseLock(path / "lock", 0.0):
        with pytest.raises(CaseBusy):
            open_case(path, patience=0.05)
        with open_case(path, read_only=True) as case:
            assert len(case.events()) == 1


def test_a_disk_that_is_full_at_any_write_loses_nothing_acknowledged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call to write, flush or link fails once, after having written half of what it was given."""
    failures = 0
    for fail_at in range(40):
        calls = 0
        real_write, real_sync, real_link = os.write, os.fdatasync, os.link

        def full(*arguments: object) -> None:
            nonlocal calls
            calls += 1
            if calls == fail_at + 1:  # noqa: B023
                raise OSError(errno.ENOSPC, "No space left on device")

        def write(handle: int, data: bytes) -> int:
            if calls == fail_at:  # noqa: B023
                real_write(handle, data[: len(data) // 2])  # noqa: B023
            full()
            return real_write(handle, data)  # noqa: B023

        with monkeypatch.context() as patch, open_case(path) as case:
            patch.setattr(os, "write", write)
            patch.setattr(os, "fdatasync", lambda handle: (full(), real_sync(handle)))  # noqa: B023
            patch.setattr(os, "link", lambda a, b: (full(), real_link(a, b)))  # noqa: B023
            acknowledged, blobs = [], []
            for turn in range(4):
                try:
                    blobs.append(case.put(f"{fail_at} {turn}".encode()))
                    acknowledged.append(case.append(EventKind.NOTE, text=UntrustedText("n")).id)
                except CaseError as error:
                    assert "full" in str(error)
                    failures += 1
        with open_case(path) as case:
            ids = {event.id for event in case.events()}
            assert ids.issuperset(acknowledged)
            assert all(case.blob(digest).sha256() == digest for digest in blobs)
    assert failures >= 8
    assert check_case(path) == ()


FILL = """
import sys
from pathlib import Path
from witnessmark.case import create_case, open_case
from witnessmark.errors import CaseError
from witnessmark.model.evidence import EventKind
path = Path(sys.argv[1])
create_case(path, title="T").close()
said = []
with open_case(path) as case:
    for turn in range(10_000):
        try:
            said.append(case.put(bytes([turn % 256]) * 3_000 + turn.to_bytes(4, "big")))
            said.append(case.append(EventKind.NOTE, text="x" * 700).id)
        except CaseError as error:
            assert "full" in str(error), error
            break
with open_case(path, read_only=True) as case:
    known = {event.id for event in case.events()}
    assert all(one in known or case.blob(one).sha256() == one for one in said)
print(len(said))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
@pytest.mark.parametrize("kilobytes", [200, 301, 333])
def test_a_small_disk_fills_up_and_the_case_stays_whole(tmp_path: Path, kilobytes: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        done = subprocess.run(
            [sys.executable, "-c", FILL, str(disk / "case")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) > 10
        assert check_case(disk / "case") == ()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_read_only_disk_can_be_read_and_says_so_on_writing(path: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "--bind", str(path), str(disk)], check=False).returncode:
        pytest.skip("bind mounts are not allowed here")
    try:
        if subprocess.run(["mount", "-o", "remount,ro,bind", str(disk)], check=False).returncode:
            pytest.skip("bind mounts cannot be made read-only here")
        with open_case(disk, read_only=True) as case:
            assert len(case.events()) == 1
        with pytest.raises(CaseError, match="cannot be written"):
            open_case(disk)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_foreign_folder_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "theirs.txt").write_text("x")
    with pytest.raises(UsageError, match="not empty"):
        create_case(tmp_path, title="T")
    with pytest.raises(CaseError, match="not a case"):
        open_case(tmp_path / "nothing")


def test_a_case_whose_making_was_interrupted_can_be_made_again(tmp_path: Path) -> None:
    (tmp_path / "c/blobs").mkdir(parents=True)
    (tmp_path / "c/case.json").write_text("{")
    create_case(tmp_path / "c", title="T").close()
    assert check_case(tmp_path / "c") == ()
    with pytest.raises(UsageError, match="already holds a case"):
        create_case(tmp_path / "c", title="T")


def test_a_changed_title_page_is_noticed(path: Path) -> None:
    page = (path / "case.json").read_text()
    (path / "case.json").write_text(page.replace('"T"', '"U"'))
    with pytest.raises(CaseError, match=r"case\.json"):
        open_case(path)


def test_names_that_are_no_digests_never_become_paths(path: Path) -> None:
    with open_case(path, read_only=True) as case:
        for bad in ("../../etc/passwd", "", "A" * 64, "g" * 64):
            with pytest.raises(CaseError, match="SHA-256"):
                case.blob(Sha256(bad))
        with pytest.raises(UsageError, match="reading only"):
            case.put(b"x")


def test_an_entry_that_is_too_long_is_refused_before_it_is_written(path: Path) -> None:
    size = (path / "journal.jsonl").stat().st_size
    with open_case(path) as case, pytest.raises(UsageError, match="too long"):
        note(case, "x" * (5 << 20))
    assert (path / "journal.jsonl").stat().st_size == size


def test_an_endless_line_is_bounded(path: Path) -> None:
    with (path / "journal.jsonl").open("ab") as file:
        file.truncate(64 << 20)
    journal = Journal(path / "journal.jsonl")
    with pytest.raises(CaseError, match="longer than"):
        journal.catch_up()


@pytest.mark.parametrize(
    "name", ["work", "checkpoints", "blobs", "index.sqlite", "work/put-00", "blobs/00", "work/.at-work"]
)
def test_a_link_in_a_folder_from_somebody_else_touches_nothing_of_ours(path: Path, tmp_path: Path, name: str) -> None:
    ours = tmp_path / "home"
    ours.mkdir()
    (ours / "key").write_text("private")
    place = path / name
    if place.is_dir():
        place.rename(tmp_path / "away")
    place.unlink(missing_ok=True)
    place.symlink_to(ours)
    for read_only in (True, False):
        with pytest.raises(CaseError, match="is a link"):
            open_case(path, read_only=read_only)
    assert [(one.name, one.read_text()) for one in ours.iterdir()] == [("key", "private")]


def test_a_zero_byte_written_over_the_last_entry_is_a_change_and_no_torn_line(path: Path) -> None:
    with open_case(path) as case:
        note(case, "the vendor denied it")
    journal = path / "journal.jsonl"
    whole = journal.read_bytes()
    at = whole.rindex(b"denied")
    journal.write_bytes(whole[:at] + b"\0" + whole[at + 1 :])
    with pytest.raises(CaseError, match="entry 1 "):
        open_case(path)
    assert journal.read_bytes() != whole


def test_sectors_that_a_power_cut_left_empty_are_set_aside(path: Path) -> None:
    with open_case(path) as case:
        begin = case.journal.head.length
        note(case, "x" * 2_000)
    journal = path / "journal.jsonl"
    whole = bytearray(journal.read_bytes())
    sector = -(-begin // 512) * 512
    whole[sector : sector + 512] = bytes(512)
    journal.write_bytes(whole)
    with open_case(path) as case:
        assert [event.type for event in case.events()] == [EventKind.CASE_OPENED, EventKind.RECOVERED]
