"""Who signs: a key file under a passphrase, or an agent or hardware key that OpenSSH's own tool talks to."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from witnessmark.case.checkpoint import (
    COSIGNATURE,
    ED25519,
    SSHSIG,
    Checkpoint,
    NoteSignature,
    cosigned_text,
    key_id,
)
from witnessmark.errors import UsageError, VerificationFailed, WitnessmarkError
from witnessmark.sandbox.tool import run_tool
from witnessmark.seal.sshsig import (
    CHECKPOINT_NAMESPACE,
    PLAIN,
    SshSignature,
    in_hardware,
    read_public,
    string,
    to_be_signed,
    verify,
)


class Signer(Protocol):
    """Signs in OpenSSH's format, and checkpoints in C2SP's."""

    @property
    def public(self) -> bytes:
        """The public key in SSH's wire form."""

    def sign(self, message: bytes, namespace: str) -> bytes:
        """An armored signature."""

    def sign_note(self, name: str, text: bytes) -> NoteSignature:
        """A signature line over a note's text."""


class KeySigner:
    """A key that is in memory."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._raw = private.public_key().public_bytes_raw()

    @property
    def public(self) -> bytes:
        """The public key in SSH's wire form."""
        return string(PLAIN) + string(self._raw)

    def sign(self, message: bytes, namespace: str) -> bytes:
        """An armored signature; byte for byte what `ssh-keygen -Y sign` would write."""
        value = self._private.sign(to_be_signed(message, namespace))
        blob = string(PLAIN) + string(value)
        return SshSignature(public=self.public, namespace=namespace, blob=blob).armored().encode()

    def sign_note(self, name: str, text: bytes) -> NoteSignature:
        """A plain Ed25519 note signature."""
        return NoteSignature(name=name, key_id=key_id(name, ED25519, self._raw), value=self._private.sign(text))

    def cosign(self, name: str, checkpoint: Checkpoint, unix_time: int) -> NoteSignature:
        """A witness's line: this checkpoint was seen at this time."""
        value = unix_time.to_bytes(8, "big") + self._private.sign(cosigned_text(checkpoint, unix_time))
        return NoteSignature(name=name, key_id=key_id(name, COSIGNATURE, self._raw), value=value)


class ToolSigner:
    """A key in ssh-agent or in hardware, reached through `ssh-keygen -Y sign` and its public key file."""

    def __init__(self, public_key: Path, *, timeout: float = 120.0, say: Callable[[str], object] | None = None) -> None:
        self._path = public_key
        self._timeout = timeout
        self._say = say
        try:
            self._public = read_public(public_key.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, VerificationFailed) as error:
            raise UsageError(
                f"{public_key} is not a public key file that can be used here",
                hint="Name the .pub file of an ed25519, ed25519-sk or ecdsa-sk key.",
            ) from error

    @property
    def public(self) -> bytes:
        """The public key in SSH's wire form."""
        return self._public

    def sign(self, message: bytes, namespace: str) -> bytes:
        """An armored signature, checked before it is used. Raises WitnessmarkError if the tool or the key refuses."""
        if self._say is not None and in_hardware(self._public):
            self._say("Touch the security key if it blinks.")
        done = run_tool(
            ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(self._path)], stdin=message, timeout=self._timeout
        )
        if done.status != 0:
            raise WitnessmarkError(
                f"ssh-keygen did not sign: {done.errors[:300]}",
                hint="Is the agent running (ssh-add -l), is the hardware key plugged in and touched?",
            )
        if verify(done.output, message, namespace) != self._public:
            raise WitnessmarkError("ssh-keygen signed with another key than the one named")
        return done.output

    def sign_note(self, name: str, text: bytes) -> NoteSignature:
        """An agent signs only in its own format, so the line carries that under C2SP's application type."""
        armored = self.sign(text, CHECKPOINT_NAMESPACE)
        return NoteSignature(name=name, key_id=key_id(name, SSHSIG, self._public), value=armored)


def note_signature_holds(signature: NoteSignature, text: bytes, public: bytes) -> bool:
    """Whether a note's line was made by this key (wire form) over this text."""
    if signature.key_id == key_id(signature.name, SSHSIG, public):
        try:
            return verify(signature.value, text, CHECKPOINT_NAMESPACE) == public
        except VerificationFailed:
            return False
    raw = public[-32:]
    if signature.key_id != key_id(signature.name, ED25519, raw):
        return False
    blob = string(PLAIN) + string(raw)
    return blob == public and _raw_holds(raw, signature.value, text)


def cosignature_time(signature: NoteSignature, checkpoint: Checkpoint, public: bytes) -> int | None:
    """The Unix time of a witness's line if it holds for this key, else None."""
    raw = public[-32:]
    if signature.key_id != key_id(signature.name, COSIGNATURE, raw) or len(signature.value) != 72:
        return None
    unix_time = int.from_bytes(signature.value[:8], "big")
    return unix_time if _raw_holds(raw, signature.value[8:], cosigned_text(checkpoint, unix_time)) else None


def _raw_holds(raw: bytes, value: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(value, text)
    except (InvalidSignature, ValueError):
        return False
    return True
