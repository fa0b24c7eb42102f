"""The case as JSON-LD in the words of schema.org, for archives and fact-check indexes.

A finding is a Claim about a file. A ClaimReview is given only where a person reviewed it: that is what the word means.
"""

from typing import Any

import msgspec

from witnessmark.model.finding import Finding
from witnessmark.report import wording
from witnessmark.report.casefile.dossier import Dossier
from witnessmark.report.escape import terminal


def render_jsonld(dossier: Dossier) -> bytes:
    """One graph: the report, its claims, and their reviews."""
    base = f"urn:witnessmark:case:{dossier.head.id}"
    graph: list[dict[str, Any]] = [
        {
            "@id": base,
            "@type": "Report",
            "name": terminal(dossier.head.title),
            "dateModified": dossier.at,
            "about": {"@type": "Organization", "name": terminal(dossier.head.vendor or "not stated")},
            "hasPart": [{"@id": f"{base}:finding:{item.id}"} for item in dossier.findings],
            "disambiguatingDescription": "A finding says what a file contains, not that anybody used it.",
        }
    ]
    for finding in dossier.findings:
        graph += _claim(dossier, finding, base)
    return (
        msgspec.json.format(msgspec.json.encode({"@context": "https://schema.org", "@graph": graph}), indent=1) + b"\n"
    )


def _claim(dossier: Dossier, finding: Finding, base: str) -> list[dict[str, Any]]:
    name = f"{base}:finding:{finding.id}"
    origin = dossier.origin(finding)
    document: dict[str, Any] = {
        "@type": "DigitalDocument",
        "name": terminal(wording.way_in(finding.locator)),
        "identifier": f"sha256:{finding.locator.sha256 or finding.locator.top_sha256}",
    }
    if origin is not None and origin.url:
        how = f"{origin.event.type} {origin.event.t_utc}, entry {origin.event.seq} of the case's journal"
        document |= {"url": terminal(origin.url), "description": how}
    said = f"{wording.way_in(finding.locator)} contains: {finding.title}"
    claim = {
        "@id": name,
        "@type": "Claim",
        "text": terminal(said),
        "description": terminal(
            f"{finding.rationale} Innocent reading: {finding.innocent} Not shown: {finding.not_shown}"
        ),
        "appearance": document,
        "additionalType": f"urn:witnessmark:grade:{finding.grade}",
    }
    reviews = [
        {
            "@id": f"{name}:review:{number}",
            "@type": "ClaimReview",
            "itemReviewed": {"@id": name},
            "claimReviewed": terminal(said),
            "author": {"@type": "Person", "name": terminal(opinion.by)},
            "datePublished": opinion.at,
            "reviewBody": terminal(opinion.reason),
            "reviewRating": {
                "@type": "Rating",
                "alternateName": str(opinion.verdict),
                "ratingExplanation": terminal(opinion.reason),
            },
        }
        for number, opinion in enumerate(dossier.states[finding.id].opinions, 1)
    ]
    return [claim, *reviews]
