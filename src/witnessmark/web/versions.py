"""The same declaration in other files, the same page on other days: found again, and side by side."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import msgspec

from witnessmark.model.fact import UntrustedText
from witnessmark.model.finding import Finding
from witnessmark.model.names import words
from witnessmark.model.structure import Part, Structure
from witnessmark.redact import redact

SHORTEST_NAME = 4
FEWEST_PARTS = 3
BY_NAME, BY_PARTS = "name", "parts"


def version_keys(finding: Finding) -> tuple[str, ...]:
    """Under what a declaration is known again: its sort and name, however written; its sort and its parts' names."""
    seen = finding.structure
    if seen is None:
        return ()
    keys = []
    name = " ".join(words(seen.name))
    if len(name) >= SHORTEST_NAME:
        keys.append(f"{BY_NAME}:{seen.shape}:{name[:200]}")
    if len(seen.parts) >= FEWEST_PARTS:
        listed = "\n".join(sorted(part.name.casefold() for part in seen.parts))
        keys.append(f"{BY_PARTS}:{seen.shape}:{hashlib.sha256(listed.encode('utf-8', 'replace')).hexdigest()[:32]}")
    return tuple(keys)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One line of a comparison. `state`: same, changed, removed (only on the left) or added (only on the right)."""

    state: str
    left: Part | None
    right: Part | None


def side_by_side(left: Structure, right: Structure) -> list[Pair]:
    """The parts of two structures in order. Parts that stand at the same place under other names are one line."""
    names = [[part.name for part in side.parts] for side in (left, right)]
    rows: list[Pair] = []
    for _, a1, a2, b1, b2 in SequenceMatcher(None, names[0], names[1], autojunk=False).get_opcodes():
        before, after = left.parts[a1:a2], right.parts[b1:b2]
        for at in range(max(len(before), len(after))):
            old = before[at] if at < len(before) else None
            new = after[at] if at < len(after) else None
            rows.append(Pair(state=_state(old, new), left=old, right=new))
    return rows


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One line of a comparison of texts, or how many alike are left out there (`folded`)."""

    state: str
    left: str = ""
    right: str = ""
    folded: int = 0


AROUND = 2
"""Passages that stay to be seen before and after one that changed."""


def texts_side_by_side(left: Sequence[str], right: Sequence[str]) -> list[Passage]:
    """Two texts, passage by passage; long stretches that are alike are folded."""
    rows: list[Passage] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += _folded(left[a1:a2], first=a1 == 0, last=a2 == len(left) and b2 == len(right))
            continue
        for at in range(max(a2 - a1, b2 - b1)):
            old = left[a1 + at] if a1 + at < a2 else ""
            new = right[b1 + at] if b1 + at < b2 else ""
            state = "changed" if old and new else "removed" if old else "added"
            rows.append(Passage(state=state, left=old, right=new))
    return rows


def _folded(alike: Sequence[str], *, first: bool, last: bool) -> list[Passage]:
    head, tail = 0 if first else AROUND, 0 if last else AROUND
    if len(alike) <= head + tail + 1:
        return [Passage(state="same", left=text, right=text) for text in alike]
    hidden = len(alike) - head - tail
    rows = [Passage(state="same", left=text, right=text) for text in alike[:head]]
    rows.append(Passage(state="same", folded=hidden))
    return rows + [Passage(state="same", left=text, right=text) for text in alike[head + hidden :]]


def _state(old: Part | None, new: Part | None) -> str:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    same = (old.name, old.value, old.type, old.comment) == (new.name, new.value, new.type, new.comment)
    return "same" if same else "changed"


def shown(structure: Structure) -> Structure:
    """The structure once more through today's masks, which may know more than those of the day it was scanned."""
    return msgspec.structs.replace(
        structure,
        name=redact(structure.name).text,
        type=_clean(structure.type),
        parts=tuple(
            msgspec.structs.replace(
                part,
                name=redact(part.name).text,
                value=_clean(part.value),
                type=_clean(part.type),
                comment=_clean(part.comment),
            )
            for part in structure.parts
        ),
        **{name: tuple(redact(text).text for text in getattr(structure, name)) for name in _TEXTS},
    )


_TEXTS = ("parents", "comments", "neighbours", "uses", "aliases")


def _clean(text: UntrustedText | None) -> UntrustedText | None:
    return None if text is None else redact(text).text
