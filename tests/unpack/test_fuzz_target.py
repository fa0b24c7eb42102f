"""The fuzz target runs, and its seeds are whole samples."""

from pathlib import Path

from fuzz.unpacking import one_input, seed


def test_the_fuzz_target_takes_its_own_seeds(tmp_path: Path) -> None:
    assert seed(tmp_path) > 40
    for path in sorted(tmp_path.iterdir())[::9]:
        one_input(path.read_bytes())
