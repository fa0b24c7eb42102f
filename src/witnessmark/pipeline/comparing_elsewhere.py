"""What stands in another member of NEW, and which whole members with findings are gone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from witnessmark.diff.judge import INNOCENT, note
from witnessmark.diff.naming import canonical
from witnessmark.model.change import Change, ChangeKind, Confidence, Pair, Pairing, Side
from witnessmark.model.fact import Kind, Trait, UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.model.observation import Observation, Shape

_Path = tuple[UntrustedText, ...]
Names = dict[str, set[_Path]]
"""Which members hold a structure, a member of one, or a text that names a trait."""

MOST_NAMES = 500_000
STILL_THERE = 0.5
MOST_THERE = 0.8
FEWEST = 3
_NAMED = frozenset({Shape.ENUM, Shape.RECORD, Shape.FUNCTION, Shape.SCHEMA, Shape.SWITCH})


def gather(names: Names, observations: Iterable[Observation]) -> None:
    """Add the names and texts of one member's observations."""
    for item in observations:
        if len(names) >= MOST_NAMES:
            return
        keys = {_text(item.text)} if item.text else set()
        if item.shape in _NAMED:
            keys |= {f"type {canonical(name)}" for name in (item.name, *item.aliases) if name}
            keys |= {_member(item.name, member.name) for member in item.members if member.matched}
        for key in keys:
            names[key].add(item.locator.path)


def new_names() -> Names:
    """An empty index."""
    return defaultdict(set)


def _member(record: str, name: str) -> str:
    return f"member {canonical(record)}.{canonical(name)}"


def _text(words: str) -> str:
    return f"text {' '.join(words.split())[:240]}"


def with_moves(change: Change, before: Names, after: Names, twin: Mapping[_Path, _Path]) -> Change:
    """A removal whose words came up in another member of NEW, which OLD's version of it did not have, is a move."""
    if not change.scrub or change.kind is not ChangeKind.REMOVED or change.new is not None or change.old is None:
        return change
    old = change.old
    keys = (f"type {canonical(old.name)}", _member(change.record, old.name), _text(old.text))
    here = twin.get(old.locator.path)
    back = {there: path for path, there in twin.items()}
    for key in keys:
        for path in sorted(after.get(key, ())):
            if path != here and back.get(path) not in before.get(key, ()):
                said = f" It stands in another member of NEW: {' › '.join(path)}."
                return msgspec.structs.replace(
                    change, kind=ChangeKind.MOVED, scrub=False, rationale=change.rationale + said
                )
    return change


def gone_members(findings: Sequence[Finding], pairs: Sequence[Pair], before: Names, after: Names) -> list[Change]:
    """Members of OLD with findings that NEW does not have, where most other members are still there."""
    gone = {pair.old.path for pair in pairs if pair.pairing is Pairing.GONE and pair.old is not None}
    every = sum(1 for pair in pairs if pair.old is not None)
    left = 1 - len(gone) / max(1, every)
    if every < FEWEST or left < STILL_THERE:
        return []
    kept = {key for key, paths in before.items() if paths & gone and after.get(key)}
    moved = {path for key in kept if key.startswith("type ") for path in before[key] & gone}
    out = []
    for path in sorted(gone - moved):
        own = [item for item in findings if item.locator.path == path and item.kind is Kind.FINDING]
        if own and not all(after.get(_text(item.excerpt)) for item in own):
            out.append(_gone(path, own, left, every - len(gone)))
    return out


def _gone(path: _Path, own: Sequence[Finding], left: float, kept: int) -> Change:
    first = own[0]
    traits: set[Trait] = {trait for item in own for trait in item.protected}
    more = f" and {len(own) - 1} more" if len(own) > 1 else ""
    return Change(
        kind=ChangeKind.REMOVED,
        scrub=bool(traits),
        protected=tuple(sorted(traits)),
        record=note(path[-1][:80]),
        old=Side(name=note(path[-1][:80]), text=note(first.excerpt), locator=first.locator),
        new=None,
        grade=Confidence.FAIR if left >= MOST_THERE else Confidence.WEAK,
        rationale=(
            f"The member {path[-1]} is in OLD and not in NEW, nor is anything like it; {kept:,} other members "
            f"({left:.0%}) are. OLD has this finding there: {first.title}{more}."
        ),
        innocent=INNOCENT,
    )
