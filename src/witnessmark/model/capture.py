"""How bytes reached us: the connection, the redirects, and one act of capturing."""

from enum import StrEnum

from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.model.problem import Problem


class Tls(Record, frozen=True, kw_only=True):
    """One TLS session as negotiated. `chain` is DER, the server's own certificate first, as the server sent it."""

    version: str
    cipher: str
    alpn: str
    server_name: str
    verified: bool
    verdict: str  # "trusted by …", or the verifier's own words
    chain: tuple[bytes, ...] = ()


class Wire(Record, frozen=True, kw_only=True):
    """One connection. `answers` are all addresses the name resolved to; `ip` is the one that was used.

    Through an outgoing proxy the proxy resolves the name: then `ip` is empty and `via` names the proxy.
    """

    host: str
    port: int
    ip: str = ""
    answers: tuple[str, ...] = ()
    tls: Tls | None = None
    via: str = ""


class Hop(Record, frozen=True, kw_only=True):
    """One request that was answered with a redirect."""

    url: UntrustedText
    status: int
    location: UntrustedText
    wire: Wire
    at: str  # UTC, RFC 3339


class CaptureState(StrEnum):
    """How much of what was asked for is there."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    REFUSED = "refused"


class CaptureKind(StrEnum):
    """How it was captured."""

    PAGE = "page"  # by a browser, through the recording proxy
    PAGE_WITHOUT_BROWSER = "page-without-browser"  # the document alone, by plain HTTP
    DOWNLOAD = "download"
    IMPORTED = "imported"  # made by another tool, or by hand; provenance is what that tool recorded


class CapturedFile(Record, frozen=True, kw_only=True):
    """One file that a capture left. `role`: wacz, warc, body, original, screenshot, full-page, pdf, dom, console."""

    role: str
    name: str
    sha256: Sha256
    size: int
    media_type: str


class Capture(Record, frozen=True, kw_only=True):
    """One act of capturing: what was asked for, what answered, what was kept and what is missing.

    Times are UTC, RFC 3339. `unknown` names what an imported file does not tell. `rules` states how the page was
    driven (scrolling, settling, limits), so that another can repeat it.
    """

    id: str
    kind: CaptureKind
    state: CaptureState
    url: UntrustedText
    final_url: UntrustedText = UntrustedText("")
    status: int | None = None
    title: UntrustedText = UntrustedText("")
    started_at: str
    ended_at: str
    redirects: tuple[Hop, ...] = ()
    wire: Wire | None = None
    original_name: UntrustedText = UntrustedText("")  # of an imported file, or what a download asks to be saved as
    agent: str = ""
    browser: str = ""
    note: str = ""
    rules: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    exchanges: int = 0
    files: tuple[CapturedFile, ...] = ()
    problems: tuple[Problem, ...] = ()
