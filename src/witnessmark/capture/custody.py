"""Put a finished capture into a case: its files as blobs, its record and one event in the journal."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from witnessmark.case import Case
from witnessmark.case.host import this_host
from witnessmark.model.capture import Capture, CaptureKind, Wire
from witnessmark.model.evidence import Event, EventKind, HostFacts, Item, NetworkFacts
from witnessmark.model.fact import Sha256

_EVENTS = {CaptureKind.DOWNLOAD: EventKind.DOWNLOADED, CaptureKind.IMPORTED: EventKind.IMPORTED}


def capture_into(case: Case, make: Callable[[Path], Capture], *, purpose: str = "") -> tuple[Capture, Event]:
    """Let `make` capture into a workspace of the case, then keep and record what it made.

    If it dies in between, the case keeps what was there as partial evidence. Raises CaseError, and what `make` raises.
    """
    case.must_allow(EventKind.CAPTURED)
    with case.workspace("capture") as folder:
        capture = make(folder)
        items: list[Item] = []
        for file in capture.files:
            digest = case.keep(folder / file.name)
            items.append(case.item(digest, name=file.name, media_type=file.media_type, role=file.role))
        event = case.record(
            _EVENTS.get(capture.kind, EventKind.CAPTURED),
            capture,
            outputs=items,
            network=network_facts(capture),
            host=_host(capture),
            errors=capture.problems,
            reason=capture.note,
            purpose=purpose or case.head.purpose,
        )
    return capture, event


def network_facts(capture: Capture) -> NetworkFacts:
    """The capture's connection in the journal's words."""
    wire = capture.wire or Wire(host="", port=0)
    tls = wire.tls
    return NetworkFacts(
        requested_url=capture.url,
        final_url=capture.final_url,
        redirects=tuple(hop.url for hop in capture.redirects),
        status=capture.status,
        dns=wire.answers,
        server=f"{wire.ip}:{wire.port}" if wire.ip else "",
        proxy=wire.via,
        tls_version=tls.version if tls else "",
        tls_cipher=tls.cipher if tls else "",
        tls_chain=tuple(Sha256(hashlib.sha256(der).hexdigest()) for der in tls.chain) if tls else (),
        tls_verdict=tls.verdict if tls else "",
    )


def _host(capture: Capture) -> HostFacts:
    host = this_host()
    return HostFacts(
        system=host.system,
        machine=host.machine,
        python=host.python,
        browser=capture.browser,
        user_agent=capture.agent,
    )
