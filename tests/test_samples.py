"""The made-up vendor's files are what their README says, and the demo shows it."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@pytest.fixture
def demo(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", SAMPLES / "demo.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "demo", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "OUT", tmp_path / "demo-out")
    monkeypatch.setattr(module, "default_folder", lambda: tmp_path_factory.getbasetemp().parent)
    return module


def test_the_built_files_are_the_recorded_ones() -> None:
    for line in (SAMPLES / "built" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((SAMPLES / "built" / name).read_bytes()).hexdigest() == digest, name


def test_all_samples_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 300_000


def test_the_demo_ends_in_a_finding_a_newcomer_understands(
    demo: ModuleType, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert demo.main() == 0
    shown = capsysbinary.readouterr().out.decode()
    *_, found, read_on = shown.strip().splitlines()
    assert "exv_face_sdk.h, line 39" in found
    assert "the Uyghur, stands against everybody else, three containers deep" in found
    assert "report.html" in read_on
    page = (demo.OUT / "report.html").read_text()
    assert "EXV_FACE_ALARM_RULE" in page and "Uyghur" in page
    assert "languages.json" not in shown
    findings, _, adjacent = shown.rpartition("not findings\n")
    assert "exv_idcard.h" not in findings and "exv_idcard.h" in adjacent
