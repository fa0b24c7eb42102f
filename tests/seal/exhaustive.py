"""Flip every byte of a small sealed bundle, remove every file, add one everywhere; count what each verifier notices.

    python tests/seal/exhaustive.py [--every N] [--kit-every N] [--only verify|verify.py|verify.sh]

The scripts that check are pristine copies, as a careful person would use: a bundle's own script could be forged.
"""

import argparse
import contextlib
import importlib.util
import io
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from seal.small import SIGNER, small_bundle
from witnessmark.seal.verify import verify_bundle

KIT = Path(__file__).parents[2] / "src/witnessmark/seal/kit"
KIT_NAMES = ("verify.sh", "verify.py", "HOW-TO-CHECK.txt")
Verifier = Callable[[Path], bool]


def product(bundle: Path) -> bool:
    """Whether `witnessmark verify` says that the bundle holds."""
    return verify_bundle(bundle, signers=(SIGNER.public,)).holds


def script() -> Verifier:
    """`verify.py`, loaded from our own copy."""
    spec = importlib.util.spec_from_file_location("bundle_verify", KIT / "verify.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def check(bundle: Path) -> bool:
        with contextlib.redirect_stdout(io.StringIO()):
            code: int = module.main([str(bundle)])
        assert code in (0, 3), code
        return code == 0

    return check


def shell(signers: Path) -> Verifier:
    """`verify.sh`, our own copy, with the signer known from elsewhere."""

    def check(bundle: Path) -> bool:
        done = subprocess.run(
            ["sh", str(KIT / "verify.sh"), str(bundle), str(signers)], capture_output=True, check=False
        )
        assert done.returncode in (0, 3), (done.returncode, done.stderr)
        return done.returncode == 0

    return check


def flips(bundle: Path, every: int, kit_every: int, mask: int) -> Iterator[str]:
    """Change one byte after the other, in place; the caller checks at each yield."""
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        data = bytearray(path.read_bytes())
        for at in range(0, len(data), kit_every if path.name in KIT_NAMES else every):
            data[at] ^= mask
            path.write_bytes(data)
            yield f"{path.relative_to(bundle)} byte {at}"
            data[at] ^= mask
        path.write_bytes(data)


def removals(bundle: Path) -> Iterator[str]:
    """Take out one file after the other."""
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        data = path.read_bytes()
        path.unlink()
        yield f"without {path.relative_to(bundle)}"
        path.write_bytes(data)


def additions(bundle: Path) -> Iterator[str]:
    """Put one thing into every folder: a file, a hidden file, a folder, a link; and bytes at each file's end."""
    folders = [bundle, *sorted(p for p in bundle.rglob("*") if p.is_dir())]
    for folder in folders:
        for name in ("extra.txt", ".hidden", "line\nbreak", "空"):
            (folder / name).write_bytes(b"")
            yield f"{name!r} in {folder.relative_to(bundle)}"
            (folder / name).unlink()
        (folder / "empty").mkdir()
        yield f"an empty folder in {folder.relative_to(bundle)}"
        (folder / "empty").rmdir()
        (folder / "link").symlink_to("extra")
        yield f"a link in {folder.relative_to(bundle)}"
        (folder / "link").unlink()
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        data = path.read_bytes()
        for more in (b"\n", b" ", b"\0"):
            path.write_bytes(data + more)
            yield f"{more!r} after {path.relative_to(bundle)}"
        path.write_bytes(data)


def zip_changes(packed: Path, every: int, mask: int) -> Iterator[str]:
    """Flip bytes of the ZIP file itself; cut it; put something before, after, and into its directory."""
    data = packed.read_bytes()
    for at in range(0, len(data), every):
        packed.write_bytes(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
        yield f"{packed.name} byte {at}"
    for name, changed in (
        ("one byte less", data[:-1]),
        ("junk after", data + b"x"),
        ("junk before", b"x" + data),
        ("a comment", data[:-2] + b"\1\0x"),
        ("nothing", b""),
        ("doubled", data + data),
        ("half", data[: len(data) // 2]),
    ):
        packed.write_bytes(changed)
        yield f"{packed.name}: {name}"
    packed.write_bytes(data)


def count(changes: Iterator[str], verifiers: dict[str, Verifier], target: Path) -> Tally[str]:
    """How many changes each verifier noticed; prints those it did not."""
    tally: Tally[str] = Tally()
    for change in changes:
        tally["changes"] += 1
        for name, holds in verifiers.items():
            if holds(target):
                sys.stdout.write(f"NOT NOTICED by {name}: {change}\n")
            else:
                tally[name] += 1
    return tally


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--kit-every", type=int, default=1)
    parser.add_argument("--mask", type=lambda text: int(text, 0), default=0x01)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        bundle = small_bundle(Path(folder) / "a")
        packed = small_bundle(Path(folder) / "b", "bundle.zip")
        signers = shutil.copy(bundle / "allowed_signers", folder)
        verifiers: dict[str, Verifier] = {"verify": product, "verify.py": script(), "verify.sh": shell(Path(signers))}
        if chosen.only:
            verifiers = {chosen.only: verifiers[chosen.only]}
        assert all(holds(bundle) for holds in verifiers.values())
        on_zip = {name: holds for name, holds in verifiers.items()}
        for title, changes, target, used in (
            ("files removed", removals(bundle), bundle, verifiers),
            ("things added", additions(bundle), bundle, verifiers),
            ("bytes flipped", flips(bundle, chosen.every, chosen.kit_every, chosen.mask), bundle, verifiers),
            ("changes to the ZIP file", zip_changes(packed, chosen.every, chosen.mask), packed, on_zip),
        ):
            started = time.monotonic()
            tally = count(changes, used, target)
            missed += sum(tally["changes"] - tally[name] for name in used)
            said = ", ".join(f"{name} noticed {tally[name]}" for name in used)
            sys.stdout.write(f"{title}: {tally['changes']}; {said} ({time.monotonic() - started:.0f} s)\n")
            sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
