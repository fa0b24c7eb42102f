"""SARIF 2.1.0 for code hosts and editors."""

from typing import Any
from urllib.parse import quote

import msgspec

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Grade, Kind
from witnessmark.model.finding import Finding, ScanReport
from witnessmark.model.problem import Problem, Severity
from witnessmark.report import wording
from witnessmark.report.escape import terminal

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.NOTE: "note", Severity.PARTIAL: "warning", Severity.LOST: "error"}


def _uri(name: str) -> str:
    return quote(name.encode("utf-8", "surrogateescape"), safe="/._-~()+,=@")


class Artifacts:
    """The files of a run, each once; members of containers point to their parent (SARIF 3.24.3)."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._index: dict[tuple[str, ...], int] = {}

    def index(self, path: tuple[str, ...], sha256: str | None, top: str | None) -> int:
        """The index of the file at this path, with all its containers entered before it."""
        if path in self._index:
            return self._index[path]
        row: dict[str, Any] = {"location": {"uri": _uri(path[-1])}}
        if len(path) > 1:
            row["parentIndex"] = self.index(path[:-1], top if len(path) == 2 else None, top)
        if sha256:
            row["hashes"] = {"sha-256": sha256}
        self._index[path] = len(self.rows)
        self.rows.append(row)
        return self._index[path]


def sarif_location(where: Locator, artifacts: Artifacts, excerpt: str = "") -> dict[str, Any]:
    """A SARIF location with region, snippet and the path through containers as its logical location."""
    place: dict[str, Any] = {
        "artifactLocation": {
            "uri": _uri(where.path[-1]),
            "index": artifacts.index(where.path, where.sha256, where.top_sha256),
        }
    }
    region: dict[str, Any] = {}
    if where.line is not None:
        region["startLine"] = where.line
    if where.offset is not None:
        region["byteOffset"] = where.offset
        if where.length is not None:
            region["byteLength"] = where.length
    if region and excerpt:
        region["snippet"] = {"text": terminal(excerpt)}
    if region:
        place["region"] = region
    out: dict[str, Any] = {"physicalLocation": place}
    if len(where.path) > 1:
        out["logicalLocations"] = [{"fullyQualifiedName": terminal(wording.way_in(where)), "kind": "member"}]
    return out


def _level(finding: Finding) -> str:
    if finding.kind is Kind.ADJACENT:
        return "note"
    return "warning" if finding.grade is Grade.NAMED else "error"


def _result(finding: Finding, artifacts: Artifacts) -> dict[str, Any]:
    text = f"{finding.title}. {finding.rationale} Innocent reading: {finding.innocent}"
    out: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _level(finding),
        "message": {"text": terminal(text)},
        "locations": [sarif_location(finding.locator, artifacts, finding.excerpt)],
        "partialFingerprints": {"witnessmarkFindingId/v1": finding.id},
        "properties": {
            "kind": finding.kind,
            "grade": finding.grade,
            "capability": finding.capability,
            "protected": list(finding.protected),
            "groups": list(finding.groups),
        },
    }
    if finding.also_at:
        out["relatedLocations"] = [sarif_location(item, artifacts) for item in finding.also_at]
    return out


def _rules(findings: list[Finding]) -> list[dict[str, Any]]:
    rules: dict[str, dict[str, Any]] = {}
    for item in findings:
        rule: dict[str, Any] = {
            "id": item.rule,
            "shortDescription": {"text": wording.CAPABILITY_MEANS[item.capability]},
            "help": {"text": f"Innocent reading: {item.innocent}\nNot shown: {item.not_shown}"},
        }
        urls = [source.url for source in item.sources if source.url.startswith(("http://", "https://"))]
        if urls:
            rule["helpUri"] = urls[0].split(" ")[0]
        rules.setdefault(item.rule, rule)
    return [rules[key] for key in sorted(rules)]


def notification(problem: Problem, artifacts: Artifacts) -> dict[str, Any]:
    """A gap as a tool notification, so that a viewer shows what was not read."""
    out: dict[str, Any] = {
        "level": _LEVEL[problem.severity],
        "message": {"text": terminal(f"{problem.message} {problem.consequence}".strip())},
        "descriptor": {"id": problem.code},
    }
    if problem.locator is not None:
        out["locations"] = [sarif_location(problem.locator, artifacts)]
    return out


class Sarif:
    """One run. Problems become tool notifications, so that a viewer shows what was not read."""

    NAME = "sarif"
    MEDIA_TYPE = "application/sarif+json"
    SUFFIX = ".sarif"

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """Findings always, adjacent mentions as notes when asked for."""
        shown = [item for item in report.findings if include_adjacent or item.kind is Kind.FINDING]
        artifacts = Artifacts()
        run: dict[str, Any] = {
            "tool": {
                "driver": {
                    "name": report.tool.name,
                    "semanticVersion": report.tool.version,
                    "rules": _rules(shown),
                    "properties": {"knowledge": report.knowledge.digest},
                }
            },
            "results": [_result(item, artifacts) for item in shown],
            "invocations": [
                {
                    "executionSuccessful": True,
                    "toolExecutionNotifications": [notification(item, artifacts) for item in report.problems],
                }
            ],
            "columnKind": "unicodeCodePoints",
        }
        run["artifacts"] = artifacts.rows
        log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
        return msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n"


OUTPUT = Sarif()
