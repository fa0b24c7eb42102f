"""Rule cards and finding explanations: plain words for a reader who is no programmer."""

from collections.abc import Iterator

from witnessmark.knowledge import Knowledge
from witnessmark.knowledge.signals import Expression, Signal
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Grade, Kind
from witnessmark.model.finding import Finding, Reason, ReasonKind

_GRADES = {
    Grade.NAMED: "the word stands in the file; nothing around it says what it does",
    Grade.REFERENCED: "it is declared in a record, list or interface",
    Grade.WIRED: "it is used in an event, alarm, search or user interface, or a device fills it",
    Grade.DOCUMENTED: "a manual, data sheet or API document says so",
    Grade.PROCURED: "a tender or contract asks for it",
    Grade.DEPLOYED: "it is in use at a named place",
}
_KINDS = {
    Kind.FINDING: "finding: about people who are observed",
    Kind.ADJACENT: "adjacent: worth a look, but not a sorting of observed people",
}
_MARKS = {True: "yes", False: "no"}


def rule_card(rule: Signal, knowledge: Knowledge) -> list[str]:
    """What a rule looks for, what speaks against it, and where that knowledge comes from, as lines of text."""
    lines = [rule.title, f"  rule        {rule.id}", f"  kind        {_KINDS[rule.kind]}"]
    lines += [f"  capability  {rule.capability.value.replace('_', ' ')}"]
    if rule.vendor:
        lines += [f"  vendor      knows the names of {rule.vendor}"]
    lines += [f"  grade       {rule.grade.value}: {_GRADES[rule.grade]}"]
    lines += [f"              {step.grade.value} when {_spoken(step.when, knowledge)}" for step in rule.grades]
    lines += ["", f"What it says: {rule.says}", f"Innocent reading: {rule.innocent}", f"Not shown: {rule.not_shown}"]
    for title, expressions in (("All of", rule.require), ("One of", rule.any), ("None of", rule.none)):
        if expressions:
            lines += ["", f"{title}:", *(f"  - {_spoken(each, knowledge)}" for each in expressions)]
    lines += ["", "Sources:", *(f"  - {source.title} {source.url}".rstrip() for source in rule.sources)]
    lines += ["", "Matches, for example:"]
    for example in rule.examples.match[:1]:
        lines += [f"  {example.name}", *(f"    {line}" for line in example.content.strip().splitlines()[:12])]
    lines += ["", "Does not match this innocent look-alike:"]
    for example in rule.examples.miss[:1]:
        lines += [f"  {example.name} ({example.why})"]
        lines += [f"    {line}" for line in example.content.strip().splitlines()[:12]]
    return lines


def _spoken(expression: Expression, knowledge: Knowledge) -> str:
    if isinstance(expression, str):
        if expression.startswith("is:"):
            condition = knowledge.conditions.get(expression[3:])
            return condition.says if condition else expression
        return expression
    word, inner = next(iter(expression.items()))
    joined = "; ".join(_spoken(each, knowledge) for each in inner)
    return {"all": "all of", "any": "one of", "none": "none of"}[word] + f" ({joined})"


def finding_card(finding: Finding) -> list[str]:
    """Why a finding was made, in the order in which a reader would ask, as lines of text."""
    lines = [finding.title, f"  {_KINDS[finding.kind]}", f"  id {finding.id}, rule {finding.rule}", ""]
    lines += ["Where", f"  {_place(finding.locator)}"]
    lines += [f"  also {_place(place, short=True)}" for place in finding.also_at[:12]]
    if len(finding.also_at) > 12:
        lines += [f"  and {len(finding.also_at) - 12} more places"]
    lines += ["", "What stands there", *(f"  {line}" for line in finding.excerpt.strip().splitlines()[:16])]
    if finding.gloss:
        lines += ["", "In English", f"  {finding.gloss}"]
    lines += ["", f"How far it reaches: {finding.grade.value} ({_GRADES[finding.grade]})"]
    following = finding.grade.following
    if following is not None:
        lines += [f"  It does not reach “{following.value}”: {_GRADES[following]}."]
    lines += ["", "Why it is reported", *_tree(finding.reasons, 1)]
    lines += ["", "What innocent thing it could be", f"  {finding.innocent}"]
    lines += ["", "What it does not show", f"  {finding.not_shown}"]
    if finding.law:
        lines += ["", "Law that may be relevant"]
        lines += [f"  {each.provision} ({each.jurisdiction}, {_since(each.applies_from)})" for each in finding.law]
    lines += ["", "Sources of the rule", *(f"  {source.title} {source.url}".rstrip() for source in finding.sources)]
    return lines


def _since(applies_from: str) -> str:
    return f"from {applies_from}" if applies_from[:1].isdigit() else applies_from


def _place(place: Locator, *, short: bool = False) -> str:
    where = f"line {place.line}" if place.line is not None else f"byte {place.offset}"
    if short:
        return f"{place.path[-1] if len(place.path) > 1 else ''} {where}".strip()
    digest = f", SHA-256 of the file {place.sha256}" if place.sha256 else ""
    return f"{' › '.join(place.path)}, {where}, read as {place.encoding or 'bytes'}{digest}"


def _tree(reasons: tuple[Reason, ...], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for reason in reasons:
        if reason.kind is ReasonKind.CAUTION:
            continue
        if reason.parts:
            head = _heading(reason)
            if head:
                yield f"{indent}{head}"
            yield from _tree(reason.parts, depth + 1 if head else depth)
        else:
            yield f"{indent}{_leaf(reason)}"


def _leaf(reason: Reason) -> str:
    if reason.kind is not ReasonKind.COUNTER:
        return f"{_MARKS[reason.held]}: {reason.text}"
    return f"found against it: {reason.text}" if reason.held else reason.text.removeprefix("not found: ")


def _heading(reason: Reason) -> str:
    if reason.text:
        return f"{_MARKS[reason.held]}: {reason.text}, because"
    if reason.kind is ReasonKind.NOT:
        return "looked for and not found:" if reason.held else "found:"
    return ""
