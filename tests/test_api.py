"""The promised surface, pinned."""

from pathlib import Path

from witnessmark import api
from witnessmark.unpack.recurse import UnpackedLeaf

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "built"


def test_what_is_promised() -> None:
    assert api.__all__ == [
        "Case", "Knowledge", "ScanOptions", "Screener", "capture", "create_case", "diff", "explain", "load_knowledge",
        "open_case", "report", "scan", "seal", "unpack", "verify", "watch",
    ]  # fmt: skip
    assert all(getattr(api, name).__doc__ for name in api.__all__)


def test_a_firmware_is_unpacked_to_its_leaves() -> None:
    leaves = [item for item in api.unpack(SAMPLES / "examplia-firmware-1.0.bin") if isinstance(item, UnpackedLeaf)]
    assert any(leaf.locator.path[-1].endswith("exv_face_sdk.h") and len(leaf.locator.path) == 4 for leaf in leaves)


def test_two_versions_are_compared_through_the_surface() -> None:
    found = api.diff(SAMPLES / "examplia-firmware-1.0.bin", SAMPLES / "examplia-firmware-2.0.bin")
    scrubbed = [change for change in found.changes if change.scrub]
    assert any(change.kind == "renamed-in-place" and change.grade != "weak" for change in scrubbed)
    assert all(change.protected and change.innocent for change in scrubbed)
