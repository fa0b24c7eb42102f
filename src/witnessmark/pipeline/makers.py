"""Screen the makers that a scan met: only what resembles a list entry comes out, with how many names there were."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from witnessmark.knowledge.sanctions import load_relations
from witnessmark.model.maker import MakerCandidate, MakerMark, MakerSaid, MakersInside
from witnessmark.model.screening import Candidate
from witnessmark.screen.holdings import holdings
from witnessmark.screen.makers import Makers
from witnessmark.screen.persons import written_as_person
from witnessmark.screen.screener import Screener

LEAST = 0.6
"""Above the default of `screen`: nobody asked about these names, so that a weak likeness is no reason to name one."""
MOST_CANDIDATES = 8
MOST_NAMES = 5_000


class MakerScreening:
    """Screens makers on a day against the lists at hand; the lists are read when the first name comes."""

    def __init__(self, *, day: date, folder: Path | None = None) -> None:
        self._day = day
        self._folder = folder

    def __call__(self, said: Sequence[MakerSaid]) -> MakersInside:
        """The makers named inside. Same names, lists and day give the same answer."""
        known = load_relations()
        groups = _grouped(said, Makers(known.identifier, known.firm))
        if not groups:
            return MakersInside(as_of=self._day.isoformat(), lists=(), named=0)
        have = holdings((), today=self._day, folder=self._folder)
        lists = tuple(f"{row['list']} as of {row['as_of'] or 'an unstated day'}, {row['from']}" for row in have.ages)
        resembling = _screened(groups, Screener(have.entries, relations=known), self._day.isoformat())
        return MakersInside(as_of=self._day.isoformat(), lists=lists, named=len(groups), resembling=resembling)


Groups = dict[tuple[str, MakerMark], list[MakerSaid]]


def _grouped(said: Sequence[MakerSaid], makers: Makers) -> Groups:
    """All places of each name; codes that no known firm has are left out."""
    groups: Groups = {}
    for item in sorted(said, key=lambda one: (one.locator.order, one.mark, one.name)):
        name: str | None = item.name
        if item.mark in (MakerMark.FCC, MakerMark.OUI):
            name = makers.of_code(item.mark.value, item.name)
        if name is not None and (len(groups) < MOST_NAMES or (name, item.mark) in groups):
            groups.setdefault((name, item.mark), []).append(item)
    return groups


def _screened(groups: Groups, screener: Screener, day: str) -> tuple[MakerCandidate, ...]:
    out: list[MakerCandidate] = []
    answers: dict[str, tuple[Candidate, ...]] = {}
    for (name, mark), items in groups.items():
        if name not in answers:
            answer = screener.screen(name, as_of=day, threshold=LEAST, limit=MOST_CANDIDATES)
            answers[name] = tuple(row for row in answer.candidates if not _person(row))
        if answers[name]:
            first = items[0]
            out.append(
                MakerCandidate(
                    name=first.name,
                    mark=mark,
                    locator=first.locator,
                    places=len(items),
                    candidates=answers[name],
                )
            )
    return tuple(out)


def _person(row: Candidate) -> bool:
    """Whether an entry is a person's: a package's author who has the name of one is not a maker to name."""
    return row.schema == "Person" or written_as_person(row.name)
