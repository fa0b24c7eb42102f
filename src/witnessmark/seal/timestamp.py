"""RFC 3161 timestamps: ask an authority, check what it answers, check it again years later."""

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import certifi
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from witnessmark.case.clock import Clock, format_utc, parse_utc
from witnessmark.errors import VerificationFailed, WitnessmarkError
from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.seal.der import sorted_certificates

MAX_ANSWER = 1 << 20
_UNREADABLE = (ValueError, x509.InvalidVersion, UnsupportedAlgorithm)


class Authority(Record, frozen=True, kw_only=True):
    """Whom to ask. `ca_pem`: the root to trust; empty means the public roots that browsers use."""

    name: str
    url: str
    ca_pem: str = ""


PUBLIC_AUTHORITIES = (
    Authority(name="digicert", url="http://timestamp.digicert.com"),
    Authority(name="sectigo", url="http://timestamp.sectigo.com"),
)
"""Two unrelated operators that answer anybody. They learn a hash and your network address, nothing else."""


class TimestampClient(Protocol):
    """Sends one request. The network door implements it; tests use an authority on this machine."""

    def post(self, url: str, body: bytes, content_type: str, *, limit: int) -> bytes:
        """The body of the answer, at most `limit` bytes. Raises WitnessmarkError if there is none."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A timestamp that was checked: these bytes existed at `time`, says this authority."""

    authority: str
    time: datetime
    signer: str
    expires: datetime | None
    response: bytes
    roots: str


@dataclass(frozen=True, kw_only=True)
class Stamping:
    """What came of asking several authorities. `offsets`: our clock minus theirs, in seconds, by name."""

    tokens: tuple[Token, ...]
    problems: tuple[Problem, ...]
    offsets: tuple[tuple[str, float], ...]


def stamp(message: bytes, authorities: Sequence[Authority], client: TimestampClient, clock: Clock) -> Stamping:
    """Ask every authority in turn. One that is down, slow, or answers wrongly costs a Problem, not the seal."""
    tokens, problems, offsets = [], [], []
    for authority in authorities:
        try:
            token = _ask(message, authority, client)
        except WitnessmarkError as error:
            problems.append(_refused(authority, error))
            continue
        tokens.append(token)
        offsets.append((authority.name, (parse_utc(clock.read().t_utc) - token.time).total_seconds()))
    return Stamping(tokens=tuple(tokens), problems=tuple(problems), offsets=tuple(offsets))


def _refused(authority: Authority, error: WitnessmarkError) -> Problem:
    return Problem(
        code=ProblemCode.NETWORK,
        severity=Severity.PARTIAL,
        message=UntrustedText(f"no timestamp from {authority.name}: {error}"),
        consequence="This authority does not vouch for the time of the seal.",
        hint="`witnessmark seal --renew BUNDLE NEW` asks again; the sooner, the more the time is worth.",
    )


def _ask(message: bytes, authority: Authority, client: TimestampClient) -> Token:
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = client.post(authority.url, request.as_bytes(), "application/timestamp-query", limit=MAX_ANSWER)
    return check(answer, message, authority.ca_pem, name=authority.name, nonce=request.nonce)


def check(response: bytes, message: bytes, ca_pem: str, *, name: str, nonce: int | None = None) -> Token:
    """Return what the token says if it holds over `message` at its own time. Raises VerificationFailed otherwise."""
    try:
        ordered = sorted_certificates(response)
        decoded = decode_timestamp_response(ordered)
        embedded = [x509.load_der_x509_certificate(der) for der in sorted(decoded.signed_data.certificates)]
    except _UNREADABLE as error:
        raise VerificationFailed(f"the answer of {name} is not an RFC 3161 timestamp: {error}") from error
    if decoded.status not in (0, 1):
        raise VerificationFailed(f"{name} refused: status {decoded.status} {' '.join(decoded.status_string)}"[:300])
    if decoded.as_bytes() != ordered:
        raise VerificationFailed(f"the timestamp of {name} has bytes that do not belong there")
    roots = _roots(ca_pem, embedded)
    _verify(decoded, message, roots, nonce, name)
    info = decoded.tst_info
    signer = next((c for c in embedded if _is_timestamper(c)), None)
    return Token(
        authority=name,
        time=info.gen_time.replace(tzinfo=UTC) if info.gen_time.tzinfo is None else info.gen_time.astimezone(UTC),
        signer="" if signer is None else signer.subject.rfc4514_string(),
        expires=min((c.not_valid_after_utc for c in (*embedded, *roots)), default=None),
        response=response,
        roots="".join(c.public_bytes(Encoding.PEM).decode() for c in roots),
    )


def _verify(
    decoded: TimeStampResponse,
    message: bytes,
    roots: Sequence[x509.Certificate],
    nonce: int | None,
    name: str,
) -> None:
    # Never its `intermediates`: the library trusts those like roots. The token's own certificates complete the chain.
    builder = VerifierBuilder(roots=list(roots), intermediates=[], nonce=nonce)
    try:
        builder.build().verify_message(decoded, message)
    except (VerificationError, *_UNREADABLE) as error:
        raise VerificationFailed(f"the timestamp of {name} does not hold: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the library's Rust part gives up on some malformed certificates
            raise
        raise VerificationFailed(f"the timestamp of {name} has a malformed certificate") from error


def _is_timestamper(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage


def _roots(ca_pem: str, embedded: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The named root, or those public ones that an embedded certificate says it was issued by."""
    try:
        if ca_pem:
            return x509.load_pem_x509_certificates(ca_pem.encode())
        public = _public_roots()
    except _UNREADABLE as error:
        raise VerificationFailed(f"the authority's root certificate cannot be read: {error}") from error
    issuers = {certificate.issuer for certificate in embedded}
    found = [root for root in public if root.subject in issuers]
    if not found:
        raise VerificationFailed("the timestamp does not lead to a root that is publicly trusted")
    return found


@cache
def _public_roots() -> tuple[x509.Certificate, ...]:
    """The roots that browsers trust, without those whose form is no longer accepted."""
    begin = "-----BEGIN CERTIFICATE-----"
    roots = []
    for part in Path(certifi.where()).read_text("utf-8").split(begin)[1:]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with contextlib.suppress(Warning, *_UNREADABLE):
                roots.append(x509.load_pem_x509_certificate((begin + part).encode()))
    return tuple(roots)


def describe(token: Token) -> str:
    """One line for people."""
    until = "" if token.expires is None else f"; its certificates run until {token.expires.date().isoformat()}"
    return f"{token.authority}: {format_utc(token.time)} ({token.signer or 'signer not named'}){until}"
