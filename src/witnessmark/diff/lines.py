"""Lines of OLD that named a trait and have no counterpart in NEW: the safety net under the structures.

What no reader turns into a declaration, a key or a sentence (object literals, `switch` bodies, YAML, tables of a
manual, languages without a reader) is compared line by line: a line that is gone is judged by what stands in the same
gap, that is between the nearest lines before and after it that both versions have.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
from rapidfuzz import fuzz

from witnessmark.diff.judge import FAMILY, INNOCENT, Traits, note
from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, ChangeKind, Confidence, Side
from witnessmark.model.fact import Record, UntrustedText

LONGEST = 2_000
MOST_GONE = 20_000
SHARED = 0.3
COMMENTS_KEPT = 0.5
ALIKE = 55.0
Words = Callable[[str], frozenset[str]]
"""The lexicon concepts that a text names (`group:uyghur`, `trait:race`)."""
TraitsOf = Callable[[frozenset[str]], Traits]

_COMMENT = re.compile(r"(?://|/\*|<!--|(?<![\w&])#(?![\w{])|^\s*\*|(?:^|\s)'(?=\s)|(?:^|\s)--\s)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_VALUED = re.compile(r"(?:=|:|case)\s*['\"]?-?\d+\b|^\W*['\"]?-?\d+['\"]?\s*[:=,]")


class Line(Record, frozen=True, array_like=True):
    """One line: its place in bytes, its number, its words with single blanks."""

    offset: int
    number: int
    text: str


class Lines(Record, frozen=True, array_like=True):
    """The lines of one text file; none for a binary, or past the bounds."""

    locator: Locator
    language: str = ""
    rows: tuple[Line, ...] = ()


MARKUP = frozenset({"markup", "html", "xml", "text", ""})
_SENTENCE = re.compile(r"[^<>。！？]+?(?:[.!?](?=\s)|[。！？]|(?=[<>])|$)|<[^>]*>|[<>。！？]")
_STATEMENT = re.compile(r"[^;{},]{1,2000}[;{},]*|[;{},]+")


def pieces(text: str, *, markup: bool) -> Iterator[tuple[int, int, str]]:
    """Line number, first character and text of every line; pages by tags and sentences, long lines by statements."""
    at = 0
    for number, line in enumerate(text.split("\n"), 1):
        pattern = _SENTENCE if markup else _STATEMENT if len(line) > LONGEST else None
        if pattern is None or len(line) > LONGEST * 4_000:
            yield number, at, line[:LONGEST]
        else:
            for found in pattern.finditer(line):
                yield number, at + found.start(), found.group()[:LONGEST]
        at += len(line) + 1


@dataclass(frozen=True)
class _Gap:
    """What stands on both sides between two lines that both versions have."""

    old: tuple[Line, ...]
    new: tuple[Line, ...]


def lost_lines(
    old: Lines,
    new: Lines,
    words: Words,
    traits_of: TraitsOf,
    flagged: Callable[[Locator], Traits],
    covered: frozenset[int],
) -> list[Change]:
    """Lines whose words for a trait are not in NEW. `covered`: numbers of the lines that were judged already."""
    if old.language != new.language or not old.rows or not new.rows:
        return []
    here, there = Counter(row.text for row in old.rows), Counter(row.text for row in new.rows)
    shared = sum((here & there).values()) / len(old.rows)
    if shared < SHARED:
        return []
    judge = _Judge(
        old=old, new=new, words=words, traits_of=traits_of, flagged=flagged, shared=shared,
        keep_comments=_comments_kept(old, there) >= COMMENTS_KEPT,
    )  # fmt: skip
    changes: list[Change] = []
    for gap in _gaps(old.rows, new.rows, here, there):
        lost = [
            (row, traits)
            for row in gap.old
            if row.number not in covered and there[row.text] < here[row.text] and (traits := judge.lost(row, gap))
        ]
        changes += judge.changes(lost, gap)
        if len(changes) >= MOST_GONE:
            break
    return changes


def _gaps(old: Sequence[Line], new: Sequence[Line], here: Counter[str], there: Counter[str]) -> list[_Gap]:
    """The stretches between lines that are unique in both versions and stand in the same order in both."""
    at = {row.text: index for index, row in enumerate(new) if there[row.text] == 1}
    anchors = [(index, at[row.text]) for index, row in enumerate(old) if here[row.text] == 1 and row.text in at]
    chain = [(-1, -1), *_rising(anchors), (len(old), len(new))]
    return [
        _Gap(old=tuple(old[a + 1 : c]), new=tuple(new[b + 1 : d])) for (a, b), (c, d) in pairwise(chain) if c > a + 1
    ]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of anchors whose places rise on both sides (patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    back = [-1] * len(pairs)
    for index, (_, there) in enumerate(pairs):
        slot = bisect_right(tails, there)
        back[index] = ends[slot - 1] if slot else -1
        if slot == len(tails):
            tails.append(there)
            ends.append(index)
        else:
            tails[slot], ends[slot] = there, index
    out: list[tuple[int, int]] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        out.append(pairs[index])
        index = back[index]
    return out[::-1]


def _split(text: str) -> tuple[str, str]:
    """Code and comment of a line."""
    found = _COMMENT.search(text)
    return (text[: found.start()].rstrip(), text[found.start() :]) if found else (text, "")


def _comments_kept(old: Lines, there: Counter[str]) -> float:
    """The share of OLD's lines with a comment that NEW has word for word; 1 where OLD has too few to tell."""
    commented = [row for row in old.rows if _split(row.text)[1]]
    if len(commented) < 3:
        return 1.0
    return sum(1 for row in commented if there[row.text]) / len(commented)


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """What all lines of one pair of files are judged by."""

    old: Lines
    new: Lines
    words: Words
    traits_of: TraitsOf
    flagged: Callable[[Locator], Traits]
    shared: float
    keep_comments: bool

    def lost(self, row: Line, gap: _Gap) -> Traits:
        """The traits that a line names and nothing in the same gap of NEW does."""
        marks = self.flagged(_place(row, self.old))
        if not marks or not self.traits_of(said := self.words(row.text)):
            return frozenset()
        code, comment = _split(row.text)
        if comment and not self.keep_comments and not self.traits_of(self.words(code)):
            return frozenset()
        there = self.words("\n".join(line.text for line in gap.new)[:40_000])
        return still_lost(said, there, self.traits_of) & marks

    def changes(self, lost: Sequence[tuple[Line, Traits]], gap: _Gap) -> Iterator[Change]:
        """One change for each line with a counterpart, one for each run of lines without."""
        run: list[tuple[Line, Traits]] = []
        for row, traits in lost:
            twin = _twin(row, gap)
            if twin is not None:
                yield from self._removed(run)
                run = []
                yield self._change(row, twin, _kind(row, twin), traits)
            elif run and row.number > run[-1][0].number + 1:
                yield from self._removed(run)
                run = [(row, traits)]
            else:
                run.append((row, traits))
        yield from self._removed(run)

    def _removed(self, run: Sequence[tuple[Line, Traits]]) -> Iterator[Change]:
        if not run:
            return
        first, last = run[0][0], run[-1][0]
        traits = frozenset(trait for _, each in run for trait in each)
        change = self._change(first, None, ChangeKind.REMOVED, traits)
        if last.number > first.number and change.old is not None:
            where = change.old.locator
            length = last.offset + len(last.text.encode("utf-8", "replace")) - first.offset
            change = msgspec.structs.replace(
                change,
                record=UntrustedText(f"lines {first.number} to {last.number}"),
                old=msgspec.structs.replace(
                    change.old,
                    text=note("\n".join(row.text for row, _ in run)),
                    locator=msgspec.structs.replace(where, length=length),
                ),
                rationale=f"Lines {first.number} to {last.number} of OLD are not in NEW, and the lines around them do "
                f"not say it either; {self.shared:.0%} of OLD's lines are still in NEW.",
            )
        yield change

    def _change(self, row: Line, twin: Line | None, kind: ChangeKind, lost: Traits) -> Change:
        return Change(
            kind=kind,
            scrub=True,
            protected=tuple(sorted(lost)),
            record=UntrustedText(f"line {row.number}"),
            old=_side(row, self.old),
            new=None if twin is None else _side(twin, self.new),
            grade=Confidence.FAIR if self.shared >= 0.5 else Confidence.WEAK,
            rationale=_why(row, twin, kind, self.shared),
            innocent=INNOCENT,
        )


def still_lost(said: frozenset[str], there: frozenset[str], traits_of: TraitsOf) -> Traits:
    """The traits of what was said and is not said there: a group counts for itself, a trait for all its words."""
    left = said - there
    kept = traits_of(there)
    kept |= FAMILY if kept & FAMILY else frozenset()
    out: set[object] = set()
    for concept in left:
        traits = traits_of(frozenset({concept}))
        if concept.startswith("group:") or not traits & kept:
            out |= traits
    return frozenset(out)  # type: ignore[arg-type]


def _twin(row: Line, gap: _Gap) -> Line | None:
    """The line of the gap in NEW that is most like this one; by order where both sides are as long."""
    if len(gap.old) == len(gap.new):
        return gap.new[gap.old.index(row)]
    scored = [(fuzz.ratio(row.text, other.text), -other.number, other) for other in gap.new[:200]]
    best = max(scored, default=None, key=lambda item: item[:2])
    taken = {other.text for other in gap.old}
    return best[2] if best is not None and best[0] >= ALIKE and best[2].text not in taken else None


def _kind(row: Line, twin: Line | None) -> ChangeKind:
    if twin is None:
        return ChangeKind.REMOVED
    (code, comment), (other, _) = _split(row.text), _split(twin.text)
    if code == other and comment:
        return ChangeKind.COMMENT_EMPTIED
    if row.text.startswith(twin.text[:12]) and len(row.text) - len(twin.text) >= 12 and _taken_out(row.text, twin.text):
        return ChangeKind.REMOVED
    bare, bare_other = (_IDENTIFIER.sub("·", text) for text in (code, other))
    if bare == bare_other and not _VALUED.search(code) and re.search(r"[;:{(]|\bAs\b", code) and '"' not in code:
        return ChangeKind.RENAMED_IN_PLACE
    return ChangeKind.RELABELLED


def _taken_out(old: str, new: str) -> bool:
    head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(new))
    return old.endswith(new[head:])


def _why(row: Line, twin: Line | None, kind: ChangeKind, shared: float) -> str:
    share = f"{shared:.0%} of OLD's lines are still in NEW."
    if twin is None:
        return f"Line {row.number} of OLD is not in NEW, and the lines around it do not say it either; {share}"
    if kind is ChangeKind.COMMENT_EMPTIED:
        return f"The code of line {row.number} is the same; its comment lost the words. {share}"
    return f"Between the same lines, OLD has line {row.number} and NEW line {twin.number}, without the words. {share}"


def _place(row: Line, lines: Lines) -> Locator:
    where = lines.locator
    return Locator(
        path=where.path, via=where.via, offset=row.offset, length=len(row.text.encode("utf-8", "replace")),
        line=row.number, encoding=where.encoding, sha256=where.sha256, top_sha256=where.top_sha256,
    )  # fmt: skip


def _side(row: Line, lines: Lines) -> Side:
    code = _split(row.text)[0]
    named = _IDENTIFIER.search(code)
    return Side(
        name=note(named.group()[:80] if named else row.text[:80]), text=note(row.text), locator=_place(row, lines)
    )
