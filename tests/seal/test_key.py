import subprocess
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from witnessmark.errors import UsageError
from witnessmark.seal.key import KeyRing, Rotation, rotation_holds
from witnessmark.seal.sshsig import read_public

PASSPHRASE = "correct horse battery"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    numbers = iter(range(1, 9))
    keys = KeyRing(tmp_path / "keys", lambda: Ed25519PrivateKey.from_private_bytes(bytes([next(numbers)]) * 32))
    keys.make(PASSPHRASE)
    return keys


@pytest.mark.programs("ssh-keygen")
def test_openssh_reads_the_key_with_the_passphrase_and_not_without(ring: KeyRing) -> None:
    def public(passphrase: str) -> subprocess.CompletedProcess[str]:
        command = ["ssh-keygen", "-y", "-P", passphrase, "-f", str(ring.path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert read_public(public(PASSPHRASE).stdout) == ring.load(PASSPHRASE).public
    assert public("wrong passphrase").returncode != 0
    assert ring.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("wrong", ["", "wrong passphrase"])
def test_a_wrong_passphrase_is_a_clear_error_and_changes_nothing(ring: KeyRing, wrong: str) -> None:
    before = ring.path.read_bytes()
    with pytest.raises(UsageError, match="wrong passphrase"):
        ring.load(wrong)
    assert ring.path.read_bytes() == before


def test_a_damaged_key_is_a_clear_error_and_its_sheet_restores_it(ring: KeyRing, tmp_path: Path) -> None:
    sheet, public = ring.recovery_sheet(), ring.load(PASSPHRASE).public
    ring.path.write_bytes(ring.path.read_bytes()[:200])
    with pytest.raises(UsageError, match="damaged"):
        ring.load(PASSPHRASE)
    fresh = KeyRing(tmp_path / "fresh")
    assert fresh.restore(sheet, PASSPHRASE).public == public
    with pytest.raises(UsageError, match="a key already"):
        fresh.restore(sheet, PASSPHRASE)


def test_a_rotation_is_signed_by_the_old_key_and_the_old_key_is_kept(ring: KeyRing) -> None:
    old = ring.load(PASSPHRASE)
    ring.rotate(PASSPHRASE, "another passphrase", at="2026-01-02T03:04:05Z", reason="laptop lost")
    new = ring.load("another passphrase")
    rotation = msgspec.json.decode(ring.rotations().splitlines()[0], type=Rotation)
    assert rotation_holds(rotation)
    assert (read_public(rotation.old), read_public(rotation.new)) == (old.public, new.public)
    assert not rotation_holds(msgspec.structs.replace(rotation, reason="planned"))
    assert ring.load_for(old.public, PASSPHRASE).public == old.public
    assert ring.load_for(new.public, "another passphrase").public == new.public


def test_a_short_passphrase_and_a_second_key_are_refused(ring: KeyRing, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least"):
        KeyRing(tmp_path / "other").make("short")
    with pytest.raises(UsageError, match="a key already"):
        ring.make(PASSPHRASE)
