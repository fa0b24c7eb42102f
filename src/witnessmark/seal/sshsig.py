"""OpenSSH's signature format (PROTOCOL.sshsig), written and read exactly, so that `ssh-keygen -Y verify` agrees.

Ed25519 keys, plain and in hardware (`sk-`), and ECDSA P-256 keys in hardware, since many security keys make only
those. Nothing else: no parameters to get wrong.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from itertools import pairwise

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from witnessmark.errors import VerificationFailed

SEAL_NAMESPACE = "witnessmark-seal"
CHECKPOINT_NAMESPACE = "witnessmark-checkpoint"
PLAIN = b"ssh-ed25519"
HARDWARE = b"sk-ssh-ed25519@openssh.com"
HARDWARE_ECDSA = b"sk-ecdsa-sha2-nistp256@openssh.com"
KINDS = (PLAIN, HARDWARE, HARDWARE_ECDSA)
_CURVE = b"nistp256"
_MAGIC = b"SSHSIG"
_BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
_END = "-----END SSH SIGNATURE-----\n"


def string(data: bytes) -> bytes:
    """SSH's length-prefixed string."""
    return struct.pack(">I", len(data)) + data


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, count: int) -> bytes:
        if count > len(self.rest):
            raise VerificationFailed("the signature ends too early")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def string(self) -> bytes:
        return self.take(int.from_bytes(self.take(4), "big"))

    def end(self) -> None:
        if self.rest:
            raise VerificationFailed("the signature has bytes after its end")


@dataclass(frozen=True, kw_only=True)
class SshSignature:
    """One parsed signature. `public` is the key in SSH's wire form; `blob` the algorithm and its signature."""

    public: bytes
    namespace: str
    blob: bytes

    def armored(self) -> str:
        """The text form, exactly as `ssh-keygen` writes it."""
        body = (
            _MAGIC
            + struct.pack(">I", 1)
            + string(self.public)
            + string(self.namespace.encode())
            + string(b"")
            + string(b"sha512")
            + string(self.blob)
        )
        text = base64.b64encode(body).decode()
        return _BEGIN + "".join(text[i : i + 70] + "\n" for i in range(0, len(text), 70)) + _END


def to_be_signed(message: bytes, namespace: str) -> bytes:
    """What the key signs."""
    hashed = hashlib.sha512(message).digest()
    return _MAGIC + string(namespace.encode()) + string(b"") + string(b"sha512") + string(hashed)


def parse(armored: bytes) -> SshSignature:
    """Read a signature file. Every byte must be as `ssh-keygen` writes it. Raises VerificationFailed."""
    try:
        text = armored.decode("ascii")
        body = base64.b64decode(text.removeprefix(_BEGIN).removesuffix(_END).replace("\n", ""), validate=True)
    except (UnicodeDecodeError, binascii.Error) as error:
        raise VerificationFailed("the signature is not in OpenSSH's format") from error
    reader = _Reader(body)
    if reader.take(10) != _MAGIC + struct.pack(">I", 1):
        raise VerificationFailed("the signature is not in OpenSSH's format, version 1")
    public, namespace = reader.string(), reader.string()
    if reader.string() != b"" or reader.string() != b"sha512":
        raise VerificationFailed("the signature uses a reserved field or another hash than SHA-512")
    blob = reader.string()
    reader.end()
    signature = SshSignature(public=public, namespace=namespace.decode("utf-8", "replace"), blob=blob)
    if signature.armored() != text:
        raise VerificationFailed("the signature file has characters that do not belong there")
    return signature


def verify(armored: bytes, message: bytes, namespace: str) -> bytes:
    """Return the public key (wire form) under which the signature holds. Raises VerificationFailed if it does not."""
    signature = parse(armored)
    if signature.namespace != namespace:
        raise VerificationFailed(f"the signature was made for {signature.namespace!r}, not for {namespace!r}")
    _check(signature, to_be_signed(message, namespace))
    return signature.public


def _check(signature: SshSignature, data: bytes) -> None:
    key, raw = _Reader(signature.public), _Reader(signature.blob)
    algorithm = key.string()
    if algorithm not in KINDS or raw.string() != algorithm:
        raise VerificationFailed("the signature is neither Ed25519 nor of a security key's P-256")
    if algorithm == HARDWARE_ECDSA and key.string() != _CURVE:
        raise VerificationFailed("the key is not on the curve that it names")
    public, value = key.string(), raw.string()
    if algorithm != PLAIN:
        # PROTOCOL.u2f: the device signs what it was asked by whom, its flags and its counter.
        flags_and_counter = raw.take(5)
        if not _touched(flags_and_counter[0]):
            raise VerificationFailed("the security key signed without being touched: a program may have used it alone")
        data = hashlib.sha256(key.string()).digest() + flags_and_counter + hashlib.sha256(data).digest()
    key.end()
    raw.end()
    try:
        if algorithm == HARDWARE_ECDSA:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            point.verify(_der_signature(value), data, ec.ECDSA(hashes.SHA256()))
        else:
            Ed25519PublicKey.from_public_bytes(public).verify(value, data)
    except (InvalidSignature, ValueError) as error:
        raise VerificationFailed("the signature does not hold for these bytes") from error


def _touched(flags: int) -> bool:
    """Whether the security key says that somebody was there (PROTOCOL.u2f)."""
    return bool(flags & 0x01)


def _der_signature(value: bytes) -> bytes:
    """SSH writes an ECDSA signature as two numbers; each has only one right form."""
    reader = _Reader(value)
    first, second = reader.string(), reader.string()
    reader.end()
    numbers = [int.from_bytes(part, "big", signed=True) for part in (first, second)]
    if any(
        n <= 0 or n.to_bytes(n.bit_length() // 8 + 1, "big") != p for n, p in zip(numbers, (first, second), strict=True)
    ):
        raise VerificationFailed("the signature's numbers are not written as they should be")
    return encode_dss_signature(numbers[0], numbers[1])


def fingerprint(public: bytes) -> str:
    """The name of a key, as `ssh-keygen -l` prints it: `SHA256:…`."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


def in_hardware(public: bytes) -> bool:
    """Whether the private half is in a security key, which wants to be touched."""
    return _Reader(public).string() in (HARDWARE, HARDWARE_ECDSA)


def public_line(public: bytes, comment: str = "") -> str:
    """The key as a line of a `.pub` file, without a newline."""
    algorithm = _Reader(public).string().decode("ascii", "replace")
    return f"{algorithm} {base64.b64encode(public).decode()} {comment}".rstrip()


def read_public(line: str) -> bytes:
    """The wire form of a `.pub` or allowed_signers line. Raises VerificationFailed if there is no such key in it."""
    words = line.split()
    for algorithm, encoded in pairwise(words):
        if algorithm.encode() in KINDS:
            try:
                public = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise VerificationFailed("the public key cannot be read") from error
            if _Reader(public).string() == algorithm.encode():
                return public
    raise VerificationFailed("there is no Ed25519 or security key's P-256 public key in this line")


def allowed_signers(public: bytes, principal: str) -> str:
    """The file that `ssh-keygen -Y verify -f` wants."""
    return f'{principal} namespaces="{SEAL_NAMESPACE},{CHECKPOINT_NAMESPACE}" {public_line(public)}\n'
