"""Send one short mail through the user's own mail server.

The server is named by the user, so it may stand on this machine or in a private network.
"""

import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from witnessmark.errors import NetworkFailed, NetworkRefused, UsageError

SERVER_VARIABLE = "WITNESSMARK_SMTP"
SENDER_VARIABLE = "WITNESSMARK_MAIL_FROM"


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """`smtps` speaks TLS from the start; `smtp` asks for STARTTLS, without which no password is sent."""

    host: str
    port: int
    secure: bool
    user: str = ""
    password: str = ""
    sender: str = "witnessmark@localhost"
    timeout: float = 30.0


def server_from(address: str, sender: str = "") -> MailServer:
    """Read `smtp://user:password@host:port` or `smtps://…`. Raises UsageError for anything else."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise UsageError("the mail server's address cannot be read", hint=f"Set {SERVER_VARIABLE}.") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise UsageError(
            "no mail server is named", hint=f"Set {SERVER_VARIABLE}=smtps://user:password@mail.example.org:465."
        )
    user = unquote(parts.username or "")
    return MailServer(
        host=parts.hostname,
        port=port or (465 if parts.scheme == "smtps" else 25),
        secure=parts.scheme == "smtps",
        user=user,
        password=unquote(parts.password or ""),
        sender=sender or (user if "@" in user else "witnessmark@localhost"),
    )


def server_from_environment() -> MailServer:
    """The server named in the environment, where other users of the machine cannot read its password."""
    return server_from(os.environ.get(SERVER_VARIABLE, ""), os.environ.get(SENDER_VARIABLE, ""))


def send_mail(server: MailServer, to: str, subject: str, text: str, *, mark: str, offline: bool = False) -> None:
    """Hand one mail to the server. `mark` makes its Message-ID: sent again, it is known as the same mail.

    Raises NetworkRefused when offline, NetworkFailed when the server does not take it, UsageError for a bad address.
    """
    if offline:
        raise NetworkRefused("offline: no mail is sent")
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = server.sender, to, " ".join(subject.split())
        message["Message-ID"] = f"<{mark}@witnessmark.invalid>"
    except ValueError as error:
        raise UsageError(f"{to!r} is no mail address") from error
    message.set_content(text)
    try:
        _deliver(server, message)
    except (smtplib.SMTPException, OSError) as error:
        kind = "tls" if isinstance(error, ssl.SSLError) else "timeout" if isinstance(error, TimeoutError) else "connect"
        raise NetworkFailed(
            f"{server.host} did not take the mail: {type(error).__name__}: {error}", kind=kind
        ) from error


def _deliver(server: MailServer, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    if server.secure:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    with connection:
        if not server.secure:
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=context)
            elif server.user:
                raise smtplib.SMTPNotSupportedError("no STARTTLS: the password is not sent in the clear")
        if server.user:
            connection.login(server.user, server.password)
        connection.send_message(message)
