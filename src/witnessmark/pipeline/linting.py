"""Try every rule on its own examples, through the same stages that a scan uses."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from witnessmark.blob import Blob
from witnessmark.errors import KnowledgeError
from witnessmark.explain import explain
from witnessmark.knowledge import Knowledge
from witnessmark.knowledge.signals import Example, Signal
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Kind, Record, UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.read import observe
from witnessmark.scan.matcher import Matcher


class Fault(Record, frozen=True, kw_only=True):
    """One thing that is wrong with one rule."""

    rule: str
    what: str


class Bench:
    """Runs single small files through match, read and explain."""

    def __init__(self, knowledge: Knowledge, cache_dir: Path | None = None) -> None:
        self.knowledge = knowledge
        self._matcher = Matcher(knowledge.terms, cache_dir)

    def findings(self, name: str, data: bytes) -> tuple[Finding, ...]:
        """What is found in one file of that name."""
        blob = Blob.of_bytes(data)
        locator = Locator(path=(UntrustedText(name),), sha256=blob.sha256())
        matches, _ = self._matcher.scan(blob, name=name)
        if not matches:
            return ()
        observations, _ = observe(blob, locator, matches)
        return explain(observations, self.knowledge)[0]

    def example(self, example: Example) -> tuple[Finding, ...]:
        """What is found in an example. Raises KnowledgeError when its encoding is unknown."""
        try:
            data = example.content.encode(example.encoding)
        except (LookupError, UnicodeEncodeError) as error:
            raise KnowledgeError(f"example {example.name}: {error}") from error
        return self.findings(example.name, data)


def lint(knowledge: Knowledge, cache_dir: Path | None = None) -> tuple[Fault, ...]:
    """Every fault of every rule: examples that fail, missing sources or look-alikes, duplicates."""
    bench = Bench(knowledge, cache_dir)
    faults: list[Fault] = []
    seen: dict[bytes, str] = {}
    for rule in knowledge.signals:
        faults.extend(Fault(rule=rule.id, what=what) for what in _written(rule))
        shape = msgspec.json.encode((rule.kind, rule.trait, rule.require, rule.any, rule.none))
        if shape in seen:
            faults.append(Fault(rule=rule.id, what=f"asks for the same as {seen[shape]}"))
        seen.setdefault(shape, rule.id)
        faults.extend(Fault(rule=rule.id, what=what) for what in _tried(rule, bench))
    return tuple(faults)


def _written(rule: Signal) -> Iterator[str]:
    if not rule.sources or not all(source.title for source in rule.sources):
        yield "has no source"
    if not rule.examples.match:
        yield "has no example that it matches"
    if not rule.examples.miss:
        yield "has no innocent look-alike that it misses"
    yield from (f"innocent look-alike {each.name} does not say why" for each in rule.examples.miss if not each.why)
    if not rule.require and not rule.any:
        yield "asks for nothing"


def _tried(rule: Signal, bench: Bench) -> Iterator[str]:
    for example in rule.examples.match:
        rules = [finding.rule for finding in bench.example(example)]
        if rule.id not in rules:
            yield f"does not match its example {example.name} (reported: {', '.join(rules) or 'nothing'})"
    for example in rule.examples.miss:
        found = bench.example(example)
        if rule.id in [finding.rule for finding in found]:
            yield f"matches its look-alike {example.name}"
        elif rule.kind is Kind.FINDING and any(finding.kind is Kind.FINDING for finding in found):
            yield f"its look-alike {example.name} is reported by {', '.join(finding.rule for finding in found)}"
