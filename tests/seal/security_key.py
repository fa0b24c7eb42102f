"""A FIDO security key in software behind a socket that speaks ssh-agent's protocol (draft-ietf-sshm-ssh-agent).

What real hardware does, as far as signatures go: it hashes who asks and what, counts, sets the flag for a touch, and may
refuse. `ssh-keygen` talks to it as to any agent.
"""

import hashlib
import socket
import struct
import threading
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from witnessmark.seal.sshsig import HARDWARE, HARDWARE_ECDSA, public_line, string

_FAILURE, _IDENTITIES, _LIST, _SIGN, _SIGNED = 5, 11, 12, 13, 14
_TOUCHED = 0x01


def mpint(number: int) -> bytes:
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


class SecurityKey:
    """One credential. `mood` is `touched`, `refuses`, or `vanishes` (the connection ends while it should sign)."""

    def __init__(self, kind: bytes) -> None:
        self.kind, self.application, self.counter, self.mood = kind, b"ssh:", 41, "touched"
        self.signed, self.flags = 0, _TOUCHED
        if kind == HARDWARE:
            self._ed = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
            key = string(self._ed.public_key().public_bytes_raw())
        else:
            self._ec = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
            point = self._ec.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            key = string(b"nistp256") + string(point)
        self.public = string(kind) + key + string(self.application)

    def sign(self, data: bytes) -> bytes:
        """Algorithm, signature, flags, counter (PROTOCOL.u2f)."""
        self.counter += 1
        self.signed += 1
        tail = bytes([self.flags]) + struct.pack(">I", self.counter)
        message = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(data).digest()
        if self.kind == HARDWARE:
            return string(HARDWARE) + string(self._ed.sign(message)) + tail
        r, s = decode_dss_signature(self._ec.sign(message, ec.ECDSA(hashes.SHA256())))
        return string(HARDWARE_ECDSA) + string(mpint(r) + mpint(s)) + tail


class Agent:
    """Serves one key on a Unix socket until it is closed."""

    def __init__(self, key: SecurityKey, folder: Path) -> None:
        self.key, self.path = key, folder / "agent"
        self.public_file = folder / "id_sk.pub"
        self.public_file.write_text(public_line(key.public, "hardware") + "\n")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self.path.unlink()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            with connection, connection.makefile("rwb") as stream:
                while (length := stream.read(4)) and (message := stream.read(int.from_bytes(length, "big"))):
                    answer = self._answer(message)
                    if answer is None:
                        break
                    stream.write(string(answer))
                    stream.flush()

    def _answer(self, message: bytes) -> bytes | None:
        if message[0] == _IDENTITIES:
            return bytes([_LIST]) + struct.pack(">I", 1) + string(self.key.public) + string(b"hardware")
        if message[0] != _SIGN or self.key.mood == "refuses":
            return bytes([_FAILURE])
        if self.key.mood == "vanishes":
            return None
        size = int.from_bytes(message[1:5], "big")
        assert message[5 : 5 + size] == self.key.public
        data = message[9 + size :][: int.from_bytes(message[5 + size : 9 + size], "big")]
        return bytes([_SIGNED]) + string(self.key.sign(data))
