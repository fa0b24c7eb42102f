"""Compare two versions of anything that `scan` reads.

Each side is walked twice: once to pair members and explain the old findings, once more for the outlines of the members
that changed, so that memory does not grow with the size of the versions.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from witnessmark import __version__
from witnessmark.blob import Blob
from witnessmark.diff.compare import compare
from witnessmark.diff.judge import Traits
from witnessmark.diff.layout import ABI
from witnessmark.diff.lines import Lines, Words, lost_lines
from witnessmark.diff.pairing import MemberFile, pair_members, sketch
from witnessmark.diff.said import Said, read_said
from witnessmark.diff.texts import Flagged
from witnessmark.explain import explain
from witnessmark.knowledge import Knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, DiffReport, FindingBrief, Pair, Pairing
from witnessmark.model.fact import Kind, Record, Sha256, Trait, UntrustedText
from witnessmark.model.finding import Finding, ToolStamp
from witnessmark.model.observation import Observation
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.pipeline import targets
from witnessmark.pipeline.comparing_elsewhere import Names, gather, gone_members, new_names, with_moves
from witnessmark.pipeline.comparing_lines import read_lines
from witnessmark.pipeline.comparing_words import PROSE, concepts_in, flags, plain_places, recogniser, traits_of
from witnessmark.pipeline.stages import our_defect
from witnessmark.pipeline.task import Piece
from witnessmark.pipeline.wire import Progress
from witnessmark.read import observe, outline
from witnessmark.read.filetype import language_of
from witnessmark.scan.matcher import Matcher
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.recurse import LISTING_VIA, UnpackedLeaf, walk
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Limits

MOST_OUTLINED = 64 << 20
MOST_LISTED = 100_000


class _Read(Record, frozen=True, array_like=True):
    """What the second walk keeps of one member."""

    items: tuple[Observation, ...]
    lines: Lines


@dataclass(frozen=True, kw_only=True)
class Version:
    """One side after its first walk. `plain`: by member, where words without a second meaning stand."""

    members: tuple[MemberFile, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    plain: dict[tuple[UntrustedText, ...], tuple[tuple[int, Traits], ...]]
    names: Names


class Comparison:
    """One comparison: what both walks share."""

    def __init__(
        self,
        knowledge: Knowledge,
        scratch: Scratch,
        matcher: Matcher,
        passwords: tuple[str, ...] = (),
        *,
        progress: Progress | None = None,
        skip: Mapping[tuple[str, ...], int] | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._scratch = scratch
        self._matcher = matcher
        self._passwords = passwords
        self._progress = progress
        self._skip = skip or {}

    def run(self, old: Sequence[str], new: Sequence[str]) -> DiffReport:
        """Pair, compare, explain. Raises UsageError for a target that does not exist."""
        before, after = self._version(old), self._version(new)
        pairs = pair_members(before.members, after.members)
        changes, problems, compared = self._changes(old, new, pairs, before)
        twin = {pair.old.path: pair.new.path for pair in pairs if pair.old is not None and pair.new is not None}
        changes = [with_moves(change, before.names, after.names, twin) for change in changes]
        changes += gone_members(before.findings, pairs, before.names, after.names)
        changes = [_with_rest(_with_standing(change, before.findings), after, twin) for change in changes]
        lost, gained = _lost_and_gained(before.findings, after.findings, pairs)
        return DiffReport(
            changes=tuple(sorted(changes, key=_change_order)),
            pairs=tuple(msgspec.structs.replace(pair, compared=_order(pair) in compared) for pair in pairs),
            lost=lost,
            gained=gained,
            problems=(*before.problems, *after.problems, *problems),
            abi=ABI,
            tool=ToolStamp(name="witnessmark", version=__version__),
        )

    def _entered(self, locator: Locator, members: int) -> None:
        if self._progress is not None:
            self._progress.entered(locator, members)

    def _leaves(self, names: Sequence[str], problems: list[Problem]) -> Iterator[tuple[UnpackedLeaf, tuple[str, ...]]]:
        folder = len(names) > 1 or Path(names[0]).is_dir()
        for piece in targets.find(names):
            if isinstance(piece, Problem):
                problems.append(piece)
                continue
            for leaf in self._walk(piece, problems):
                inner = leaf.locator.path if folder else leaf.locator.path[1:]
                yield leaf, inner

    def _walk(self, piece: Piece, problems: list[Problem]) -> Iterator[UnpackedLeaf]:
        working = Working(
            Limits(), lambda: self._scratch, passwords=self._passwords, entered=self._entered, skip=self._skip
        )
        blob = Blob.of_path(Path(piece.path))
        locator = msgspec.structs.replace(piece.locator, top_sha256=blob.sha256())
        for item in walk(blob, locator, working):
            if isinstance(item, Problem):
                problems.append(item)
            elif isinstance(item, UnpackedLeaf) and item.locator.via[-1:] != (LISTING_VIA,):
                yield item

    def _version(self, names: Sequence[str]) -> Version:
        members: list[MemberFile] = []
        problems: list[Problem] = []
        observations: list[Observation] = []
        plain: dict[tuple[UntrustedText, ...], tuple[tuple[int, Traits], ...]] = {}
        index = new_names()
        for leaf, inner in self._leaves(names, problems):
            locator = _stamped(leaf)
            members.append(
                MemberFile(
                    locator=locator,
                    inner=inner,
                    sha256=leaf.blob.sha256(),
                    size=leaf.blob.size,
                    sketch=sketch(leaf.blob),
                )
            )
            try:
                seen = self._observed(leaf, locator, problems)
            except Exception as error:  # noqa: BLE001  the worker's edge: a defect of ours costs one member, and is told
                problems.append(our_defect(error, locator))
                continue
            observations += seen
            gather(index, seen)
            if seen:
                plain[locator.path] = plain_places(seen)
        findings, gaps = explain(tuple(sorted(observations, key=lambda item: item.locator.order)), self._knowledge)
        return Version(members=tuple(members), findings=findings, problems=(*problems, *gaps), plain=plain, names=index)

    def _observed(self, leaf: UnpackedLeaf, locator: Locator, problems: list[Problem]) -> tuple[Observation, ...]:
        matches, gaps = self._matcher.scan(leaf.blob, name=leaf.name)
        problems += gaps
        if not matches:
            return ()
        seen, gaps = observe(leaf.blob, locator, matches)
        problems += gaps
        return seen

    def _changes(
        self, old: Sequence[str], new: Sequence[str], pairs: Sequence[Pair], before: Version
    ) -> tuple[list[Change], list[Problem], set[object]]:
        """Second walk: outlines of the old side to scratch, then the new side against them."""
        wanted = [pair for pair in pairs if pair.pairing in (Pairing.CHANGED, Pairing.RENAMED)]
        by_old = {pair.old.path: pair for pair in wanted if pair.old is not None}
        by_new = {pair.new.path: pair for pair in wanted if pair.new is not None}
        kept: dict[tuple[UntrustedText, ...], Path] = {}
        problems: list[Problem] = []
        encoder = msgspec.msgpack.Encoder()
        for locator, read in self._outlines(old, set(by_old), problems):
            kept[locator.path] = self._scratch.fresh(".outline")
            kept[locator.path].write_bytes(encoder.encode(read))
        named = concepts_in(self._matcher)
        changes: list[Change] = []
        compared: set[object] = set()
        for locator, after in self._outlines(new, set(by_new), problems):
            pair = by_new[locator.path]
            if pair.old is None or pair.old.path not in kept:
                continue
            plain = before.plain.get(pair.old.path, ())
            flagged = flags(before.findings, plain, pair.old.path, prose=after.lines.language in PROSE)
            try:
                found = self._compared(
                    kept[pair.old.path],
                    after,
                    flagged,
                    named,
                )
            except Exception as error:  # noqa: BLE001  the worker's edge: a defect of ours costs one pair, and is told
                problems.append(our_defect(error, locator))
                continue
            changes += _bounded(found, len(changes), pair.new or locator, problems)
            compared.add(_order(pair))
        compared |= {_order(pair) for pair in pairs if pair.pairing in (Pairing.SAME, Pairing.MOVED)}
        return changes, problems, compared

    @staticmethod
    def _compared(earlier_file: Path, after: _Read, flagged: Flagged, named: Words) -> list[Change]:
        """The changes of one pair: structures and texts, then the lines that these did not judge."""
        earlier = msgspec.msgpack.decode(earlier_file.read_bytes(), type=_Read)
        said = _said(earlier), _said(after)
        found = compare(earlier.items, after.items, recogniser(named), flagged, said)
        return found + lost_lines(earlier.lines, after.lines, named, traits_of, flagged, _covered(earlier, found))

    def _outlines(
        self, names: Sequence[str], wanted: set[tuple[UntrustedText, ...]], problems: list[Problem]
    ) -> Iterator[tuple[Locator, _Read]]:
        if not wanted:
            return
        for leaf, _ in self._leaves(names, []):
            if leaf.locator.path not in wanted:
                continue
            if leaf.blob.size > MOST_OUTLINED:
                problems.append(_too_large(leaf))
                continue
            locator = _stamped(leaf)
            try:
                items, gaps = outline(leaf.blob, locator)
                lines = read_lines(leaf.blob, locator, language_of(leaf.name, leaf.blob))
            except Exception as error:  # noqa: BLE001  the worker's edge: a defect of ours costs one member, and is told
                problems.append(our_defect(error, locator))
                continue
            problems += gaps
            yield locator, _Read(items=items, lines=lines)


def _with_standing(change: Change, findings: Sequence[Finding]) -> Change:
    """Say where the old place was related material (a field of an identity card, say) and no finding."""
    where = change.old.locator if change.scrub and change.old is not None else None
    if where is None or where.offset is None:
        return change
    end = where.offset + max(where.length or 1, len(change.old.text.encode()) if change.old is not None else 1)
    touching = [
        item
        for item in findings
        for place in (item.locator, *item.also_at)
        if place.path == where.path and place.offset is not None and where.offset <= place.offset < end
    ]
    if not touching or any(item.kind is Kind.FINDING for item in touching):
        return change
    said = f" In OLD this place is related material, not a finding: {touching[0].title}."
    return msgspec.structs.replace(change, rationale=change.rationale + said)


_Path = tuple[UntrustedText, ...]


def _with_rest(change: Change, after: Version, twin: Mapping[_Path, _Path]) -> Change:
    """Say where NEW still has findings on the traits that this place lost, or at least names them: a demo, a binary."""
    if not change.scrub or change.old is None:
        return change
    gone = set(change.protected)
    here = change.new.locator.path if change.new is not None else twin.get(change.old.locator.path, ())
    others = [item for item in after.findings if item.kind is Kind.FINDING and gone & set(item.protected)]
    away = [item for item in others if item.locator.path != here]
    named = list(dict.fromkeys(_short(item) for item in (away or others)))
    which, verb = ("Other members" if away else "Other places of this member"), "have findings on"
    which = f"{which} of NEW" if away else which
    if not away and (words := _named_in(after, gone, here)):
        which, verb, named = "Other members of NEW", "name", words
    if not named:
        return change
    more = f" and {len(named) - 3} more places" if len(named) > 3 else ""
    traits = " and ".join(trait.replace("_", " ") for trait in change.protected)
    said = f" {which} still {verb} {traits}: {'; '.join(named[:3])}{more}."
    return msgspec.structs.replace(change, rationale=change.rationale + said)


def _named_in(after: Version, traits: set[Trait], here: _Path) -> list[str]:
    """The other members of NEW with words for one of these traits that have no everyday second meaning."""
    return [
        f"{' › '.join(path)}, byte {offset:#x}"
        for path, places in sorted(after.plain.items())
        if path != here
        for offset in [next((offset for offset, named in places if named & traits), None)]
        if offset is not None
    ]


def _short(finding: Finding) -> str:
    line = f", line {finding.locator.line}" if finding.locator.line is not None else ""
    return f"{' › '.join(finding.locator.path)}{line} ({finding.title})"


def _bounded(found: list[Change], before: int, where: Locator, problems: list[Problem]) -> list[Change]:
    """All scrubbed places, and other changes as long as there is room for them in one report."""
    room = max(0, MOST_LISTED - before)
    if len(found) <= room:
        return found
    scrubs = [change for change in found if change.scrub]
    others = [change for change in found if not change.scrub][:room]
    problems.append(
        Problem(
            code=ProblemCode.NOT_COMPARED,
            message=UntrustedText(f"{len(found) - len(scrubs) - len(others):,} changes without a trait are not listed"),
            severity=Severity.NOTE,
            consequence="Every place that lost words of a protected trait is listed all the same.",
            locator=where,
        )
    )
    return scrubs + others


def _stamped(leaf: UnpackedLeaf) -> Locator:
    return msgspec.structs.replace(leaf.locator, sha256=Sha256(leaf.blob.sha256()))


def _too_large(leaf: UnpackedLeaf) -> Problem:
    return Problem(
        code=ProblemCode.NOT_COMPARED,
        message=UntrustedText(f"{leaf.blob.size:,} bytes is more than is compared structure by structure"),
        severity=Severity.PARTIAL,
        consequence="Only its digest was compared.",
        locator=leaf.locator,
    )


def _order(pair: Pair) -> object:
    return (pair.old.path if pair.old else None, pair.new.path if pair.new else None)


def _change_order(change: Change) -> tuple[object, ...]:
    where = change.old or change.new
    assert where is not None
    return (not change.scrub, where.locator.order, change.kind, change.record)


def _said(read: _Read) -> Said:
    return read_said((row.offset, row.text) for row in read.lines.rows)


_COMMENT = 1_000  # bytes of a comment above a member


def _covered(read: _Read, found: Sequence[Change]) -> frozenset[int]:
    """The lines that were judged as members of a structure, or are reported already."""
    starts = [row.offset for row in read.lines.rows]
    spots = [member.offset for item in read.items for member in item.members if member.offset is not None]
    spots += [item.locator.offset for item in read.items if item.members and item.locator.offset is not None]
    out = {read.lines.rows[bisect_right(starts, at) - 1].number for at in spots if starts and at >= starts[0]}
    spots.sort()
    for change in found:
        where = change.old.locator if change.scrub and change.old is not None else None
        if where is not None and where.offset is not None and starts:
            before = spots[slot - 1] + 1 if (slot := bisect_left(spots, where.offset)) else where.offset
            # a comment above a member belongs to it
            first = max(0, bisect_right(starts, max(before, where.offset - _COMMENT)) - 1)
            last = bisect_right(starts, where.offset + max(0, (where.length or 1) - 1))
            out |= {row.number for row in read.lines.rows[first:last]}
    return frozenset(out)


def _lost_and_gained(
    old: Sequence[Finding], new: Sequence[Finding], pairs: Sequence[Pair]
) -> tuple[tuple[FindingBrief, ...], tuple[FindingBrief, ...]]:
    """Findings of one side whose rule does not fire in the paired member of the other side."""
    twin = {pair.old.path: pair.new.path for pair in pairs if pair.old is not None and pair.new is not None}
    back = {there: here for here, there in twin.items()}
    fired_old = {(item.locator.path, item.rule) for item in old}
    fired_new = {(item.locator.path, item.rule) for item in new}
    lost = [item for item in old if (twin.get(item.locator.path), item.rule) not in fired_new]
    gained = [item for item in new if (back.get(item.locator.path), item.rule) not in fired_old]
    return tuple(map(_brief, lost)), tuple(map(_brief, gained))


def _brief(finding: Finding) -> FindingBrief:
    return FindingBrief(
        id=finding.id, kind=finding.kind, grade=finding.grade, title=finding.title, locator=finding.locator
    )
