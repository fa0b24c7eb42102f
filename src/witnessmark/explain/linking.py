"""What refers to what across the files of a product: an enum to the field, the field to the event record."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from witnessmark.model.fact import UntrustedText
from witnessmark.model.names import PREFIXES, words
from witnessmark.model.observation import Observation, Reference, Shape

_DECLARATIONS = frozenset({Shape.ENUM, Shape.RECORD, Shape.SCHEMA, Shape.LABEL_LIST})
_MOST_REFERENCES = 12
_SHORTEST = 5


def linked(observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """The observations with `referred_by` filled: who, in the same product, uses the name that each declares.

    A name counts only if it is unusual: at least five letters and two words, or written with an underscore.
    """
    declared: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, observation in enumerate(observations):
        if observation.shape in _DECLARATIONS:
            for name in (observation.name, *observation.aliases):
                if _unusual(name):
                    declared[_product(observation), _key(name)].append(index)
    if not declared:
        return tuple(observations)
    found: dict[int, dict[tuple[str, str], Reference]] = defaultdict(dict)
    for index, observation in enumerate(observations):
        for name, how in _used(observation):
            for target in declared.get((_product(observation), _key(name)), ()):
                if target != index and len(found[target]) < _MOST_REFERENCES:
                    reference = Reference(
                        name=observation.name, shape=observation.shape, how=how, locator=observation.locator
                    )
                    found[target].setdefault((observation.name, how), reference)
    return tuple(_with(observation, tuple(found[i].values())) for i, observation in enumerate(observations))


def _with(observation: Observation, references: tuple[Reference, ...]) -> Observation:
    if not references:
        return observation
    known = {(each.name, each.how) for each in observation.referred_by}
    new = tuple(each for each in references if (each.name, each.how) not in known)
    return msgspec.structs.replace(observation, referred_by=(*observation.referred_by, *new))


def _product(observation: Observation) -> str:
    """What belongs together: the packed file, or, of loose files, those of the same top folder."""
    path = observation.locator.path
    if len(path) > 1:
        return path[0]
    top, slash, _ = path[0].replace("\\", "/").partition("/") if path else ("", "", "")
    return top + slash if slash else ""


def _unusual(name: str) -> bool:
    meaningful = [word for word in words(name) if word not in PREFIXES]
    return len(name) >= _SHORTEST and len(meaningful) >= 2


def _key(name: str) -> str:
    pieces = [word for word in words(name) if word != "tag"]
    return " ".join(pieces)


def _used(observation: Observation) -> list[tuple[UntrustedText, str]]:
    used: list[tuple[UntrustedText, str]] = [(name, "used there") for name in observation.uses]
    for member in observation.members:
        if member.type:
            used.append((member.type, "field of that type"))
        if member.comment:
            used.extend((UntrustedText(word), "named in a comment") for word in _names_in(member.comment))
    return used


def _names_in(comment: str) -> list[str]:
    cleaned = "".join(char if char.isascii() and (char.isalnum() or char == "_") else " " for char in comment[:400])
    return [word for word in cleaned.split() if "_" in word and len(word) > _SHORTEST]
