"""What a power cut may leave, for a few of the states; bench/powercut.py looks at all of them and prints the counts."""

import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from powercut.crashes import Crash, crashes, lay_out, on_disk, record, state
from powercut.work import WORKS
from testsite.server import Site

FAST = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # a state that is laid out needs no disk
pytestmark = pytest.mark.programs("strace")


@pytest.fixture
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=FAST) as folder:
        yield Path(folder)


@pytest.mark.parametrize("name", sorted(WORKS))
def test_after_a_power_cut_nothing_acknowledged_is_lost(name: str, scratch: Path) -> None:
    root = scratch / "root"
    root.mkdir()
    with Site() as site:
        site.big, site.cut_big_after = random.Random(3).randbytes(120_000), [50_000]
        command = [sys.executable, "-m", "powercut.work", name, str(root), site.url]
        tests = Path(__file__).parents[1]
        trace = record(["env", f"PYTHONPATH={tests}", *command], root, scratch / "log")
    assert state(trace, Crash(trace.moment, "all", 0)) == on_disk(root)  # the model is right about the whole run
    chance, wrong = random.Random(7), []  # few for keys: opening one is slow on purpose
    every = list(crashes(trace, each=2, chance=chance))
    for number, crash in enumerate(chance.sample(every, 6 if name == "keys" else 30)):
        said = [line for moment, line in trace.said if moment <= crash.moment]
        lay_out(state(trace, crash), scratch / str(number))
        wrong += [f"{crash}: {fault}" for fault in WORKS[name][1](scratch / str(number), said)]
    assert wrong == []


def test_the_model_loses_what_was_not_flushed(tmp_path: Path) -> None:
    """A check that cannot fail would be none: a program without flushes must be seen to lose."""
    root = tmp_path / "root"
    root.mkdir()
    code = f"open({str(root / 'a')!r}, 'w').write('x' * 9000); print('said', flush=True)"
    trace = record([sys.executable, "-c", code], root, tmp_path / "log")
    assert trace.said[-1][1] == "said"
    assert state(trace, Crash(trace.moment, "nothing more", 0)) == {}
    assert state(trace, Crash(trace.moment, "names only", 0)) == {"a": b""}
    assert state(trace, Crash(trace.moment, "all", 0)) == {"a": b"x" * 9000}
    torn = [state(trace, Crash(trace.moment, "some", seed)).get("a") for seed in range(30)]
    assert any(data is not None and b"\0" in data for data in torn)
