"""Encrypted zip members, with passwords that the user gave: the old PKWARE cipher and WinZip AES."""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from witnessmark.blob import Blob

MAX_OLD_CIPHER = 64 << 20  # the old cipher runs byte by byte in Python: about a minute for this much


def decrypt(
    packed: Blob, flags: int, crc: int, stamp: int, method: int, extra: bytes, passwords: tuple[str, ...]
) -> tuple[Blob, int] | None:
    """The member's compressed bytes and real method, or None when no password fits."""
    for password in passwords:
        if method == 99:
            opened = _aes(packed, extra, password.encode())
        else:
            opened = _old(packed, flags, crc, stamp, method, password.encode())
        if opened is not None:
            return opened
    return None


def _old(packed: Blob, flags: int, crc: int, stamp: int, method: int, password: bytes) -> tuple[Blob, int] | None:
    if packed.size < 12 or packed.size > MAX_OLD_CIPHER:
        return None
    keys = _Keys(password)
    header = keys.decrypt(packed.read(0, 12))
    expected = (stamp >> 8) & 0xFF if flags & 8 else crc >> 24
    if header[11] != expected:
        return None
    return Blob.of_bytes(keys.decrypt(packed.read(12))), method


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0xEDB88320 if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


CRC = _crc_table()


class _Keys:
    """The three running keys (APPNOTE 6.1.5)."""

    def __init__(self, password: bytes) -> None:
        self._keys = 0x12345678, 0x23456789, 0x34567890
        for byte in password:
            self._keys = self._update(*self._keys, byte)

    @staticmethod
    def _update(first: int, second: int, third: int, byte: int) -> tuple[int, int, int]:
        first = CRC[(first ^ byte) & 0xFF] ^ first >> 8
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = CRC[(third ^ second >> 24) & 0xFF] ^ third >> 8
        return first, second, third

    def decrypt(self, data: bytes) -> bytes:
        first, second, third = self._keys
        out = bytearray(len(data))
        for index, byte in enumerate(data):
            temp = third | 2
            byte ^= (temp * (temp ^ 1) >> 8) & 0xFF
            first, second, third = self._update(first, second, third, byte)
            out[index] = byte
        self._keys = first, second, third
        return bytes(out)


def _aes(packed: Blob, extra: bytes, password: bytes) -> tuple[Blob, int] | None:
    """WinZip AE-1 and AE-2: salt, two check bytes, AES in little-endian counter mode, ten bytes of HMAC."""
    field = _aes_field(extra)
    if field is None:
        return None
    strength, method = field
    key_length = {1: 16, 2: 24, 3: 32}.get(strength)
    if key_length is None or packed.size < key_length // 2 + 12:
        return None
    salt = packed.read(0, key_length // 2)
    check = packed.read(len(salt), 2)
    derived = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 2 * key_length + 2)
    if derived[-2:] != check:
        return None
    body = packed.read(len(salt) + 2, packed.size - len(salt) - 12)
    signature = packed.read(packed.size - 10)
    if not hmac.compare_digest(hmac.new(derived[key_length:-2], body, hashlib.sha1).digest()[:10], signature):
        return None
    return Blob.of_bytes(_counter(derived[:key_length], body)), method


def _counter(key: bytes, body: bytes) -> bytes:
    """AES-CTR with a little-endian counter from 1, which no library offers: encrypt the counters, then xor."""
    blocks = -(-len(body) // 16)
    counters = b"".join(number.to_bytes(16, "little") for number in range(1, blocks + 1))
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    stream = encryptor.update(counters)[: len(body)]
    return (int.from_bytes(body, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(body), "big") if body else b""


def _aes_field(extra: bytes) -> tuple[int, int] | None:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 0x9901 and length >= 7 and at + 4 + length <= len(extra):
            return extra[at + 8], struct.unpack_from("<H", extra, at + 9)[0]
        at += 4 + length
    return None
