#!/usr/bin/env python3
"""Check a sealed bundle with nothing but Python's standard library (3.9 or newer).

    python3 verify.py [BUNDLE] [--signer SHA256:...]

BUNDLE is a folder or a ZIP file. Exit: 0 everything holds, 2 cannot run, 3 something was changed, added or is missing.
This file is written to be read; take it from somewhere you trust, since a forged bundle can bring its own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import mmap
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

NAMESPACE = b"witnessmark-seal"
Point = tuple[int, int, int, int]
Check = Callable[[], str]
SAFE = re.compile(r"[A-Za-z0-9._/-]+")


class Wrong(Exception):
    """Something does not hold."""


# Where the files are: a folder, or a ZIP file in its only allowed form


class Files:
    """What is there: names of files, of folders, and of things that a bundle never has."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.folders: set[str] = set()
        self.odd: set[str] = set()

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one file, in pieces."""
        raise NotImplementedError


class Folder(Files):
    """The files under a folder. Links and special files are wrong wherever they stand."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        for path in root.rglob("*"):
            name = path.relative_to(root).as_posix()
            kind = self.odd if path.is_symlink() else self.folders if path.is_dir() else self.names
            (kind if path.is_file() or path.is_dir() else self.odd).add(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one file, in pieces."""
        with (self.root / name).open("rb") as file:
            yield from iter(lambda: file.read(1 << 20), b"")


class Zip(Files):
    """The members of a ZIP file, after every other byte was compared with what it must be."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        with path.open("rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        data = self.data
        self.places: dict[str, tuple[int, int]] = {}
        end = len(data) - len(ending(0, 0, 0))
        if end < 0:
            raise Wrong("the file is too short for a bundle")
        count, _, length, start = struct.unpack("<QQQQ", data[end + 24 : end + 56])
        if start + length != end or data[end:] != ending(count, start, length):
            raise Wrong(f"ZIP: bytes {end} to {len(data) - 1}: changed, cut, or something was put before or after")
        at, expected, names = start, 0, []
        while at < end:
            at, expected, name = self.member(at, expected)
            names.append(name)
        one = len({name.partition(b"/")[0] for name in names}) == 1  # two folders could hide one file behind another
        if at != end or expected != start or len(names) != count or names != sorted(set(names)) or not one:
            raise Wrong(f"ZIP: the directory (bytes {start} to {end - 1}) was changed")
        self.names = set(self.places)

    def member(self, at: int, expected: int) -> tuple[int, int, bytes]:
        """Check one row of the directory, its header and its bytes; return where the next ones must be."""
        (crc,) = struct.unpack("<I", self.data[at + 16 : at + 20])
        (length,) = struct.unpack("<H", self.data[at + 28 : at + 30])
        name, extra = self.data[at + 46 : at + 46 + length], self.data[at + 46 + length : at + 74 + length]
        size, _, offset = struct.unpack("<QQQ", extra[4:])
        row, header = central(name, crc, size, offset), local(name, crc, size)
        body = offset + len(header)
        if self.data[at : at + len(row)] != row or offset != expected:
            raise Wrong(f"ZIP: the directory's row at byte {at} was changed")
        if self.data[offset:body] != header:
            raise Wrong(f"ZIP: the header of {name!r} at byte {offset} was changed")
        if zlib.crc32(memoryview(self.data)[body : body + size]) != crc:
            raise Wrong(f"ZIP: {name!r} (bytes {body} to {body + size - 1}) was changed")
        self.places[name.decode().partition("/")[2]] = (body, size)
        return at + len(row), body + size, name

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one member."""
        offset, size = self.places[name]
        for start in range(offset, offset + size, 1 << 20):
            yield self.data[start : min(start + (1 << 20), offset + size)]


def local(name: bytes, crc: int, size: int) -> bytes:
    """The header before a member's bytes."""
    extra = struct.pack("<HHQQ", 1, 16, size, size)
    fixed = (b"PK\3\4", 45, 0x800, 0, 0, 0x21, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    return struct.pack("<4sHHHHHIIIHH", *fixed) + name + extra


def central(name: bytes, crc: int, size: int, offset: int) -> bytes:
    """A row of the directory at the end."""
    extra = struct.pack("<HHQQQ", 1, 24, size, size, offset)
    fixed = (b"PK\1\2", 45 | 3 << 8, 45, 0x800, 0, 0, 0x21, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    return struct.pack("<4sHHHHHHIIIHHHHHII", *fixed, 0, 0, 0, 0o100644 << 16, 0xFFFFFFFF) + name + extra


def ending(count: int, start: int, length: int) -> bytes:
    """What stands after the directory."""
    zip64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45 | 3 << 8, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, start + length, 1)
    return zip64 + locator + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)


# Ed25519, RFC 8032 section 5.1.7, and OpenSSH's signature format around it

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a: Point, b: Point) -> Point:
    """The sum of two points of the curve."""
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    w, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    """A point added to itself that many times."""
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def recover(y: int, sign: int) -> Point:
    """The point with this y; raises Wrong if there is none."""
    if y >= P:
        raise Wrong("the key or signature is not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise Wrong("the key or signature is not a point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def point(data: bytes) -> Point:
    """A point from its 32 bytes."""
    number = int.from_bytes(data, "little")
    return recover(number & (1 << 255) - 1, number >> 255)


BASE = recover(4 * pow(5, P - 2, P) % P, 0)


def ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature holds."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ECDSA on the curve P-256 (FIPS 186-5, 6.4.2), for signatures of security keys

Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def plus(a: tuple[int, int] | None, b: tuple[int, int] | None) -> tuple[int, int] | None:
    """The sum of two points of P-256; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % Q == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], Q - 2, Q) % Q
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], Q - 2, Q) % Q
    x = (slope * slope - a[0] - b[0]) % Q
    return x, (slope * (a[0] - x) - a[1]) % Q


def scaled(scalar: int, of: tuple[int, int] | None) -> tuple[int, int] | None:
    """A point of P-256 added to itself that many times."""
    total = None
    while scalar:
        if scalar & 1:
            total = plus(total, of)
        of, scalar = plus(of, of), scalar >> 1
    return total


def ecdsa(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature holds; it is two numbers in SSH's form."""
    first, rest = take(signature)
    second, rest = take(rest)
    r, s = int.from_bytes(first, "big"), int.from_bytes(second, "big")
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    written = string(r.to_bytes(r.bit_length() // 8 + 1, "big")) + string(s.to_bytes(s.bit_length() // 8 + 1, "big"))
    if rest or written != signature or not (0 < r < N and 0 < s < N) or len(public) != 65 or public[0] != 4:
        return False
    if x >= Q or y >= Q or (y * y - x * x * x + 3 * x - B) % Q:
        return False
    e, w = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, N - 2, N)
    found = plus(scaled(e * w % N, G), scaled(r * w % N, (x, y)))
    return found is not None and found[0] % N == r


def string(data: bytes) -> bytes:
    """SSH's length-prefixed string."""
    return struct.pack(">I", len(data)) + data


def take(data: bytes) -> tuple[bytes, bytes]:
    """The first such string of some bytes, and the rest."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 + length:
        raise Wrong("the signature is cut short")
    return data[4 : 4 + length], data[4 + length :]


def ssh_verify(armored: bytes, message: bytes, what: str) -> bytes:
    """Return the public key under which an OpenSSH signature holds."""
    lines = armored.decode("ascii", "replace").split("\n")
    try:
        body = base64.b64decode("".join(lines[1:-2]), validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(what + " is not in OpenSSH's format") from None
    text = base64.b64encode(body).decode()
    rows = [text[i : i + 70] for i in range(0, len(text), 70)]
    if lines != ["-----BEGIN SSH SIGNATURE-----", *rows, "-----END SSH SIGNATURE-----", ""]:
        raise Wrong(what + " has characters that do not belong there")
    public, rest = take(body[10:])
    space, rest = take(rest)
    reserved, rest = take(rest)
    method, rest = take(rest)
    blob, rest = take(rest)
    if body[:10] != b"SSHSIG\0\0\0\1" or rest or reserved or method != b"sha512" or space != NAMESPACE:
        raise Wrong(what + " was made for something else")
    signed = b"SSHSIG" + string(space) + string(b"") + string(method) + string(hashlib.sha512(message).digest())
    kind, rest = take(public)
    curve, rest = take(rest) if kind == b"sk-ecdsa-sha2-nistp256@openssh.com" else (b"", rest)
    key, rest = take(rest)
    same, value = take(blob)
    value, tail = take(value)
    if kind in (b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com"):
        application, rest = take(rest)
        signed = hashlib.sha256(application).digest() + tail[:5] + hashlib.sha256(signed).digest()
        rest += b"" if len(tail) >= 5 else b"short"
        if not tail[:1] or not tail[0] & 1:
            raise Wrong(what + " was made by a security key that nobody touched")
        tail = tail[5:]
    elif kind != b"ssh-ed25519":
        raise Wrong(what + " is of a kind of key that is not used here")
    if curve not in (b"", b"nistp256") or rest or tail or same != kind:
        raise Wrong(what + " does not hold")
    if not (ecdsa if curve else ed25519)(key, value, signed):
        raise Wrong(what + " does not hold")
    return public


def whole(files: Files, name: str) -> bytes:
    """One file's bytes; raises Wrong if it is missing."""
    if name not in files.names:
        raise Wrong(name + " is missing")
    return b"".join(files.chunks(name))


def listing(data: bytes, name: str, digits: int) -> dict[str, str]:
    """Path to digest, from a manifest that must be exactly as it was written."""
    rows = {}
    for line in data.decode("utf-8", "replace").split("\n")[:-1]:
        rows[line[digits + 2 :]] = line[:digits]
    again = "".join(f"{digest}  {path}\n" for path, digest in sorted(rows.items())).encode()
    if again != data or not all(SAFE.fullmatch(path) for path in rows):
        raise Wrong(name + " is not in the form in which it was written")
    return rows


def compare(files: Files, rows: dict[str, str], algorithm: str) -> str:
    """Hash every listed file; raises Wrong naming those that differ."""
    wrong = []
    for path, digest in sorted(rows.items()):
        if path in files.names:
            have = hashlib.new(algorithm)
            for chunk in files.chunks(path):
                have.update(chunk)
            if have.hexdigest() != digest:
                wrong.append(path + " was changed")
        else:
            wrong.append(path + " is missing")
    if wrong:
        raise Wrong("; ".join(wrong[:20]) + (f"; and {len(wrong) - 20} more" if len(wrong) > 20 else ""))
    return f"{len(rows)} files"


def check_log(files: Files) -> str:
    """The chain of the custody log, and its tree against the checkpoint. Masked lines give only their leaf hash."""
    previous, count = "0" * 64, 0
    stack: list[bytes] = []
    for line in whole(files, "data/custody-log.jsonl").split(b"\n")[:-1]:
        entry = json.loads(line)
        leaf = bytes.fromhex(entry["leaf"]) if "leaf" in entry else hashlib.sha256(b"\0" + line).digest()
        entry = entry.get("masked", entry)
        if entry["seq"] != count or entry["prev"] != previous:
            raise Wrong(f"custody log: entry {count} does not follow from the one before")
        previous, size = leaf.hex(), count
        while size & 1:
            leaf, size = hashlib.sha256(b"\1" + stack.pop() + leaf).digest(), size >> 1
        stack.append(leaf)
        count += 1
    root = stack.pop()
    while stack:
        root = hashlib.sha256(b"\1" + stack.pop() + root).digest()
    _, number, stated, *_ = whole(files, "data/checkpoint").decode().split("\n")
    if int(number) != count or base64.b64decode(stated) != root:
        raise Wrong("custody log: it is not the one whose head was signed")
    return f"{count} entries, chained, under the signed root {root.hex()}"


def check_time(files: Files) -> str:
    """Whether each timestamp is over what it should be. Its own signature is for openssl: see verify.sh."""
    found = []
    for name in sorted(n for n in files.names if n.startswith("seal/") and n.endswith(".tsr")):
        covered = name[: -len(".tsr")].rpartition(".")[0]
        token = whole(files, name)
        if hashlib.sha256(whole(files, covered)).digest() not in token:
            raise Wrong(name + " is not over " + covered)
        moment = re.search(rb"\x18.(\d{14})", token, re.S)
        found.append(f"{name} says {moment.group(1).decode() if moment else 'no time'} UTC")
    return "; ".join(found) or "none: nobody else vouches for the time"


def check_complete(files: Files, listed: set[str]) -> str:
    """Nothing but what is listed, and all of it."""
    folders = {path[:i] for path in listed for i in range(len(path)) if path[i] == "/"}
    odd = sorted(files.odd) + sorted(files.names - listed) + sorted(files.folders - folders)
    if odd:
        raise Wrong("added: " + ", ".join(map(ascii, odd[:20])))
    if listed - files.names:
        raise Wrong("missing: " + ", ".join(sorted(listed - files.names)[:20]))
    return f"{len(listed)} files, all listed, all there"


def steps(files: Files, pinned: str) -> Iterator[tuple[str, Check]]:
    """Yield (title, check) in order; a later check may use what an earlier one found."""
    keys: list[bytes] = []
    rows: dict[str, dict[str, str]] = {}

    def sealed() -> str:
        keys.append(ssh_verify(whole(files, "seal/SEAL.sig"), whole(files, "seal/SEAL"), "seal/SEAL.sig"))
        rows["seal"] = listing(whole(files, "seal/SEAL"), "seal/SEAL", 64)
        return compare(files, rows["seal"], "sha256")

    def tagged() -> str:
        data, signature = whole(files, "tagmanifest-sha256.txt"), whole(files, "seal/tagmanifest-sha256.txt.sig")
        if ssh_verify(signature, data, "seal/tagmanifest-sha256.txt.sig") != keys[0]:
            raise Wrong("two different keys signed this bundle")
        rows["tag"] = listing(data, "tagmanifest-sha256.txt", 64)
        return compare(files, rows["tag"], "sha256")

    def contents() -> str:
        rows["all"] = listing(whole(files, "manifest-sha256.txt"), "manifest-sha256.txt", 64)
        for name in ("manifest", "tagmanifest"):
            long = listing(whole(files, name + "-sha512.txt"), name + "-sha512.txt", 128)
            if set(long) != set(rows["all" if name == "manifest" else "tag"]):
                raise Wrong(name + "-sha512.txt lists other files than " + name + "-sha256.txt")
            compare(files, long, "sha512")
        return compare(files, rows["all"], "sha256")

    def identity() -> str:
        mark = "SHA256:" + base64.b64encode(hashlib.sha256(keys[0]).digest()).decode().rstrip("=")
        if pinned and mark != pinned:
            raise Wrong(f"signed by {mark}, not by {pinned}")
        return mark + (
            " is the one you named" if pinned else ": NOT COMPARED; a key inside a bundle proves nothing, use --signer"
        )

    yield "The seal and its signature", sealed
    yield "The tag manifest and its signature", tagged
    yield "Every file, by SHA-256 and SHA-512", contents
    listed = {"seal/SEAL", "seal/SEAL.sig"}
    yield "Nothing missing, nothing added", lambda: check_complete(files, listed.union(*rows.values()))
    yield "The custody log", lambda: check_log(files)
    yield "The timestamps (their signatures: see verify.sh)", lambda: check_time(files)
    yield "Whose key it is", identity


def main(arguments: list[str]) -> int:
    """Check one bundle and print the steps; returns the exit code."""
    pinned = ""
    if "--signer" in arguments:
        at = arguments.index("--signer")
        pinned, arguments = "".join(arguments[at + 1 : at + 2]), arguments[:at] + arguments[at + 2 :]
    bundle = Path(arguments[0] if arguments else __file__ + "/..").resolve()
    if not bundle.exists():
        sys.stderr.write(f"there is no bundle at {bundle}\n")
        return 2
    bad = 0
    try:
        files = Folder(bundle) if bundle.is_dir() else Zip(bundle)
        for number, (title, check) in enumerate(steps(files, pinned), 1):
            try:
                said, mark = check(), "holds"
            except (Wrong, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
                said, mark, bad = f"{error}" or repr(error), "WRONG", bad + 1
            sys.stdout.write(f"{number}. {title}\n   {mark}: {said}\n")
    except (Wrong, ValueError, struct.error) as error:
        sys.stdout.write(f"The ZIP file itself\n   WRONG: {error}\n")
        bad = 1
    sys.stdout.write("\nThis bundle does NOT hold.\n" if bad else "\nEverything holds.\n")
    return 3 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
