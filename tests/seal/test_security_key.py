"""Sealing with a key that lives in an agent or in hardware; every peer that reads the bundle agrees."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from seal.security_key import Agent, SecurityKey
from witnessmark.case import create_case
from witnessmark.cli import witnessmark
from witnessmark.errors import VerificationFailed, WitnessmarkError
from witnessmark.seal.kit import verify as kit
from witnessmark.seal.signer import ToolSigner, note_signature_holds
from witnessmark.seal.sshsig import (
    HARDWARE,
    HARDWARE_ECDSA,
    SEAL_NAMESPACE,
    SshSignature,
    allowed_signers,
    fingerprint,
    parse,
    string,
    to_be_signed,
    verify,
)

pytestmark = pytest.mark.programs("openssl", "ssh-keygen")
KINDS = pytest.mark.parametrize("kind", [HARDWARE, HARDWARE_ECDSA], ids=["ed25519-sk", "ecdsa-sk"])


@pytest.fixture
def agent(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    made = Agent(SecurityKey(request.getfixturevalue("kind")), tmp_path)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(made.path))
    yield made
    made.close()


@KINDS
def test_a_security_key_signs_through_an_agent_and_ssh_keygen_agrees(agent: Agent, tmp_path: Path, kind: bytes) -> None:
    said: list[str] = []
    signer = ToolSigner(agent.public_file, say=said.append)
    armored = signer.sign(b"m", SEAL_NAMESPACE)
    assert said == ["Touch the security key if it blinks."] and agent.key.signed == 1
    assert verify(armored, b"m", SEAL_NAMESPACE) == agent.key.public
    (tmp_path / "allowed").write_text(allowed_signers(agent.key.public, "witnessmark"))
    (tmp_path / "sig").write_bytes(armored)
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "witnessmark", "-n", SEAL_NAMESPACE, "-s", "sig"]
    assert subprocess.run(command, input=b"m", cwd=tmp_path, capture_output=True, check=False).returncode == 0
    assert subprocess.run(command, input=b"n", cwd=tmp_path, capture_output=True, check=False).returncode != 0
    line = signer.sign_note("origin", b"text")
    assert note_signature_holds(line, b"text", agent.key.public) and not note_signature_holds(line, b"t", b"x")


@KINDS
def test_a_case_sealed_with_a_security_key_verifies_everywhere(agent: Agent, tmp_path: Path, kind: bytes) -> None:
    with create_case(tmp_path / "case", title="T") as case:
        (tmp_path / "a.bin").write_bytes(b"evidence")
        case.add(tmp_path / "a.bin")
    sealed = CliRunner().invoke(
        witnessmark,
        ["seal", str(tmp_path / "case"), str(tmp_path / "b"), "--key", str(agent.public_file), "--no-timestamp"],
    )
    assert sealed.exit_code == 0, sealed.output
    assert fingerprint(agent.key.public) in sealed.stdout and "Touch the security key" in sealed.stderr
    pinned = ["--signer", fingerprint(agent.key.public)]
    ours = CliRunner().invoke(witnessmark, ["verify", str(tmp_path / "b"), *pinned])
    assert ours.exit_code == 0, ours.output
    for command in ([sys.executable, "verify.py", ".", *pinned], ["sh", "verify.sh"]):
        done = subprocess.run(command, cwd=tmp_path / "b", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert fingerprint(agent.key.public) in done.stdout


@KINDS
@pytest.mark.parametrize("mood", ["refuses", "vanishes"])
def test_a_key_that_is_not_touched_or_an_agent_that_dies_meanwhile_seals_nothing(
    agent: Agent, tmp_path: Path, kind: bytes, mood: str
) -> None:
    with create_case(tmp_path / "case", title="T") as case:
        (tmp_path / "a.bin").write_bytes(b"evidence")
        case.add(tmp_path / "a.bin")
    agent.key.mood = mood
    sealing = ["seal", str(tmp_path / "case"), str(tmp_path / "b"), "--key", str(agent.public_file), "--no-timestamp"]
    refused = CliRunner().invoke(witnessmark, sealing)
    assert isinstance(refused.exception, WitnessmarkError) and "did not sign" in str(refused.exception)
    assert "touched" in refused.exception.hint and not (tmp_path / "b").exists()
    agent.key.mood = "touched"
    assert CliRunner().invoke(witnessmark, sealing).exit_code == 0


def test_a_key_file_whose_passphrase_nobody_gives_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "a passphrase", "-f", str(tmp_path / "id")], check=True)
    with pytest.raises(WitnessmarkError, match="did not sign"):
        ToolSigner(tmp_path / "id.pub", timeout=20).sign(b"m", SEAL_NAMESPACE)


@KINDS
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_any_flipped_bit_of_a_security_keys_signature_is_noticed(kind: bytes, data: st.DataObject) -> None:
    key = SecurityKey(kind)
    blob = bytearray(key.sign(to_be_signed(b"m", SEAL_NAMESPACE)))
    blob[data.draw(st.integers(0, 1_000)) % len(blob)] ^= 1 << data.draw(st.integers(0, 7))
    armored = SshSignature(public=key.public, namespace=SEAL_NAMESPACE, blob=bytes(blob)).armored().encode()
    with pytest.raises(VerificationFailed):
        verify(armored, b"m", SEAL_NAMESPACE)
    with pytest.raises(kit.Wrong):
        kit.ssh_verify(armored, b"m", "the seal")


def test_the_same_number_written_in_another_way_is_refused() -> None:
    key = SecurityKey(HARDWARE_ECDSA)
    blob = key.sign(to_be_signed(b"m", SEAL_NAMESPACE))
    kind, rest = blob[: 4 + len(HARDWARE_ECDSA)], blob[4 + len(HARDWARE_ECDSA) :]
    value, tail = rest[4:-5], rest[-5:]
    size = int.from_bytes(value[:4], "big")
    padded = string(b"\0" + value[4 : 4 + size]) + value[4 + size :]
    armored = (
        SshSignature(public=key.public, namespace=SEAL_NAMESPACE, blob=kind + string(padded) + tail).armored().encode()
    )
    assert parse(armored).public == key.public
    with pytest.raises(VerificationFailed):
        verify(armored, b"m", SEAL_NAMESPACE)


@KINDS
def test_a_signature_that_nobody_touched_the_key_for_holds_nowhere(
    agent: Agent, tmp_path: Path, kind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ssh-keygen -Y verify` takes such a one; a program on a stolen machine can make it alone."""
    agent.key.flags = 0
    with create_case(tmp_path / "case", title="T"):
        pass
    command = ["seal", str(tmp_path / "case"), str(tmp_path / "b"), "--key", str(agent.public_file), "--no-timestamp"]
    refused = CliRunner().invoke(witnessmark, command)
    assert refused.exit_code != 0 and "without being touched" in str(refused.exception)
    assert not (tmp_path / "b").exists()

    with monkeypatch.context() as blind:
        blind.setattr("witnessmark.seal.sshsig._touched", lambda flags: True)
        assert CliRunner().invoke(witnessmark, command).exit_code == 0
    assert CliRunner().invoke(witnessmark, ["verify", str(tmp_path / "b")]).exit_code != 0
    said = {}
    for command in ([sys.executable, "verify.py", "."], ["sh", "verify.sh"]):
        done = subprocess.run(command, cwd=tmp_path / "b", capture_output=True, text=True, check=False)
        assert done.returncode == 3, done.stdout + done.stderr
        said[command[-1]] = done.stdout
    assert "nobody touched" in said["."] and "WRONG   signature seal/SEAL.sig of seal/SEAL" in said["verify.sh"]
