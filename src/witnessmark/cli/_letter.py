"""The letter to the vendor, from a case: names what the findings rest on and nothing else that the case holds."""

from collections.abc import Sequence

from witnessmark.case.letter import draft
from witnessmark.model.finding import Finding
from witnessmark.report.casefile.dossier import Dossier, Origin

MAX_FILES = 50


def letter(dossier: Dossier, findings: Sequence[Finding], *, sender: str, deadline: str) -> str:
    """The draft about these findings. Other files of the case stay out of it: they may point to a source."""
    files = list(dict.fromkeys(_examined(finding, dossier.origin(finding)) for finding in findings))
    return draft(dossier.head.vendor, findings, sender=sender, deadline=deadline, collected=files[:MAX_FILES])


def _examined(finding: Finding, origin: Origin | None) -> str:
    """The outermost file of a finding, as the vendor can tell it; nothing of how else the case was worked."""
    if origin is None:
        return f"{finding.locator.path[0]}, {finding.locator.top_sha256 or finding.locator.sha256 or 'no digest'}"
    when = f" ({origin.event.type} {origin.event.t_utc[:10]})" if origin.url else ""
    return f"{origin.url or origin.item.name or origin.item.role}{when}, {origin.item.digest}"
