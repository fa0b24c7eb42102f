"""A certificate authority for the test site, made anew in each run."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, issuer: str, days: tuple[int, int]) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )


def make_chains(folder: Path) -> dict[str, Path]:
    """Write ca.pem and chains (key, certificate, authority): good, expired, other-name, self-signed."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ski = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = (
        _builder("Test site authority", "Test site authority", (-1, 30))
        .public_key(ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(ski, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    paths = {"ca": folder / "ca.pem"}
    paths["ca"].write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    kinds = {
        "good": ("localhost", (-1, 30)),
        "expired": ("localhost", (-30, -10)),
        "other-name": ("else.test", (-1, 30)),
    }
    for kind, (host, days) in {**kinds, "self-signed": ("localhost", (-1, 30))}.items():
        key = ec.generate_private_key(ec.SECP256R1())
        own = kind == "self-signed"
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        issuer_key = key if own else ca_key
        leaf = (
            _builder(host, host if own else "Test site authority", days)
            .public_key(key.public_key())
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )
        paths[kind] = folder / f"{kind}.pem"
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain = b"" if own else ca.public_bytes(serialization.Encoding.PEM)
        paths[kind].write_bytes(pem + leaf.public_bytes(serialization.Encoding.PEM) + chain)
    return paths
