"""The rules made ready: conditions compiled once per knowledge, and asked only where their concepts stand."""

from collections import OrderedDict
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A rule that held for a scene, how far the evidence reaches, and why."""

    rule: Signal
    scene: Scene
    grade: Grade
    reasons: tuple[Reason, ...]

    @property
    def strength(self) -> tuple[bool, int, int, str]:
        """Which of several verdicts on one structure is kept: findings first, then grade, then priority."""
        return self.rule.kind is Kind.FINDING, self.rule.priority, self.grade.rank, self.rule.id


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """All rules of one knowledge, ready to use."""

    vocabulary: Vocabulary
    rules: tuple[Rule, ...]

    def judge(self, scene: Scene) -> Verdict | None:
        """The best verdict on one scene, or None when no rule holds."""
        best: Verdict | None = None
        for rule in self.rules:
            if not rule.wants(scene.concepts):
                continue
            reason = rule.test(scene)
            if not reason.held:
                continue
            grade, steps = _grade(rule, scene)
            verdict = Verdict(rule=rule.signal, scene=scene, grade=grade, reasons=(reason, *steps))
            if best is None or verdict.strength > best.strength:
                best = verdict
        return best


def _grade(rule: Rule, scene: Scene) -> tuple[Grade, tuple[Reason, ...]]:
    reached, steps = rule.signal.grade, []
    for grade, test in rule.grades:
        if grade.rank <= reached.rank:
            continue
        reason = test(scene)
        if reason.held:
            reached = grade
            steps.append(reason)
    return reached, tuple(steps)


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
