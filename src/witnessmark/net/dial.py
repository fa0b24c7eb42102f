"""Open a connection to a checked address, and only to that one.

The name is resolved once, every answer is checked, and we connect to the checked *address*: a name that answers
differently a moment later (DNS rebinding) changes nothing.
"""

import socket
import ssl
import threading
from dataclasses import dataclass

from witnessmark.errors import NetworkFailed, NetworkRefused
from witnessmark.model.capture import Tls, Wire
from witnessmark.net import outgoing_proxy, session
from witnessmark.net.address_bar import Target
from witnessmark.net.addresses import refusal
from witnessmark.net.policy import Policy

_MAX_ANSWERS = 16


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An open socket (TLS where the scheme asks for it) and the facts about it."""

    sock: socket.socket
    wire: Wire


def dial(target: Target, policy: Policy, *, alpn: tuple[str, ...] = ("http/1.1",)) -> Connection:
    """Connect to the target's host.

    Raises NetworkRefused for addresses we do not go to, CertificateRefused (a NetworkFailed) for a certificate that
    does not hold, NetworkFailed when nothing answers.
    """
    if policy.offline:
        raise NetworkRefused(
            "offline: the network is not used", hint="unset WITNESSMARK_OFFLINE or leave out --offline"
        )
    sock, wire = _connect(target, policy)
    if not target.secure:
        return Connection(sock=sock, wire=wire)
    try:
        secured, tls = _secure(sock, target.host, policy, alpn)
    except _Distrusted as distrusted:
        sock.close()
        return _despite(target, policy, alpn, distrusted.args[0])
    except (OSError, ssl.SSLError) as error:
        sock.close()
        kind = "timeout" if isinstance(error, TimeoutError) else "tls"
        raise NetworkFailed(f"{target.host}: no TLS session ({error})", kind=kind) from error
    return Connection(sock=secured, wire=_with_tls(wire, tls))


class _Distrusted(Exception):
    """The verifier said no; its words are the first argument."""


def _secure(sock: socket.socket, host: str, policy: Policy, alpn: tuple[str, ...]) -> tuple[ssl.SSLSocket, Tls]:
    try:
        secured = session.wrap(sock, session.verifying_context(policy.ca_file, alpn), host)
    except ssl.SSLCertVerificationError as error:
        raise _Distrusted(error.verify_message or str(error)) from error
    by = "the system's trust store" + (" and the given authority" if policy.ca_file else "")
    return secured, session.facts(secured, host, verified=True, verdict=f"trusted by {by}")


def _despite(target: Target, policy: Policy, alpn: tuple[str, ...], reason: str) -> Connection:
    """Look at the bad certificate over a second connection; go on over it only if the user said so."""
    sock, wire = _connect(target, policy)
    try:
        secured = session.wrap(sock, session.trusting_context(alpn), target.host)
    except (OSError, ssl.SSLError) as error:
        sock.close()
        raise session.CertificateRefused(f"{target.host}: {reason}", None) from error
    tls = session.facts(secured, target.host, verified=False, verdict=reason)
    if not policy.insecure:
        secured.close()
        raise session.CertificateRefused(f"{target.host}: the certificate does not hold: {reason}", tls)
    return Connection(sock=secured, wire=_with_tls(wire, tls))


def _with_tls(wire: Wire, tls: Tls) -> Wire:
    return Wire(host=wire.host, port=wire.port, ip=wire.ip, answers=wire.answers, tls=tls, via=wire.via)


def _connect(target: Target, policy: Policy) -> tuple[socket.socket, Wire]:
    if policy.proxy:
        _check_literal(target, policy)
        sock, via = outgoing_proxy.connect(target, policy)
        return sock, Wire(host=target.host, port=target.port, via=via)
    answers = resolve(target.host, target.port, policy.limits.connect_seconds)
    allowed = _permitted(target, answers, policy)
    last: OSError | None = None
    for ip in allowed:
        try:
            sock = socket.create_connection((ip, target.port), timeout=policy.limits.connect_seconds)
        except OSError as error:
            last = error
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(policy.limits.idle_seconds)
        return sock, Wire(host=target.host, port=target.port, ip=ip, answers=answers)
    kind = "timeout" if isinstance(last, TimeoutError) else "connect"
    raise NetworkFailed(f"{target.host}:{target.port} does not answer ({last})", kind=kind) from last


def resolve(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """All addresses of a name, in the resolver's order. The system's resolver has no time limit, so a thread waits."""
    found: list[str] = []
    failure: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure.append(error)
        else:
            found.extend(dict.fromkeys(str(info[4][0]) for info in infos))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise NetworkFailed(f"{host}: the name does not resolve ({failure[0]})", kind="dns") from failure[0]
    if not found:
        raise NetworkFailed(f"{host}: the name did not resolve within {seconds:g} s", kind="dns")
    return tuple(found[:_MAX_ANSWERS])


def _permitted(target: Target, answers: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    if policy.allows(target.host, target.port):
        return answers
    refused = {ip: refusal(ip) for ip in answers}
    good = tuple(ip for ip in answers if not refused[ip])
    if not good:
        ip, why = next(iter(refused.items()))
        raise NetworkRefused(
            f"{target.host} is {ip}, {why}: not fetched",
            hint=f"if that is meant, allow it by name: --allow-host {target.host}:{target.port}",
        )
    return good


def _check_literal(target: Target, policy: Policy) -> None:
    """Through a proxy we do not resolve names, but an address written out (or `localhost`) is still ours to refuse."""
    local = target.host == "localhost" or target.host.endswith(".localhost")
    is_address = ":" in target.host or target.host.replace(".", "").isdigit()
    why = "this machine" if local else refusal(target.host) if is_address else ""
    if why and not policy.allows(target.host, target.port):
        raise NetworkRefused(f"{target.host} is {why}: not fetched", hint="allow it by name with --allow-host")
