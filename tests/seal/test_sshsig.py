import hashlib
import os
import signal
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from seal.small import SIGNER
from witnessmark.errors import VerificationFailed, WitnessmarkError
from witnessmark.seal.signer import KeySigner, ToolSigner, note_signature_holds
from witnessmark.seal.sshsig import (
    HARDWARE,
    SEAL_NAMESPACE,
    SshSignature,
    allowed_signers,
    fingerprint,
    public_line,
    read_public,
    string,
    to_be_signed,
    verify,
)


def ssh_keygen(*arguments: str, stdin: bytes = b"", folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *arguments], input=stdin, capture_output=True, cwd=folder, check=False)


def private_file(folder: Path) -> Path:
    private = Ed25519PrivateKey.from_private_bytes(b"a key for tests, 32 bytes long..")
    path = folder / "id"
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    path.chmod(0o600)
    (folder / "id.pub").write_text(public_line(SIGNER.public) + "\n")
    return path


@pytest.mark.programs("ssh-keygen")
def test_our_signature_is_byte_for_byte_that_of_ssh_keygen(tmp_path: Path) -> None:
    theirs = ssh_keygen("-Y", "sign", "-n", SEAL_NAMESPACE, "-f", str(private_file(tmp_path)), stdin=b"message")
    assert theirs.returncode == 0, theirs.stderr
    assert theirs.stdout == SIGNER.sign(b"message", SEAL_NAMESPACE)


@pytest.mark.programs("ssh-keygen")
def test_ssh_keygen_accepts_our_signature_and_refuses_another_message(tmp_path: Path) -> None:
    (tmp_path / "allowed").write_text(allowed_signers(SIGNER.public, "witnessmark"))
    (tmp_path / "sig").write_bytes(SIGNER.sign(b"message", SEAL_NAMESPACE))
    arguments = ("-Y", "verify", "-f", "allowed", "-I", "witnessmark", "-n", SEAL_NAMESPACE, "-s", "sig")
    assert ssh_keygen(*arguments, stdin=b"message", folder=tmp_path).returncode == 0
    assert ssh_keygen(*arguments, stdin=b"massage", folder=tmp_path).returncode != 0


@pytest.mark.programs("ssh-keygen")
def test_the_fingerprint_is_the_one_that_ssh_keygen_prints(tmp_path: Path) -> None:
    private_file(tmp_path)
    assert fingerprint(SIGNER.public) in ssh_keygen("-lf", "id.pub", folder=tmp_path).stdout.decode()
    assert read_public((tmp_path / "id.pub").read_text()) == SIGNER.public


@pytest.mark.programs("ssh-keygen")
def test_a_key_that_only_ssh_keygen_can_reach_signs_and_its_note_line_holds(tmp_path: Path) -> None:
    private_file(tmp_path)  # without an agent ssh-keygen falls back to the file beside the .pub
    signer = ToolSigner(tmp_path / "id.pub")
    assert verify(signer.sign(b"m", SEAL_NAMESPACE), b"m", SEAL_NAMESPACE) == SIGNER.public
    line = signer.sign_note("origin", b"text")
    assert note_signature_holds(line, b"text", SIGNER.public)
    assert not note_signature_holds(line, b"texts", SIGNER.public)


@pytest.mark.programs("ssh-keygen", "ssh-agent", "ssh-add")
def test_a_key_in_an_agent_signs_without_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = private_file(tmp_path)
    agent = subprocess.run(["ssh-agent", "-s", "-a", str(tmp_path / "s")], capture_output=True, text=True, check=True)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "s"))
    number = int(agent.stdout.partition("SSH_AGENT_PID=")[2].partition(";")[0])
    try:
        subprocess.run(["ssh-add", "-q", str(private)], check=True, capture_output=True)
        private.unlink()
        signed = ToolSigner(tmp_path / "id.pub").sign(b"m", SEAL_NAMESPACE)
        assert signed == SIGNER.sign(b"m", SEAL_NAMESPACE)
    finally:
        os.kill(number, signal.SIGTERM)
    with pytest.raises(WitnessmarkError, match="did not sign"):
        ToolSigner(tmp_path / "id.pub").sign(b"m", SEAL_NAMESPACE)


@pytest.mark.programs("ssh-keygen")
def test_what_a_hardware_key_signs_holds_for_us_and_for_ssh_keygen(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
    application, presence = b"ssh:", b"\x01" + (7).to_bytes(4, "big")
    public = string(HARDWARE) + string(private.public_key().public_bytes_raw()) + string(application)
    inner = hashlib.sha256(to_be_signed(b"m", SEAL_NAMESPACE)).digest()
    value = private.sign(hashlib.sha256(application).digest() + presence + inner)
    blob = string(HARDWARE) + string(value) + presence
    armored = SshSignature(public=public, namespace=SEAL_NAMESPACE, blob=blob).armored().encode()
    assert verify(armored, b"m", SEAL_NAMESPACE) == public
    (tmp_path / "allowed").write_text(allowed_signers(public, "witnessmark"))
    (tmp_path / "sig").write_bytes(armored)
    arguments = ("-Y", "verify", "-f", "allowed", "-I", "witnessmark", "-n", SEAL_NAMESPACE, "-s", "sig")
    assert ssh_keygen(*arguments, stdin=b"m", folder=tmp_path).returncode == 0
    with pytest.raises(VerificationFailed):
        verify(armored, b"n", SEAL_NAMESPACE)


@given(st.binary(max_size=200), st.data())
def test_any_flipped_bit_of_a_signature_is_noticed(message: bytes, data: st.DataObject) -> None:
    armored = bytearray(SIGNER.sign(message, SEAL_NAMESPACE))
    at = data.draw(st.integers(0, len(armored) - 1))
    armored[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(VerificationFailed):
        verify(bytes(armored), message, SEAL_NAMESPACE)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_as_a_signature(data: bytes) -> None:
    with pytest.raises(VerificationFailed):
        verify(data, b"", SEAL_NAMESPACE)


def test_a_signature_for_something_else_is_refused() -> None:
    with pytest.raises(VerificationFailed, match="was made for"):
        verify(SIGNER.sign(b"m", "git"), b"m", SEAL_NAMESPACE)
    other = KeySigner(Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    assert verify(other.sign(b"m", SEAL_NAMESPACE), b"m", SEAL_NAMESPACE) != SIGNER.public
