"""The rules made ready: conditions compiled once per knowledge, and asked only where their concepts stand."""

from collections import OrderedDict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from witnessmark.explain.expression import Compiler, Test
from witnessmark.explain.scene import Scene
from witnessmark.explain.words import Vocabulary
from witnessmark.knowledge import Knowledge
from witnessmark.knowledge.signals import Signal
from witnessmark.model.fact import Grade, Kind
from witnessmark.model.finding import Reason

_KEPT = 4


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One signal with its compiled tests."""

    signal: Signal
    traits: tuple[str, ...]
    test: Test
    grades: tuple[tuple[Grade, Test], ...]

    def wants(self, concepts: frozenset[str]) -> bool:
        """Whether any of the concepts is one that the rule speaks about."""
        return not self.traits or any(fnmatchcase(c, t) for c in concepts for t in self.traits)

    def reached(self, scene: Scene) -> Grade:
        """The strongest grade whose condition holds."""
        grades = [self.signal.grade, *(grade for grade, test in self.grades if test.holds(scene))]
        return max(grades, key=lambda grade: grade.rank)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A rule that held for a scene, how far the evidence reaches, and why."""

    rule: Signal
    scene: Scene
    grade: Grade
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """All rules of one knowledge, ready to use."""

    vocabulary: Vocabulary
    rules: tuple[Rule, ...]

    _wanted: dict[frozenset[str], tuple[Rule, ...]] = field(default_factory=dict)

    def judge(self, scene: Scene) -> Verdict | None:
        """The best verdict on one scene, or None when no rule holds."""
        if scene.concepts not in self._wanted:
            self._wanted[scene.concepts] = tuple(rule for rule in self.rules if rule.wants(scene.concepts))
        best: tuple[bool, int, int, str] | None = None
        chosen: Rule | None = None
        for rule in self._wanted[scene.concepts]:
            if rule.test.holds(scene):
                strength = (
                    rule.signal.kind is Kind.FINDING,
                    rule.signal.priority,
                    rule.reached(scene).rank,
                    rule.signal.id,
                )
                if best is None or strength > best:
                    best, chosen = strength, rule
        if chosen is None:
            return None
        steps = tuple(test.reason(scene) for grade, test in chosen.grades if test.holds(scene))
        return Verdict(
            rule=chosen.signal,
            scene=scene,
            grade=chosen.reached(scene),
            reasons=(chosen.test.reason(scene), *steps[-1:]),
        )


_READY: "OrderedDict[tuple[str, tuple[str, ...]], Ruleset]" = OrderedDict()


def ruleset(knowledge: Knowledge) -> Ruleset:
    """The compiled rules of a knowledge; the last few are kept. Raises KnowledgeError on a malformed condition."""
    key = (str(knowledge.digest), knowledge.without)
    if key not in _READY:
        _READY[key] = compiled(knowledge)
        while len(_READY) > _KEPT:
            _READY.popitem(last=False)
    return _READY[key]


def compiled(knowledge: Knowledge) -> Ruleset:
    """Compile every rule of a knowledge."""
    compiler = Compiler(knowledge.conditions, frozenset(cue.id for cue in knowledge.cues), knowledge.concept_sets)
    rules = tuple(
        Rule(
            signal=signal,
            traits=compiler.expand(signal.trait),
            test=compiler.together(signal.require, signal.any, signal.none),
            grades=tuple((step.grade, compiler.compile(step.when)) for step in signal.grades),
        )
        for signal in knowledge.signals
    )
    return Ruleset(vocabulary=Vocabulary(knowledge.cues), rules=rules)
