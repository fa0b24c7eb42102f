"""The signing key on this machine: made at first use, kept under a passphrase, replaced only with a log entry.

KEYS/signing-key         OpenSSH private key, encrypted     (mode 0600)
KEYS/signing-key.pub     what others get
KEYS/retired/<name>      earlier keys, kept to renew timestamps of what they sealed
KEYS/rotations.jsonl     each replacement, signed by the key that was replaced
KEYS/signing-key.next    the key that is about to replace it, only while that happens
"""

import base64
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_ssh_private_key,
)

from witnessmark.case.disk import cannot_write, replace_flushed, sync_folder
from witnessmark.errors import UsageError, VerificationFailed
from witnessmark.model.fact import Record
from witnessmark.seal.signer import KeySigner
from witnessmark.seal.sshsig import fingerprint, public_line, read_public, verify

ROTATION_NAMESPACE = "witnessmark-key-rotation"
MIN_PASSPHRASE = 8


class Rotation(Record, frozen=True, kw_only=True):
    """The old key says which key follows it, when and why. `signature` covers the record without itself."""

    old: str
    new: str
    at: str
    reason: str
    signature: str = ""

    def statement(self) -> bytes:
        """The bytes that the old key signs."""
        return msgspec.json.encode(
            {"old": self.old, "new": self.new, "at": self.at, "reason": self.reason}, order="sorted"
        )


class KeyRing:
    """The folder with the keys."""

    def __init__(self, folder: Path, generate: Callable[[], Ed25519PrivateKey] = Ed25519PrivateKey.generate) -> None:
        self.folder = folder
        self._generate = generate

    @property
    def path(self) -> Path:
        """The current private key."""
        return self.folder / "signing-key"

    def exists(self) -> bool:
        """Whether a key was made already. Finishes first what a crash left half done."""
        try:
            self._settle()
        except OSError as error:
            raise cannot_write(error, "the key folder") from error
        return self.path.is_file()

    def make(self, passphrase: str) -> KeySigner:
        """Make the first key. Raises UsageError if there is one or the passphrase is too short."""
        if self.exists():
            raise UsageError(f"there is a key already: {self.path}", hint="Use `witnessmark key rotate` to replace it.")
        private = self._generate()
        self._write(private, passphrase)
        return KeySigner(private)

    def load(self, passphrase: str) -> KeySigner:
        """Open the current key. Raises UsageError for a wrong passphrase or a missing or damaged key."""
        self.exists()
        return _load(self.path, passphrase)

    def load_for(self, public: bytes, passphrase: str) -> KeySigner:
        """Open whichever key, current or retired, has this public half. Raises UsageError if none has."""
        self.exists()
        for path in (self.path, *sorted((self.folder / "retired").glob("*"))):
            if path.with_name(path.name + ".pub").is_file() and path.suffix != ".pub":
                line = path.with_name(path.name + ".pub").read_text("utf-8")
                if read_public(line) == public:
                    return _load(path, passphrase)
        raise UsageError(f"the key {fingerprint(public)} is not on this machine")

    def rotate(self, old_passphrase: str, new_passphrase: str, *, at: str, reason: str) -> Rotation:
        """Replace the key. The old one signs the change and is retired, not deleted."""
        old = self.load(old_passphrase)
        _check_passphrase(new_passphrase)
        private = self._generate()
        new = KeySigner(private)
        rotation = Rotation(old=public_line(old.public), new=public_line(new.public), at=at, reason=reason)
        signed = msgspec.structs.replace(
            rotation, signature=old.sign(rotation.statement(), ROTATION_NAMESPACE).decode()
        )
        try:
            self._put("signing-key.next", private, new_passphrase)
            self._retire(old.public)
            log = self.rotations() + msgspec.json.encode(signed, order="sorted") + b"\n"
            replace_flushed(self.folder / "rotations.jsonl", log)
            sync_folder(self.folder)
            self._settle()
        except OSError as error:
            raise cannot_write(error, "the key folder") from error
        return signed

    def _retire(self, public: bytes) -> None:
        """Copy the current key to where it stays; on the disk before anything else is changed."""
        retired = self.folder / "retired" / fingerprint(public).removeprefix("SHA256:").replace("/", "_")
        retired.parent.mkdir(mode=0o700, exist_ok=True)
        replace_flushed(retired.with_name(retired.name + ".pub"), self.path.with_suffix(".pub").read_bytes())
        replace_flushed(retired, self.path.read_bytes(), 0o600)
        for folder in (retired.parent, self.folder):
            sync_folder(folder)

    def _settle(self) -> None:
        """Finish a replacement that is in the log, or forget one that never got there. Raises OSError."""
        pending = [
            (self.path.with_suffix(".next.pub"), _public_in_line),
            (self.path.with_suffix(".next"), _public_in_pem),
        ]
        pending = [(path, read) for path, read in pending if path.exists()]
        if not pending:
            return
        rotations = self.rotations().splitlines()
        announced = read_public(msgspec.json.decode(rotations[-1], type=Rotation).new) if rotations else None
        for path, read in pending:
            if announced is not None and read(path.read_bytes()) == announced:
                path.replace(path.with_name(path.name.replace(".next", "")))
            else:
                path.unlink()
        sync_folder(self.folder)

    def rotations(self) -> bytes:
        """The whole rotation log, as it goes into a bundle."""
        log = self.folder / "rotations.jsonl"
        return log.read_bytes() if log.is_file() else b""

    def recovery_sheet(self) -> str:
        """A page to print and lock away. It holds the key as encrypted on the disk, so the passphrase is needed too."""
        private, public = self.path.read_text("ascii"), self.path.with_suffix(".pub").read_text("utf-8")
        return (
            "WITNESSMARK SIGNING KEY - RECOVERY SHEET\n\n"
            f"Fingerprint  {fingerprint(read_public(public))}\n"
            f"Public key   {public.strip()}\n\n"
            "What this is: the private key that signs your sealed cases, encrypted with your passphrase.\n"
            "Print it, lock it away, and keep the passphrase somewhere else. With both, anyone can sign as you.\n"
            "To restore: type or scan the block below, BEGIN and END lines included, into a file and run\n"
            "    witnessmark key restore FILE\n"
            "Publish the fingerprint where others can find it (your website, a printed card): a bundle can only be\n"
            "tied to you by a fingerprint that the reader got from somewhere else than the bundle.\n\n"
            f"{private}"
        )

    def restore(self, sheet: str, passphrase: str) -> KeySigner:
        """Bring a key back from its recovery sheet. Raises UsageError if there is a key or the sheet cannot be read."""
        if self.exists():
            raise UsageError(f"there is a key already: {self.path}", hint="Move it away first.")
        begin, end = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
        start, stop = sheet.find(begin), sheet.find(end)
        if start < 0 or stop < start:
            raise UsageError("there is no private key block in this file")
        private = _decrypt((sheet[start : stop + len(end)] + "\n").encode(), passphrase, "the key on the sheet")
        self._write(private, passphrase)
        return KeySigner(private)

    def _write(self, private: Ed25519PrivateKey, passphrase: str) -> None:
        try:
            missing = [folder for folder in (self.folder, *self.folder.absolute().parents) if not folder.exists()]
            self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            self._put("signing-key", private, passphrase)
            for folder in missing:
                sync_folder(folder.absolute().parent)
        except OSError as error:
            raise cannot_write(error, "the signing key") from error

    def _put(self, name: str, private: Ed25519PrivateKey, passphrase: str) -> None:
        """Write both halves, flushed. Raises OSError."""
        _check_passphrase(passphrase)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(passphrase.encode()))
        public = public_line(KeySigner(private).public, "witnessmark") + "\n"
        replace_flushed(self.folder / f"{name}.pub", public.encode())
        replace_flushed(self.folder / name, pem, 0o600)
        sync_folder(self.folder)


def rotation_holds(rotation: Rotation) -> bool:
    """Whether the old key really signed this replacement."""
    try:
        signer = verify(rotation.signature.encode(), rotation.statement(), ROTATION_NAMESPACE)
        return signer == read_public(rotation.old)
    except VerificationFailed:
        return False


def _public_in_line(data: bytes) -> bytes:
    return read_public(data.decode("utf-8", "replace"))


def _public_in_pem(data: bytes) -> bytes:
    """The public half stands in clear before the encrypted private one (PROTOCOL.key)."""
    rest = base64.b64decode(b"".join(data.split(b"\n")[1:-2])).removeprefix(b"openssh-key-v1\0")
    for _ in range(3):  # cipher, key derivation, its options
        rest = rest[4 + int.from_bytes(rest[:4], "big") :]
    return rest[8 : 8 + int.from_bytes(rest[4:8], "big")]


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) < MIN_PASSPHRASE:
        raise UsageError(
            f"the passphrase needs at least {MIN_PASSPHRASE} characters", hint="Four or five random words are good."
        )


def _load(path: Path, passphrase: str) -> KeySigner:
    try:
        return KeySigner(_decrypt(path.read_bytes(), passphrase, str(path)))
    except FileNotFoundError:
        raise UsageError(f"there is no signing key at {path}", hint="Make one with `witnessmark key new`.") from None
    except OSError as error:
        raise UsageError(f"the signing key cannot be read: {error.strerror}") from error


def _decrypt(pem: bytes, passphrase: str, what: str) -> Ed25519PrivateKey:
    try:
        private = load_ssh_private_key(pem, passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(
            f"{what} could not be opened: wrong passphrase, or the file is damaged",
            hint="Nothing was changed. The recovery sheet restores a damaged file, not a lost passphrase.",
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(f"{what} is not an Ed25519 key")
    return private
