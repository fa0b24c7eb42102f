"""Small files that name a maker: signed and unsigned programs, archives and packages, all made here."""

import io
import struct
import zipfile
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID


def certificate(organisation: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate made out to an organisation by an issuer of another name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, "code signing"),
        ]
    )
    issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Certification Ltd")])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return built, key


def signature_block(organisation: str) -> bytes:
    """A PKCS #7 signature as in META-INF/CERT.EC or a PE certificate table."""
    signer, key = certificate(organisation)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"x").add_signer(signer, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [])


def program(company: str = "", signer: str = "") -> bytes:
    """A PE file of nothing but headers, version information and a certificate table."""
    version = b""
    if company:
        version = "CompanyName\0".encode("utf-16-le")
        version += b"\0" * (-(512 + len(version)) % 4) + (company + "\0").encode("utf-16-le")
    body = version.ljust(1024, b"\0")
    table = signature_block(signer) if signer else b""
    security = struct.pack("<II", 512 + len(body), len(table) + 8) if table else b"\0" * 8
    optional = b"\x0b\x02" + b"\0" * 110 + b"\0" * 32 + security
    headers = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0" + b"\x64\x86" + b"\0" * 18 + optional
    wrapped = struct.pack("<IHH", len(table) + 8, 0x0200, 2) + table if table else b""
    return headers.ljust(512, b"\0") + body + wrapped


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def android_package(signer: str) -> bytes:
    """A ZIP file with an APK signing block (scheme v2) before its directory."""
    plain = archive({"classes.dex": b"dex"})
    at = plain.index(b"PK\x01\x02")
    signed, _ = certificate(signer)
    value = signed.public_bytes(Encoding.DER)
    pair = struct.pack("<QI", len(value) + 4, 0x7109871A) + value
    size = len(pair) + 24
    block = struct.pack("<Q", size) + pair + struct.pack("<Q", size) + b"APK Sig Block 42"
    end = bytearray(plain[at:])
    eocd = end.index(b"PK\x05\x06")
    end[eocd + 16 : eocd + 20] = struct.pack("<I", at + len(block))
    return plain[:at] + block + bytes(end)
