"""What the watch does in a case: note looks, capture and seal what changed, hear when the vendor was asked."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from witnessmark.capture.custody import capture_into
from witnessmark.capture.download import capture_download
from witnessmark.capture.page import Request, capture_page
from witnessmark.case import Case, open_case
from witnessmark.case.shared.pointer import NAME as SHARED
from witnessmark.errors import CaseError
from witnessmark.model.capture import Capture
from witnessmark.model.case import Contact
from witnessmark.model.evidence import Actor, EventKind, Item
from witnessmark.model.sighting import Sighting, Verdict
from witnessmark.net import Policy
from witnessmark.watch.store import Errand, WatchStore

ACTOR = Actor(name="witnessmark watch", role="automatic")
Seal = Callable[[Case, Path], object]
_SEAL_SECONDS = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, kw_only=True)
class CaseWork:
    """Errands in cases. `seal` closes a case into a new bundle in the folder `bundles`; None: not sealed."""

    store: WatchStore
    policy: Policy
    clock: Callable[[], datetime]
    browser: bool = True
    seal: Seal | None = None
    bundles: Path = field(default_factory=Path)

    def note(self, errand: Errand) -> None:
        """Record the look in the case's journal, once, with the page's bytes where they were kept."""
        sighting, reason = errand.sighting, _reason(errand)
        with open_case(Path(errand.whom), actor=ACTOR) as case:
            if _has(case, EventKind.SIGHTED, reason):
                return
            outputs: tuple[Item, ...] = ()
            body = None if sighting.digest is None else self.store.body(sighting.digest)
            if body is not None:
                outputs = (case.item(case.put(body), name=sighting.url, role="page"),)
            case.record(EventKind.SIGHTED, sighting, outputs=outputs, reason=reason)

    def capture(self, errand: Errand) -> None:
        """Capture what stands at the address now, in full, and seal the case if that was asked for."""
        reason = _reason(errand)
        with open_case(Path(errand.whom), actor=ACTOR) as case:
            taken = any(_has(case, kind, reason) for kind in (EventKind.CAPTURED, EventKind.DOWNLOADED))
            if not taken:
                capture_into(case, lambda out: self._capture(errand.sighting, out, reason))
            if self.seal is not None:
                self.bundles.mkdir(parents=True, exist_ok=True)
                name = f"{Path(errand.whom).resolve().name}-{self.clock().strftime(_SEAL_SECONDS)}-{errand.number}.zip"
                self.seal(case, self.bundles / name)

    def _capture(self, sighting: Sighting, out: Path, reason: str) -> Capture:
        target = self.store.get(sighting.url)
        reference = None if target is None else target.state.reference
        if reference is not None and not reference.is_page and sighting.verdict is not Verdict.REMOVED:
            return capture_download(sighting.url, self.policy, out, self.clock, secrets.token_bytes, note=reason)
        request = Request(url=sighting.url, policy=self.policy, without_browser=not self.browser, note=reason)
        return capture_page(request, out, self.clock, secrets.token_bytes)


def _reason(errand: Errand) -> str:
    """The same for the same look, so that nothing is noted twice when a crash came in between."""
    return f"watch: {errand.sighting.verdict} at {errand.sighting.at}, {errand.sighting.url}"[:500]


def _has(case: Case, kind: EventKind, reason: str) -> bool:
    return any(event.type is kind and event.reason == reason for event in case.events())


@dataclass(kw_only=True)
class Contacts:
    """When the vendor was last asked, from the journals of the cases; a journal is read again only when it grew."""

    known: dict[str, tuple[int, str]] = field(default_factory=dict)

    def asked(self, case: str, now: datetime) -> str:
        """The moment of the latest contact of this case that is not in the future (ISO 8601 UTC), or an empty string.

        Raises CaseError when the case cannot be read.
        """
        try:
            size = (Path(case) / "journal.jsonl").stat().st_size
        except OSError as error:
            raise CaseError(f"the case {case} cannot be read: {error.strerror}") from error
        shared = (Path(case) / SHARED).exists()  # others add to it elsewhere: only opening it tells
        if shared or self.known.get(case, (-1, ""))[0] != size:
            with open_case(Path(case), read_only=True) as opened:
                moments = [_moment(contact.sent_at or event.t_utc) for event, contact in opened.payloads(Contact)]
            self.known[case] = (
                size,
                max((at for at in moments if at <= now), default=now).isoformat() if moments else "",
            )
        return self.known[case][1]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CaseError(f"a contact has the time {text!r}, which cannot be read") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
