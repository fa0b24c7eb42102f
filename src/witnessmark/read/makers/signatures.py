"""Organisations in the certificates with which programs, Java archives and Android packages are signed.

Nothing is verified here: a certificate says who it was made out to, and anyone can make one.
"""

import re
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.maker import MakerMark

MOST_SIGNATURE = 2 << 20
MOST_CERTIFICATES = 32
_CERTIFICATE = re.compile(rb"\x30\x82..\x30(?:\x82..|\x81.)\xa0\x03\x02\x01[\x01\x02]", re.DOTALL)
_SIGNATURE_FILE = re.compile(r"META-INF/[^/]+\.(?:RSA|DSA|EC)\Z", re.IGNORECASE)
_APK_MAGIC = b"APK Sig Block 42"
_END_OF_DIRECTORY = b"PK\x05\x06"


def is_signature_file(name: str) -> bool:
    """Whether a member's name is that of a JAR signature block."""
    return _SIGNATURE_FILE.search(name.replace("\\", "/")) is not None


def of_signature_file(blob: Blob) -> Iterator[tuple[str, MakerMark]]:
    """The signers named in a META-INF/*.RSA, *.DSA or *.EC block."""
    yield from _organisations(blob.read(0, MOST_SIGNATURE))


def of_program(blob: Blob) -> Iterator[tuple[str, MakerMark]]:
    """The signers named in a PE file's certificate table (Authenticode)."""
    header = blob.read(0, 64)
    at = int.from_bytes(header[60:64], "little")
    if len(header) < 64 or blob.read(at, 4) != b"PE\0\0":
        return
    optional = at + 24
    wide = blob.read(optional, 2) == b"\x0b\x02"
    entry = blob.read(optional + (112 if wide else 96) + 4 * 8, 8)
    offset, size = int.from_bytes(entry[:4], "little"), int.from_bytes(entry[4:], "little")
    if 0 < offset < blob.size and size > 8:
        yield from _organisations(blob.read(offset, min(size, MOST_SIGNATURE)))


def of_android_package(blob: Blob) -> Iterator[tuple[str, MakerMark]]:
    """The signers named in an APK signing block (scheme v2 and later), which stands before the ZIP directory."""
    tail_at = max(0, blob.size - 65_557)
    tail = blob.read(tail_at)
    end = tail.rfind(_END_OF_DIRECTORY)
    if end < 0 or len(tail) < end + 20:
        return
    directory = int.from_bytes(tail[end + 16 : end + 20], "little")
    if directory < 32 or blob.read(directory - 16, 16) != _APK_MAGIC:
        return
    size = int.from_bytes(blob.read(directory - 24, 8), "little")
    start = directory - size - 8
    if 0 <= start < directory:
        yield from _organisations(blob.read(start, min(size + 8, MOST_SIGNATURE)))


def _organisations(data: bytes) -> Iterator[tuple[str, MakerMark]]:
    """Organisation (else common name) of every end certificate in DER data, in order; issuers are left out."""
    starts = [match.start() for match in _CERTIFICATE.finditer(data)][:MOST_CERTIFICATES]
    if not starts:
        return
    from cryptography import x509  # imported where a signature is met: most files have none
    from cryptography.x509.oid import NameOID

    held = []
    for start in starts:
        length = int.from_bytes(data[start + 2 : start + 4], "big") + 4
        try:
            held.append(x509.load_der_x509_certificate(data[start : start + length]))
        except (ValueError, TypeError):
            continue  # looked like a certificate and is none
    issuers = {certificate.issuer for certificate in held if certificate.issuer != certificate.subject}
    for certificate in held:
        if certificate.subject in issuers:
            continue
        try:
            names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
            names = names or certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        except ValueError:
            continue  # a subject that is no name
        for name in names[:1]:
            yield str(name.value), MakerMark.SIGNATURE
