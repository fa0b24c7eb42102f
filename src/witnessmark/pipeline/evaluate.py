"""Measure the rules on labelled files: how often a finding is right, how often one is missed, and where.

The manifest is JSON lines; each row has `file`, `label` (positive, adjacent, negative), `vendor`, `family`,
`capability` and `evidence` (a list of `{line}` or `{offset}`). `adjacent` counts against a finding, as `negative` does.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from witnessmark.errors import UsageError, WitnessmarkError
from witnessmark.knowledge import Knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Grade, Kind, Record, Sha256
from witnessmark.model.finding import Finding
from witnessmark.model.problem import ProblemCode
from witnessmark.pipeline.options import ScanOptions
from witnessmark.pipeline.scanning import scan

Z = 1.959964
NEAR_BYTES = 64
"""A reported offset counts as right when it is this near to a labelled one: labels name the start of a word."""


class EvidencePlace(msgspec.Struct, frozen=True):
    """One labelled place: a line of a text, or a byte of a binary file."""

    line: int | None = None
    offset: int | None = None


class Labelled(msgspec.Struct, frozen=True):
    """One row of a manifest; other fields are ignored."""

    file: str
    label: str
    vendor: str | None = None
    family: str | None = None
    capability: str | None = None
    evidence: tuple[EvidencePlace, ...] = ()


class Rate(Record, frozen=True, kw_only=True):
    """A share with its 95 % Wilson interval."""

    right: int
    of: int
    share: float
    low: float
    high: float


class Scores(Record, frozen=True, kw_only=True):
    """Precision, recall and F1 over some files."""

    name: str
    files: int
    precision: Rate
    recall: Rate
    f1: float


class Judged(Record, frozen=True, kw_only=True):
    """What was said of one labelled file."""

    file: str
    label: str
    said: str  # "finding", "adjacent" or "nothing"
    vendor: str
    family: str
    capability: str
    grade: Grade | None = None
    rules: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    on_evidence: bool | None = None  # None: nothing is labelled, or nothing was reported
    claims: int = 0
    claims_on_evidence: int = 0


class Evaluation(Record, frozen=True, kw_only=True):
    """The whole measurement."""

    overall: Scores
    by_vendor: tuple[Scores, ...]
    by_family: tuple[Scores, ...]
    by_capability: tuple[Scores, ...]
    family_macro_recall: float
    family_macro_precision: float
    kind: Rate  # files of which exactly the labelled kind was said
    place: Rate  # positive files found, where a reported place is a labelled one
    claims: Rate  # single findings in positive files, where a reported place is a labelled one
    adjacent_as_finding: int
    adjacent_as_wired: int
    missed: tuple[Judged, ...]
    false_alarms: tuple[Judged, ...]
    misplaced: tuple[Judged, ...]
    files: tuple[Judged, ...]
    knowledge: Sha256
    held_out: str = ""


def evaluate(
    manifest: Path, folder: Path, knowledge: Knowledge, *, leave_out: str = "", options: ScanOptions | None = None
) -> Evaluation:
    """Scan every labelled file and compare. `leave_out`: a vendor whose own rules and names are not used, and whose
    files alone are measured; `each`: every vendor in turn. Raises UsageError on a bad manifest or a missing file.
    """
    rows = read_manifest(manifest)
    if leave_out == "each":
        vendors = sorted({row.vendor for row in rows if row.vendor})
        judged = [
            each
            for vendor in vendors
            for each in _judge(_of(rows, vendor), folder, without(knowledge, vendor), options)
        ]
        judged += _judge([row for row in rows if not row.vendor], folder, knowledge, options)
    elif leave_out:
        judged = _judge(_of(rows, leave_out), folder, without(knowledge, leave_out), options)
        if not judged:
            raise UsageError(f"no file in the manifest is of the vendor {leave_out!r}")
    else:
        judged = _judge(rows, folder, knowledge, options)
    return _summed(judged, knowledge.digest, leave_out)


def read_manifest(path: Path) -> tuple[Labelled, ...]:
    """The labelled files. Raises UsageError naming the line that is wrong."""
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                rows.append(msgspec.json.decode(line, type=Labelled))
            except msgspec.MsgspecError as error:
                raise UsageError(f"{path}, line {number}: {error}") from error
    return tuple(rows)


def without(knowledge: Knowledge, vendor: str) -> Knowledge:
    """The same knowledge minus what is this vendor's own: its rules and the names of its interfaces."""
    digest = hashlib.sha256(f"{knowledge.digest}\0without\0{vendor}".encode()).hexdigest()
    return Knowledge(
        terms=tuple(term for term in knowledge.terms if term.vendor != vendor),
        cues=knowledge.cues,
        signals=tuple(rule for rule in knowledge.signals if rule.vendor != vendor),
        law=knowledge.law,
        conditions=knowledge.conditions,
        concept_sets=knowledge.concept_sets,
        own=knowledge.own,
        digest=Sha256(digest),
        without=(*knowledge.without, vendor),
    )


def _of(rows: Iterable[Labelled], vendor: str) -> list[Labelled]:
    return [row for row in rows if row.vendor == vendor]


def _judge(rows: Sequence[Labelled], folder: Path, knowledge: Knowledge, options: ScanOptions | None) -> list[Judged]:
    missing = [row.file for row in rows if not (folder / row.file).is_file()]
    if missing:
        raise UsageError(f"{missing[0]} is in the manifest but not in {folder}")
    if not rows:
        return []
    report = scan([str(folder / row.file) for row in rows], knowledge, options)
    unread = [item for item in report.problems if item.code in (ProblemCode.WORKER_DIED, ProblemCode.UNREADABLE)]
    if unread:
        raise WitnessmarkError(
            f"{len(unread)} of the labelled files could not be read, first: {unread[0].message}",
            hint="Figures without them would be wrong. Scan that file by itself to see why.",
        )
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.locator.path[0]].append(finding)
    return [_judged(row, found[row.file]) for row in rows]


def _judged(row: Labelled, found: Sequence[Finding]) -> Judged:
    findings = [each for each in found if each.kind is Kind.FINDING]
    shown = findings or list(found)
    on_evidence = [any(_labelled(place, row) for place in (each.locator, *each.also_at)) for each in findings]
    return Judged(
        file=row.file,
        label=row.label,
        said="finding" if findings else "adjacent" if found else "nothing",
        vendor=row.vendor or "none",
        family=row.family or "none",
        capability=row.capability or "none",
        grade=max((each.grade for each in findings), key=lambda grade: grade.rank, default=None),
        rules=tuple(sorted({each.rule for each in shown})),
        places=tuple(_spoken(each.locator) for each in shown[:6]),
        on_evidence=any(on_evidence) if findings and row.evidence else None,
        claims=len(findings),
        claims_on_evidence=sum(on_evidence),
    )


def _labelled(place: Locator, row: Labelled) -> bool:
    for evidence in row.evidence:
        if evidence.line is not None and place.line == evidence.line:
            return True
        offsets = evidence.offset is not None and place.offset is not None and evidence.line is None
        if offsets and abs((place.offset or 0) - (evidence.offset or 0)) <= NEAR_BYTES:
            return True
    return False


def _spoken(place: Locator) -> str:
    return f"line {place.line}" if place.line is not None else f"byte {place.offset}"


def rate(right: int, of: int) -> Rate:
    """A share with its 95 % Wilson interval; of nothing, the share is 1 and the interval says nothing is known."""
    if of == 0:
        return Rate(right=0, of=0, share=1.0, low=0.0, high=1.0)
    share = right / of
    centre = share + Z * Z / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    scale = 1 + Z * Z / of
    low, high = max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
    return Rate(right=right, of=of, share=round(share, 4), low=round(low, 4), high=round(high, 4))


def _scores(name: str, judged: Sequence[Judged]) -> Scores:
    hits = sum(each.label == "positive" and each.said == "finding" for each in judged)
    precision = rate(hits, sum(each.said == "finding" for each in judged))
    recall = rate(hits, sum(each.label == "positive" for each in judged))
    both = precision.share + recall.share
    f1 = round(2 * precision.share * recall.share / both, 4) if both else 0.0
    return Scores(name=name, files=len(judged), precision=precision, recall=recall, f1=f1)


def _split(judged: Sequence[Judged], key: Callable[[Judged], str]) -> tuple[Scores, ...]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[key(each)].append(each)
    return tuple(_scores(name, groups[name]) for name in sorted(groups))


def _summed(judged: Sequence[Judged], digest: Sha256, held_out: str) -> Evaluation:
    positive = [each for each in judged if each.label == "positive"]
    others = [each for each in judged if each.label != "positive"]
    families = _split(judged, lambda each: each.family)
    kinds = {"positive": "finding", "adjacent": "adjacent", "negative": "nothing"}
    placed = [each for each in positive if each.on_evidence is not None]
    adjacent = [each for each in others if each.label == "adjacent" and each.said == "finding"]
    return Evaluation(
        overall=_scores("all files", judged),
        by_vendor=_split(judged, lambda each: each.vendor),
        by_family=families,
        by_capability=_split(judged, lambda each: each.capability),
        family_macro_recall=_mean([each.recall.share for each in families if each.recall.of]),
        family_macro_precision=_mean([each.precision.share for each in families if each.precision.of]),
        kind=rate(sum(each.said == kinds[each.label] for each in judged), len(judged)),
        place=rate(sum(bool(each.on_evidence) for each in placed), len(placed)),
        claims=rate(sum(each.claims_on_evidence for each in placed), sum(each.claims for each in placed)),
        adjacent_as_finding=len(adjacent),
        adjacent_as_wired=sum(each.grade is not None and each.grade.rank >= Grade.WIRED.rank for each in adjacent),
        missed=tuple(each for each in positive if each.said != "finding"),
        false_alarms=tuple(each for each in others if each.said == "finding"),
        misplaced=tuple(each for each in placed if not each.on_evidence),
        files=tuple(judged),
        knowledge=digest,
        held_out=held_out,
    )


def _mean(shares: Sequence[float]) -> float:
    return round(sum(shares) / len(shares), 4) if shares else 1.0
