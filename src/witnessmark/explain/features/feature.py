"""What a feature is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from witnessmark.explain.scene import Scene

Answer = tuple[bool, tuple[str, ...]]
"""Whether it held, and the words that made it hold (or nearly)."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a rule asks of a feature: alternatives, scopes, and how many at least (or at most)."""

    arguments: tuple[str, ...] = ()
    asked_for: str = ""
    scopes: tuple[str, ...] = ()
    count: int = 1
    most: bool = False

    def enough(self, number: int) -> bool:
        """Whether a number satisfies what was asked."""
        return number <= self.count if self.most else number >= self.count


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One documented question about a scene. `cues`: its arguments are names of cue files."""

    name: str
    doc: str
    holds: Callable[[Scene, Asked], Answer]
    say: Callable[[Asked, bool, tuple[str, ...]], str]
    cues: bool = False
    scopes: tuple[str, ...] = ()


def quoted(words: Iterable[str], most: int = 6) -> str:
    """Words in quotation marks, shortened."""
    each = [f"“{word[:40]}”" for word in words]
    return ", ".join(each[:most]) + (f" and {len(each) - most} more" if len(each) > most else "")


_SETS = {
    "=claim": "a protected trait or a people",
    "=trait": "a protected trait",
    "=trait-or-nation": "a protected trait or nation",
    "=people": "a people",
    "=euphemism": "a phrase that stands for a people",
    "=face-identifier": "a name known from interfaces about faces",
    "=unmistakable": "a name known from interfaces about faces",
    "=card-identifier": "a name known from records of identity cards",
    "=premises-identifier": "a name known from registers of premises",
    "=region-identifier": "a name that sorts persons by region",
}


def plain(asked_for: str) -> str:
    """Concepts in words: `trait:skin_colour|=people` gives "skin colour or a people"."""
    names = [_SETS.get(name) or _concept(name) for name in asked_for.split("|")]
    return " or ".join(dict.fromkeys("a group" if name == "*" else name for name in names))


def _concept(name: str) -> str:
    if name.startswith("identifier:"):
        return "a known interface name"
    return name.rpartition(":")[2].replace("_", " ").replace("-", " ")
