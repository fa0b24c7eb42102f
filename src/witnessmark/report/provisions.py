"""Provisions that may be relevant, each once, with the numbers of the findings that it goes with."""

from collections.abc import Sequence
from dataclasses import dataclass

from witnessmark.model.finding import Finding, LawPointer


@dataclass(frozen=True, kw_only=True)
class Provision:
    """One provision, and the numbers of the findings that it may be relevant to."""

    law: LawPointer
    findings: tuple[int, ...]


def provisions(findings: Sequence[Finding]) -> tuple[Provision, ...]:
    """In order of first mention; findings are numbered from 1."""
    pointers: dict[str, LawPointer] = {}
    numbers: dict[str, list[int]] = {}
    for number, finding in enumerate(findings, 1):
        for law in finding.law:
            pointers.setdefault(law.id, law)
            numbers.setdefault(law.id, []).append(number)
    return tuple(Provision(law=law, findings=tuple(numbers[name])) for name, law in pointers.items())
