"""A server on another machine is spoken to only over TLS, and only if its certificate is the right one."""

import datetime
import ipaddress
import os
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from case.shared.conftest import Newsroom
from witnessmark.errors import NetworkFailed, UsageError
from witnessmark.net import postgres
from witnessmark.net.objects import Objects
from witnessmark.net.postgres import Database


def certificate(address: str) -> tuple[bytes, bytes]:
    """A certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "newsroom")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


def switch_on(newsroom: Newsroom, public: bytes, private: bytes) -> None:
    data = newsroom.server.folder / "data"
    owner = data.stat()
    for name, content in (("server.crt", public), ("server.key", private)):
        (data / name).write_bytes(content)
        (data / name).chmod(0o600)
        os.chown(data / name, owner.st_uid, owner.st_gid)
    administer(newsroom, "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.5)")


def administer(newsroom: Newsroom, *statements: str) -> None:
    with closing(newsroom.server.database("root_of_all", "postgres")) as database:
        for statement in statements:
            database.run(statement)


def test_a_server_elsewhere_is_reached_over_tls_with_the_right_certificate_only(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    public, private = certificate("127.0.0.1")
    (tmp_path / "right.pem").write_bytes(public)
    (tmp_path / "other.pem").write_bytes(certificate("127.0.0.1")[0])

    def version(authority: str) -> str:
        environment = {"PGUSER": "anna", "PGSSLROOTCERT": str(tmp_path / authority)}
        with closing(Database(newsroom.journal, environment, timeout=20)) as database:
            (row,) = database.run("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl")
            return str(row[0])

    monkeypatch.setattr(postgres, "is_here", lambda host: False)  # as if 127.0.0.1 were far away
    with pytest.raises(NetworkFailed, match="refuses SSL"):  # a server without TLS: not in the clear, then
        version("right.pem")
    monkeypatch.undo()
    switch_on(newsroom, public, private)
    try:
        monkeypatch.setattr(postgres, "is_here", lambda host: False)
        assert version("right.pem").startswith("TLSv1.")
        with pytest.raises(NetworkFailed, match="certificate"):
            version("other.pem")
        monkeypatch.undo()
        switch_on(newsroom, *certificate("127.0.0.2"))
        monkeypatch.setattr(postgres, "is_here", lambda host: False)
        (tmp_path / "right.pem").write_bytes((newsroom.server.folder / "data/server.crt").read_bytes())
        with pytest.raises(NetworkFailed, match="certificate"):  # a good one, but of another server
            version("right.pem")
    finally:
        monkeypatch.undo()
        administer(newsroom, "ALTER SYSTEM RESET ssl", "SELECT pg_reload_conf()")


def test_a_store_elsewhere_is_not_spoken_to_in_the_clear() -> None:
    if not os.environ.get("CI"):  # there the extra packages must be installed
        pytest.importorskip("s3fs")
    with pytest.raises(UsageError, match="not encrypted"):
        Objects("s3://bucket/cases", {"AWS_ENDPOINT_URL": "http://store.example.org"})
    Objects("s3://bucket/cases", {"AWS_ENDPOINT_URL": "https://store.example.org"})
    Objects("s3://bucket/cases", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"})
