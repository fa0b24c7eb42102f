"""From a member's bytes to its matches, in one pass, whatever the size."""

import threading
from collections import Counter
from pathlib import Path

import hyperscan

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.match import Match, Term
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.scan.database import open_database
from witnessmark.scan.edges import Edge, edge, hopeless
from witnessmark.scan.lines import Lines
from witnessmark.scan.patterns import Pattern
from witnessmark.scan.verify import accepted

WINDOW = 2 << 20
MOST_MATCHES = 50_000
MOST_A_CONCEPT = 5_000
MOST_REPORTS_A_PATTERN = 20_000
"""Reports of one pattern in one member that are looked at. A word that floods a file must not hide the others."""

_Hit = tuple[int, int, int]  # start, end, pattern number


class Matcher:
    """Finds every searched term in bytes. Threads may share one; processes may inherit one."""

    def __init__(self, terms: tuple[Term, ...], cache_dir: Path | None = None, *, window: int = WINDOW) -> None:
        self._terms = terms
        self._compiled = open_database(terms, cache_dir)
        self._edges: dict[int, Edge | None] = {}
        self._overlap = self._compiled.patterns.longest
        self._window = max(window, 4 * self._overlap)
        self._local = threading.local()

    def scan(self, blob: Blob, *, name: str = "") -> tuple[tuple[Match, ...], tuple[Problem, ...]]:
        """All matches in order of offset, and a problem if there were too many to keep.

        `name` is the member's name, only used in the problem's message.
        """
        hits, flooded = self._hits(blob)
        matches = tuple(self._matches(blob, hits))
        kept, dropped = _within_bounds(matches)
        if not flooded and not dropped:
            return kept, ()
        return kept, (_too_many(name, len(kept)),)

    def _hits(self, blob: Blob) -> tuple[dict[_Hit, str], bool]:
        found: dict[_Hit, str] = {}
        counts: Counter[int] = Counter()
        whole = blob.view()
        for offset, view in blob.windows(self._window, self._overlap):
            seen = offset + self._overlap if offset else 0  # the window before has seen all that ends here or earlier
            for number, end in self._reports(view):
                stop = offset + end
                rule = self._edge(number)
                if stop <= seen or (rule is not None and hopeless(rule, whole, stop)):
                    continue
                counts[number] += 1
                if counts[number] <= MOST_REPORTS_A_PATTERN:
                    pattern = self._compiled.patterns[number]
                    text = accepted(pattern, whole, stop - pattern.length, stop)
                    if text is not None:
                        found[stop - pattern.length, stop, number] = text
        return found, any(count > MOST_REPORTS_A_PATTERN for count in counts.values())

    def _edge(self, number: int) -> Edge | None:
        if number not in self._edges:
            self._edges[number] = edge(self._compiled.patterns[number])
        return self._edges[number]

    def _reports(self, view: memoryview) -> list[tuple[int, int]]:
        database = self._compiled.database
        reports: list[tuple[int, int]] = []
        if database is None:
            return reports
        add = reports.append

        def report(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((number, end))

        # The stub names bytes and str only; any buffer will do.
        database.scan(view, report, scratch=self._scratch(database))  # type: ignore[type-var]
        return reports

    def _scratch(self, database: hyperscan.Database) -> hyperscan.Scratch:
        """This thread's working memory."""
        scratch: hyperscan.Scratch | None = getattr(self._local, "scratch", None)
        if scratch is None:
            scratch = hyperscan.Scratch(database)
            self._local.scratch = scratch
        return scratch

    def _matches(self, blob: Blob, hits: dict[_Hit, str]) -> list[Match]:
        lines = Lines(blob)
        matches: list[Match] = []
        seen: set[tuple[int, int, str]] = set()
        for start, end, number in sorted(hits):
            pattern = self._compiled.patterns[number]
            for index in pattern.terms:
                term = self._terms[index]
                if (start, end, term.concept) not in seen:
                    seen.add((start, end, term.concept))
                    matches.append(_match(term, pattern, start, end, hits[start, end, number], lines.at(start)))
        return matches


def _match(term: Term, pattern: Pattern, start: int, end: int, text: str, line: int | None) -> Match:
    return Match(
        term=term.id,
        concept=term.concept,
        role=term.role,
        text=UntrustedText(text),
        offset=start,
        length=end - start,
        encoding=pattern.encoding,
        line=line,
        disguise=(pattern.disguise.partition("-")[0] if "base64" in pattern.disguise else pattern.disguise) or None,
    )


def _within_bounds(matches: tuple[Match, ...]) -> tuple[tuple[Match, ...], bool]:
    if len(matches) <= MOST_A_CONCEPT:
        return matches, False
    counts: Counter[str] = Counter()
    kept = []
    for match in matches:
        counts[match.concept] += 1
        if counts[match.concept] <= MOST_A_CONCEPT:
            kept.append(match)
    return tuple(kept[:MOST_MATCHES]), len(kept) < len(matches) or len(kept) > MOST_MATCHES


def _too_many(name: str, kept: int) -> Problem:
    return Problem(
        code=ProblemCode.BOUND_MATCHES,
        severity=Severity.NOTE,
        message=UntrustedText(f"More matches than are kept in {name or 'this member'}; the first {kept} stand."),
        consequence="Further places in this member where the same words stand are not listed.",
    )
