"""Where the official files are, and how they are asked for again: with the validators of the version that we hold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from witnessmark.model.screening import ListHeader
from witnessmark.screen.intake import Arrival, Taken, take_in
from witnessmark.screen.loader import MOST_BYTES, ListRefused
from witnessmark.screen.store import ListStore


class Answer(Protocol):
    """What we need of an HTTP answer (`witnessmark.net.Response` has it)."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def complete(self) -> bool:
        """Whether all of the body came."""
        ...

    def header(self, name: str) -> str | None:
        """A header's value."""
        ...

    def content(self) -> bytes:
        """The decoded body."""
        ...


Fetch = Callable[[str, dict[str, str]], Answer]


@dataclass(frozen=True)
class Updated:
    """One list after an update: `state` is new, unchanged, refused or no-download."""

    list: str
    state: str
    says: str
    taken: tuple[Taken, ...] = ()
    body: bytes = b""
    url: str = ""


def update(
    header: ListHeader, *, store: ListStore, headers: tuple[ListHeader, ...], fetch: Fetch, now: datetime
) -> Updated:
    """Ask the publisher for one list and take it in. What the publisher sent never raises: a refusal is a result."""
    if not header.download:
        return Updated(header.id, "no-download", f"published as a page or PDF only: {header.url}; use `lists import`")
    url = header.download.replace("{date}", now.date().isoformat())
    versions = store.versions(header.id)
    ask: dict[str, str] = {}
    if versions and versions[-1].etag:
        ask["If-None-Match"] = versions[-1].etag
    elif versions and versions[-1].last_modified:
        ask["If-Modified-Since"] = versions[-1].last_modified
    answer = fetch(url, ask)
    if answer.status == 304:
        return Updated(header.id, "unchanged", "the publisher says it has not changed", url=url)
    if answer.status != 200:
        return Updated(
            header.id,
            "refused",
            f"the publisher answered with status {answer.status}; the stored version stays",
            url=url,
        )
    if not answer.complete:
        return Updated(header.id, "refused", "the answer broke off; the stored version stays; try again", url=url)
    body = answer.content()
    if len(body) > MOST_BYTES:
        return Updated(header.id, "refused", f"larger than {MOST_BYTES} bytes; the stored version stays", url=url)
    try:
        arrival = Arrival(
            now, url, etag=answer.header("etag") or "", last_modified=answer.header("last-modified") or ""
        )
        only = "" if header.id == "csl" else header.id
        taken = take_in(body, arrival, store=store, headers=headers, list_id=only, fmt=header.format)
    except ListRefused as error:
        return Updated(header.id, "refused", f"{error}; the stored version stays", body=body, url=url)
    new = any(row.is_new for row in taken)
    return Updated(
        header.id,
        "new" if new else "unchanged",
        ", ".join(f"{row.version.list}: {row.version.entries}" for row in taken),
        taken,
        body,
        url,
    )
