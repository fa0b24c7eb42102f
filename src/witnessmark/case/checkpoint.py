"""A journal's head as a C2SP checkpoint: a signed note that anybody can hold on to and compare later.

    witnessmark/case/<id>
    <number of entries>
    <root hash, base64>
                                         (empty line)
    — <name> <base64 of key id and signature>

Formats: c2sp.org/tlog-checkpoint, c2sp.org/signed-note, c2sp.org/tlog-cosignature, c2sp.org/tlog-proof.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from witnessmark.errors import VerificationFailed

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
SSHSIG = b"\xffwitnessmark-sshsig"  # type 0xff: an application's own, named; what a hardware key or agent can make


@dataclass(frozen=True, kw_only=True)
class NoteSignature:
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """The line as it stands in the note."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A journal of `size` entries had this root."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[NoteSignature, ...] = ()

    def body(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def note(self) -> str:
        """The whole signed note."""
        return self.body() + "\n" + "".join(signature.line() for signature in self.signatures)


def origin_of(case_id: str) -> str:
    """The name under which a case's journal is known."""
    return f"witnessmark/case/{case_id}"


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes that tell which key a signature line belongs to."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def parse_checkpoint(note: bytes) -> Checkpoint:
    """Read a note; every byte must be in its place. Raises VerificationFailed. Signatures are not checked here."""
    try:
        text = note.decode("utf-8")
        body, _, tail = text.partition("\n\n")
        origin, size, root = body.split("\n")
        signatures = tuple(_signature(line) for line in tail.splitlines())
        checkpoint = Checkpoint(
            origin=origin, size=int(size), root=base64.b64decode(root, validate=True), signatures=signatures
        )
    except (UnicodeDecodeError, ValueError, binascii.Error) as error:
        raise VerificationFailed(f"the checkpoint cannot be read: {error}") from error
    if checkpoint.note() != text or len(checkpoint.root) != 32 or checkpoint.size < 0:
        raise VerificationFailed("the checkpoint has characters that do not belong there")
    return checkpoint


def _signature(line: str) -> NoteSignature:
    dash, name, encoded = line.split(" ")
    raw = base64.b64decode(encoded, validate=True)
    if dash != "—" or len(raw) < 5:
        raise ValueError("a signature line is malformed")
    return NoteSignature(name=name, key_id=raw[:4], value=raw[4:])


def cosigned_text(checkpoint: Checkpoint, unix_time: int) -> bytes:
    """What a witness signs: that it saw this checkpoint, and no contradicting one, at this time."""
    return f"cosignature/v1\ntime {unix_time}\n{checkpoint.body()}".encode()


def tlog_proof(index: int, proof: Sequence[bytes], note: str) -> str:
    """An inclusion proof that carries its own checkpoint."""
    hashes = "".join(base64.b64encode(step).decode() + "\n" for step in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{note}"


def parse_tlog_proof(text: bytes) -> tuple[int, tuple[bytes, ...], Checkpoint]:
    """The inverse of `tlog_proof`. Raises VerificationFailed."""
    try:
        head, _, note = text.decode("utf-8").partition("\n\n")
        first, index, *hashes = head.split("\n")
        if first != "c2sp.org/tlog-proof@v1" or not index.startswith("index "):
            raise ValueError("not a tlog-proof")
        steps = tuple(base64.b64decode(line, validate=True) for line in hashes)
        number = int(index.removeprefix("index "))
    except (UnicodeDecodeError, ValueError, binascii.Error) as error:
        raise VerificationFailed(f"the proof cannot be read: {error}") from error
    checkpoint = parse_checkpoint(note.encode())
    if tlog_proof(number, steps, checkpoint.note()).encode() != text:
        raise VerificationFailed("the proof has characters that do not belong there")
    return number, steps, checkpoint
