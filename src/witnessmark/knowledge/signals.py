"""The rules: `signals/<area>/<name>.toml`, one a file, and the conditions that they share: `signals/conditions.toml`.

A condition is a boolean over features, written in TOML:

    "cue:face@here"                       a feature (see `explain/features/`)
    { all = [...] } { any = [...] } { none = [...] }
    "is:observed-people"                  a shared condition of `signals/conditions.toml`

Sets of concepts that many rules share stand in `signals/concepts.toml` and are written `=name`.
"""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from witnessmark.errors import KnowledgeError
from witnessmark.model.fact import Capability, Grade, Kind, Record, Source, Trait

Expression = str | dict[str, Any]
"""A feature, or a table with exactly one of `all`, `any`, `none` (see the module's docstring)."""

NOT_RULES = ("cues",)


class Example(Record, frozen=True, kw_only=True):
    """One small file that a rule must match, or must not."""

    name: str
    content: str
    why: str = ""
    encoding: str = "utf-8"


class Examples(Record, frozen=True, kw_only=True):
    """What the rule must match, and the innocent look-alikes that it must miss."""

    match: tuple[Example, ...] = ()
    miss: tuple[Example, ...] = ()


class GradeStep(Record, frozen=True, kw_only=True):
    """The grade that is reached when a condition holds."""

    grade: Grade
    when: Expression


class Signal(Record, frozen=True, kw_only=True):
    """One rule.

    `require` and one of `any` must hold and none of `none` may. `trait` says which matched concepts the claim is about
    (empty: all); `protected` is used when those concepts do not name a trait themselves. `vendor` marks a rule that
    knows one vendor's names: it adds certainty and attribution, and is switched off by leave-one-vendor-out. `priority`
    decides between rules of the same grade; the higher wins.
    """

    id: str
    title: str
    kind: Kind
    capability: Capability
    says: str
    innocent: str
    not_shown: str
    protected: tuple[Trait, ...] = ()
    trait: tuple[str, ...] = ()
    grade: Grade = Grade.NAMED
    grades: tuple[GradeStep, ...] = ()
    require: tuple[Expression, ...] = ()
    any: tuple[Expression, ...] = ()
    none: tuple[Expression, ...] = ()
    priority: int = 0
    vendor: str = ""
    law: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    examples: Examples = Examples()


class Condition(Record, frozen=True, kw_only=True):
    """A named boolean that several rules share, with the sentence that states it."""

    says: str
    all: tuple[Expression, ...] = ()
    any: tuple[Expression, ...] = ()
    none: tuple[Expression, ...] = ()


def load_signals(folder: Path) -> tuple[Signal, ...]:
    """Every rule below `folder/signals`, in order of id. Raises KnowledgeError on a malformed file."""
    signals = folder / "signals"
    rules = []
    for path in sorted(signals.glob("*/*.toml")):
        if path.parent.name in NOT_RULES:
            continue
        rule: Signal = _convert(path, Signal)
        expected = path.relative_to(signals).with_suffix("").as_posix()
        if rule.id != expected:
            raise KnowledgeError(f"{path}: id is {rule.id!r} but the file's place says {expected!r}")
        rules.append(rule)
    return tuple(sorted(rules, key=lambda rule: rule.id))


def load_conditions(folder: Path) -> dict[str, Condition]:
    """The shared conditions by name. Raises KnowledgeError on a malformed file."""
    path = folder / "signals" / "conditions.toml"
    conditions: dict[str, Condition] = _convert(path, dict[str, Condition]) if path.is_file() else {}
    return conditions


def load_concept_sets(folder: Path) -> dict[str, tuple[str, ...]]:
    """Named sets of concepts, written `=name` in rules. Raises KnowledgeError on a malformed file."""
    path = folder / "signals" / "concepts.toml"
    sets: dict[str, tuple[str, ...]] = _convert(path, dict[str, tuple[str, ...]]) if path.is_file() else {}
    return sets


def _convert(path: Path, into: Any) -> Any:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), into)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path}: {error}", hint="signals/README.md describes the fields of a rule.") from error
