"""TLS towards a server: what was negotiated, and what its certificates say, good or bad."""

import socket
import ssl
from pathlib import Path

import certifi

from witnessmark.errors import NetworkFailed
from witnessmark.model.capture import Tls


class CertificateRefused(NetworkFailed):
    """The server's certificate does not hold. `tls` has the chain it sent, so that it can be kept and shown."""

    def __init__(self, message: str, tls: Tls | None) -> None:
        super().__init__(message, kind="tls", hint="--insecure goes on and records that the check failed")
        self.tls = tls


def verifying_context(ca_file: Path | None, alpn: tuple[str, ...]) -> ssl.SSLContext:
    """The system's trust store (certifi's where there is none), plus the user's own authority if given."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.set_alpn_protocols(list(alpn))
    return context


def trusting_context(alpn: tuple[str, ...]) -> ssl.SSLContext:
    """Accept any certificate: used only to look at a bad one, or when the user said `--insecure`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(alpn))
    return context


def wrap(sock: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    """Shake hands. A close without TLS's own farewell is reported as an error later, since it may hide a cut body."""
    return context.wrap_socket(sock, server_hostname=host.rstrip("."), suppress_ragged_eofs=False)


def facts(sock: ssl.SSLSocket, host: str, *, verified: bool, verdict: str) -> Tls:
    """What this session is, for the record."""
    cipher = sock.cipher()
    return Tls(
        version=sock.version() or "",
        cipher=cipher[0] if cipher else "",
        alpn=sock.selected_alpn_protocol() or "",
        server_name=host,
        verified=verified,
        verdict=verdict,
        chain=_chain(sock),
    )


def _chain(sock: ssl.SSLSocket) -> tuple[bytes, ...]:
    """The chain as sent. Public from Python 3.13; before that only OpenSSL's own object has it."""
    if hasattr(sock, "get_unverified_chain"):
        return tuple(sock.get_unverified_chain())
    inner = getattr(sock, "_sslobj", None)
    if inner is not None and hasattr(inner, "get_unverified_chain"):
        return tuple(ssl.PEM_cert_to_DER_cert(c.public_bytes()) for c in inner.get_unverified_chain() or ())
    only = sock.getpeercert(binary_form=True)
    return (only,) if only else ()
