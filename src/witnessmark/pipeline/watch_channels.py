"""Tell somebody: by mail, webhook, ntfy, on the desktop, or through a program of the user's."""

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from witnessmark.errors import NetworkFailed, UsageError, WitnessmarkError
from witnessmark.net import Policy, fetch
from witnessmark.net.mail import MailServer, send_mail, server_from_environment
from witnessmark.report.escape import lines, terminal
from witnessmark.sandbox.tool import run_tool
from witnessmark.watch.telling import Message, as_json

CHANNELS = "mailto:desk@news.example, https://hooks.example/…, ntfy://ntfy.sh/TOPIC, desktop: or command:PROGRAM"


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What telling may use."""

    policy: Policy
    mail: Callable[[], MailServer] = server_from_environment


def check_channel(channel: str) -> str:
    """The channel itself. Raises UsageError for one that cannot be used."""
    scheme, _, rest = channel.partition(":")
    known = scheme in ("mailto", "https", "http", "ntfy", "ntfy+http", "desktop", "command")
    if not known or (scheme != "desktop" and not rest.strip("/ ")):
        raise UsageError(f"{channel!r} is no way to tell somebody", hint=f"For example {CHANNELS}.")
    if scheme == "mailto":
        server_from_environment()
    return channel


def masked(channel: str) -> str:
    """The channel without what may be secret: a webhook's path is often its password."""
    scheme, _, rest = channel.partition(":")
    return f"{scheme}://{urlsplit(channel).hostname}/…" if scheme in ("http", "https") else terminal(f"{scheme}:{rest}")


def tell(channel: str, message: Message, sending: Sending) -> None:
    """Hand the message over. Raises WitnessmarkError when it was not taken."""
    scheme, _, rest = channel.partition(":")
    text = "\n".join(lines(message.text))
    subject = terminal(message.subject)
    if scheme == "mailto":
        send_mail(sending.mail(), unquote(rest), subject, text, mark=message.mark, offline=sending.policy.offline)
    elif scheme in ("http", "https"):
        _post(channel, as_json(message), {"Content-Type": "application/json"}, message.mark, sending.policy)
    elif scheme.startswith("ntfy"):
        title = subject.encode("ascii", "replace").decode()
        headers = {"Content-Type": "text/plain; charset=utf-8", "Title": title[:200]}
        where = f"{'http' if scheme.endswith('+http') else 'https'}:{rest}"
        _post(where, text.encode("utf-8", "replace")[:3_900], headers, message.mark, sending.policy)
    elif scheme == "desktop":
        _notify(subject, text)
    elif scheme == "command":
        _run(shlex.split(rest), as_json(message))
    else:
        raise UsageError(f"{channel!r} is no way to tell somebody", hint=f"For example {CHANNELS}.")


def _post(url: str, body: bytes, headers: dict[str, str], mark: str, policy: Policy) -> None:
    response = fetch(url, method="POST", body=body, headers={**headers, "Idempotency-Key": mark}, policy=policy)
    if not 200 <= response.status < 300:
        raise NetworkFailed(f"{urlsplit(url).hostname} answered {response.status}", kind="protocol")


# How a program finds the desktop of whoever is logged in; and a locale in which notify-send takes any script.
_DESKTOP = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "WAYLAND_DISPLAY", "XAUTHORITY")


def _notify(subject: str, text: str) -> None:
    """Show it on the desktop. Notification servers read the text as markup, so what a page says is escaped."""
    desktop = {name: os.environ[name] for name in _DESKTOP if name in os.environ}
    arguments = ["notify-send", "--app-name=witnessmark", "--urgency=critical", "--"]
    body = text[:500].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    _run([*arguments, subject[:200], body], b"", {**desktop, "LC_ALL": "C.UTF-8"})


def _run(arguments: list[str], data: bytes, environment: Mapping[str, str] | None = None) -> None:
    done = run_tool(arguments, stdin=data, environment=environment)
    if done.status != 0:
        raise WitnessmarkError(f"{arguments[0]} ended with {done.status}: {done.errors[:200]}")
