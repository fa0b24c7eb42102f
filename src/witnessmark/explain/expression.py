"""Conditions of rules: parse them once, evaluate them to a Reason that says what held and why.

A feature is written `name:argument@scope>=count`; the argument may list alternatives with `|`, the scope with `+`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from witnessmark.errors import KnowledgeError
from witnessmark.explain.features import FEATURES, Asked
from witnessmark.explain.scene import SCOPES, Scene
from witnessmark.knowledge.signals import Condition, Expression
from witnessmark.model.fact import UntrustedText
from witnessmark.model.finding import Reason, ReasonKind

_FEATURE = re.compile(
    r"(?P<name>[a-z][a-z-]*)(?::(?P<argument>[^@<>]+))?(?:@(?P<scope>[a-z+]+))?(?:(?P<sign>>=|<=)(?P<count>\d+))?"
)
_DEEPEST = 12


@dataclass(frozen=True)
class Test:
    """One compiled condition: `holds` is quick and short-circuits, `reason` says what held and why."""

    holds: Callable[[Scene], bool]
    reason: Callable[[Scene], Reason]


@dataclass(frozen=True)
class Compiler:
    """Turns the conditions of knowledge files into tests. Raises KnowledgeError where one is malformed."""

    conditions: Mapping[str, Condition]
    cue_names: frozenset[str]
    concept_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def expand(self, names: Iterable[str]) -> tuple[str, ...]:
        """The concepts that a list means, with `=set` replaced by the set's members."""
        expanded: list[str] = []
        for name in names:
            if not name.startswith("="):
                expanded.append(name)
            elif name[1:] in self.concept_sets:
                expanded.extend(self.concept_sets[name[1:]])
            else:
                raise KnowledgeError(f"no set of concepts is named {name!r}", hint="signals/concepts.toml lists them.")
        return tuple(expanded)

    def compile(self, expression: Expression, *, counter: bool = False, depth: int = 0) -> Test:
        """The test of one expression. `counter`: it speaks against the claim, and its Reason says so."""
        if depth > _DEEPEST:
            raise KnowledgeError(
                f"conditions are nested more than {_DEEPEST} deep (or go round in a circle): {expression}"
            )
        if isinstance(expression, str):
            if expression.startswith("is:"):
                return self._condition(expression[3:], counter=counter, depth=depth)
            return self._feature(expression, counter=counter)
        if len(expression) != 1 or next(iter(expression)) not in ("all", "any", "none"):
            raise KnowledgeError(f"a condition has exactly one of all, any, none: {expression}")
        word, inner = next(iter(expression.items()))
        if not isinstance(inner, list):
            raise KnowledgeError(f"`{word}` needs a list: {expression}")
        tests = [self.compile(each, counter=counter != (word == "none"), depth=depth + 1) for each in inner]
        return _group(word, tests, "")

    def together(self, every: tuple[Expression, ...], some: tuple[Expression, ...], no: tuple[Expression, ...]) -> Test:
        """All of `every`, one of `some` (if any are given), and none of `no`."""
        tests = [self.compile(each, depth=1) for each in every]
        if some:
            tests.append(_group("any", [self.compile(each, depth=1) for each in some], ""))
        if no:
            tests.append(_group("none", [self.compile(each, counter=True, depth=1) for each in no], ""))
        return _group("all", tests, "")

    def _condition(self, name: str, *, counter: bool, depth: int) -> Test:
        condition = self.conditions.get(name)
        if condition is None:
            raise KnowledgeError(f"no condition is named {name!r}", hint="signals/conditions.toml lists them.")
        tests = [self.compile(each, counter=counter, depth=depth + 1) for each in condition.all]
        if condition.any:
            tests.append(_group("any", [self.compile(e, counter=counter, depth=depth + 1) for e in condition.any], ""))
        if condition.none:
            inner = [self.compile(e, counter=not counter, depth=depth + 1) for e in condition.none]
            tests.append(_group("none", inner, ""))
        return _remembered(name, _group("all", tests, condition.says))

    def _feature(self, text: str, *, counter: bool) -> Test:
        found = _FEATURE.fullmatch(text)
        if found is None or found["name"] not in FEATURES:
            raise KnowledgeError(f"not a feature: {text!r}", hint=f"Features: {', '.join(sorted(FEATURES))}.")
        scopes = tuple((found["scope"] or "").split("+")) if found["scope"] else ()
        feature = FEATURES[found["name"]]
        for scope in scopes:
            if scope not in (feature.scopes or SCOPES):
                raise KnowledgeError(f"{text!r}: no scope is named {scope!r}")
        asked = Asked(
            arguments=self.expand(found["argument"].split("|")) if found["argument"] else (),
            asked_for=found["argument"] or "",
            scopes=scopes,
            count=int(found["count"]) if found["count"] else 1,
            most=found["sign"] == "<=",
        )
        if feature.cues:
            self._check_cues(text, asked)
        kind = ReasonKind.COUNTER if counter else ReasonKind.FEATURE

        def answer(scene: Scene) -> tuple[bool, tuple[str, ...]]:
            known = scene.answers.get(text)
            if known is None:
                known = scene.answers[text] = feature.holds(scene, asked)
            return known

        def reason(scene: Scene) -> Reason:
            held, words = answer(scene)
            return Reason(kind=kind, text=UntrustedText(feature.say(asked, held, words)), held=held)

        return Test(lambda scene: answer(scene)[0], reason)

    def _check_cues(self, text: str, asked: Asked) -> None:
        for argument in asked.arguments:
            if argument not in self.cue_names:
                raise KnowledgeError(
                    f"{text!r}: no cue is named {argument!r}", hint="signals/cues/ has one file a cue."
                )


def _group(word: str, tests: list[Test], says: str) -> Test:
    kind = {"all": ReasonKind.ALL, "any": ReasonKind.ANY, "none": ReasonKind.NOT}[word]
    checks = [test.holds for test in tests]

    def holds(scene: Scene) -> bool:
        if word == "all":
            return all(check(scene) for check in checks)
        return any(check(scene) for check in checks) is (word == "any")

    def reason(scene: Scene) -> Reason:
        held = holds(scene)
        decisive = [test for test in tests if test.holds(scene) is not (word == "all")]
        chosen = tests if ((word == "any") is not held and word != "all") or (word == "all" and held) else decisive[:1]
        parts = tuple(test.reason(scene) for test in chosen)
        if word == "none" and held:
            parts = tuple(_short(part) for part in parts)
        return Reason(kind=kind, text=UntrustedText(says), held=held, parts=parts)

    return Test(holds, reason)


def _short(reason: Reason) -> Reason:
    """A counter-sign that did not hold, without the many small things that were looked for to find out."""
    if not reason.text or not reason.parts:
        return reason
    return Reason(kind=ReasonKind.COUNTER, text=reason.text, held=reason.held)


def _remembered(name: str, test: Test) -> Test:
    key = f"is:{name}"

    def holds(scene: Scene) -> bool:
        known = scene.answers.get(key)
        if known is None:
            known = scene.answers[key] = (test.holds(scene), ())
        return known[0]

    return Test(holds, test.reason)
