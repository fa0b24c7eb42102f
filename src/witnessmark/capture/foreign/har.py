"""HAR, the log that browsers' developer tools save."""

from pathlib import Path

import msgspec

from witnessmark.capture.foreign.facts import Facts
from witnessmark.model.problem import ProblemCode

_MAX_BYTES = 1 << 30


class _Named(msgspec.Struct):
    name: str = ""
    version: str = ""


class _Request(msgspec.Struct):
    url: str = ""


class _Content(msgspec.Struct):
    text: str | None = None
    size: float = -1


class _Response(msgspec.Struct):
    status: float = 0
    content: _Content = msgspec.field(default_factory=_Content)


class _Entry(msgspec.Struct):
    request: _Request
    startedDateTime: str = ""
    serverIPAddress: str = ""
    response: _Response = msgspec.field(default_factory=_Response)


class _Page(msgspec.Struct):
    title: str = ""


class _Log(msgspec.Struct):
    entries: list[_Entry]
    creator: _Named | None = None
    browser: _Named | None = None
    pages: list[_Page] = []


class _Har(msgspec.Struct):
    log: _Log


def read_har(path: Path) -> Facts:
    """Addresses, times, program and how many bodies are really in it."""
    facts = Facts(
        kind="HAR",
        unknown=("the bytes on the wire: a HAR has headers and bodies after the browser decoded them",),
    )
    if path.stat().st_size > _MAX_BYTES:
        facts.problem(ProblemCode.BOUND_BYTES, "the HAR is larger than a gigabyte", "it was not read, only kept")
        return facts
    try:
        log = msgspec.json.decode(path.read_bytes().removeprefix(b"\xef\xbb\xbf"), type=_Har).log
    except (msgspec.DecodeError, RecursionError) as error:
        facts.problem(ProblemCode.CORRUPT, f"the HAR cannot be read: {str(error)[:200]}", "it was only kept")
        return facts
    facts.software = " ".join(f"{n.name} {n.version}".strip() for n in (log.creator, log.browser) if n)[:200]
    facts.title = log.pages[0].title[:500] if log.pages else ""
    for entry in log.entries:
        facts.exchanges += 1
        facts.add_url(entry.request.url[:2_000])
        facts.server_addresses += bool(entry.serverIPAddress)
        if entry.startedDateTime:
            facts.dates.append(entry.startedDateTime[:40])
    facts.status = int(log.entries[0].response.status) if log.entries else None
    empty = sum(e.response.content.text is None and e.response.content.size > 0 for e in log.entries)
    if empty:
        facts.problem(ProblemCode.TRUNCATED, f"{empty} answers have no body in the HAR", "their content is not known")
    return facts
