"""The second pass over a product: all its observations in, explained findings out."""

from collections import defaultdict
from collections.abc import Iterable

from witnessmark.explain.claims import findings
from witnessmark.explain.linking import linked
from witnessmark.explain.rules import Verdict, ruleset
from witnessmark.explain.scene import scenes
from witnessmark.knowledge import Knowledge
from witnessmark.model.fact import Kind, UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.model.observation import Observation, Shape
from witnessmark.model.problem import Problem, ProblemCode

MOST_OBSERVATIONS = 200_000
MOST_IN_ONE_FILE = 5_000
MOST_FINDINGS_IN_ONE_FILE = 20
LANGUAGE_TABLE = 15
"""So many peoples among the strings of a binary file are a table of languages; a name there says nothing alone."""
_WEAK = ("group:", "place:", "proxy:", "emotion:")


def explain(
    observations: Iterable[Observation], knowledge: Knowledge
) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """What the observations of one scan amount to, sorted by place; and what was left out for being too much."""
    kept, problems = _bounded(each for each in observations if each.locator.sha256 not in knowledge.own)
    rules = ruleset(knowledge)
    verdicts: list[Verdict] = []
    for scene in scenes(linked(kept), rules.vocabulary):
        verdict = rules.judge(scene)
        if verdict is not None:
            verdicts.append(verdict)
    made = findings(verdicts, {term.id: term for term in knowledge.terms}, {p.id: p for p in knowledge.law})
    return _capped(made, problems)


def _bounded(observations: Iterable[Observation]) -> tuple[list[Observation], list[Problem]]:
    ordered = sorted(observations, key=lambda each: (each.locator.order, each.shape.value, each.name))
    tables = _language_tables(ordered)
    kept: list[Observation] = []
    counted: dict[tuple[str, ...], int] = defaultdict(int)
    problems: list[Problem] = []
    for observation in ordered:
        if not observation.matches or (observation.locator.path in tables and _names_only(observation)):
            continue
        path = tuple(observation.locator.path)
        counted[path] += 1
        if counted[path] <= MOST_IN_ONE_FILE and len(kept) < MOST_OBSERVATIONS:
            kept.append(observation)
        elif counted[path] == MOST_IN_ONE_FILE + 1 or (len(kept) == MOST_OBSERVATIONS and not problems):
            problems.append(
                Problem(
                    code=ProblemCode.BOUND_OBSERVATIONS,
                    message=UntrustedText(f"only the first {MOST_IN_ONE_FILE} places of this file were explained"),
                    consequence="Later places of the same file may hold findings that are not listed.",
                    locator=observation.locator,
                )
            )
    return kept, problems


def _language_tables(observations: list[Observation]) -> frozenset[tuple[str, ...]]:
    """Binary files that name so many peoples that they are tables of languages (ICU, fonts, system libraries)."""
    peoples: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for observation in observations:
        if observation.shape is Shape.STRINGS:
            peoples[tuple(observation.locator.path)].update(match.concept for match in observation.matches)
    return frozenset(
        path for path, found in peoples.items() if sum(each.startswith("group:") for each in found) >= LANGUAGE_TABLE
    )


def _names_only(observation: Observation) -> bool:
    return observation.shape is Shape.STRINGS and all(match.concept.startswith(_WEAK) for match in observation.matches)


def _capped(made: tuple[Finding, ...], problems: list[Problem]) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    by_file: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for finding in made:
        by_file[tuple(finding.locator.path)].append(finding)
    kept: list[Finding] = []
    for group in by_file.values():
        ranked = sorted(group, key=lambda f: (f.kind is not Kind.FINDING, -f.grade.rank, f.locator.order, f.rule))
        kept.extend(ranked[:MOST_FINDINGS_IN_ONE_FILE])
    return tuple(sorted(kept, key=lambda f: (f.locator.order, f.rule))), tuple(problems)
