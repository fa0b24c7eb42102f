"""The same declaration in other files, the same page on other days: found again, and side by side."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

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
    """One line of a comparison of texts, or how many alike are left out there (`folded`).

    `gone` and `come` are the spans (characters) of `left` and `right` that the other side does not have.
    """

    state: str
    left: str = ""
    right: str = ""
    gone: tuple[tuple[int, int], ...] = ()
    come: tuple[tuple[int, int], ...] = ()
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
            rows.append(_passage(old, new))
    return rows


_PIECES = re.compile(r"[A-Za-z0-9_\u00c0-\u024f\u0400-\u04ff]+|\s+|.", re.DOTALL)


def _passage(old: str, new: str) -> Passage:
    """One passage against another: what differs within it, by words (by characters where a script has no spaces)."""
    if not (old and new):
        whole = ((0, len(old or new)),)
        return Passage(state="removed", left=old, gone=whole) if old else Passage(state="added", right=new, come=whole)
    left, right = _PIECES.findall(old), _PIECES.findall(new)
    starts = [list(accumulate(map(len, side), initial=0)) for side in (left, right)]
    gone, come = [], []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag != "equal":
            gone.append((starts[0][a1], starts[0][a2]))
            come.append((starts[1][b1], starts[1][b2]))
    return Passage(state="changed", left=old, right=new, gone=tuple(gone), come=tuple(come))


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


MOST_SHOWN = 100
LONGEST_SHOWN = 500
LONGEST_EXCERPT = 20_000


def bounded(finding: Finding) -> Finding:
    """The finding as a page can show it, whatever program wrote the report: no text or list without an end."""
    return msgspec.structs.replace(
        finding,
        excerpt=UntrustedText(finding.excerpt[:LONGEST_EXCERPT]),
        context=tuple(_clean(text) for text in finding.context[:MOST_SHOWN]),
        structure=shown(finding.structure) if finding.structure is not None else None,
    )


def shown(structure: Structure) -> Structure:
    """The structure once more through today's masks, which may know more than those of the day it was scanned."""
    return msgspec.structs.replace(
        structure,
        name=_clean(structure.name),
        type=_maybe(structure.type),
        parts=tuple(
            msgspec.structs.replace(
                part,
                name=_clean(part.name),
                value=_maybe(part.value),
                type=_maybe(part.type),
                comment=_maybe(part.comment),
            )
            for part in structure.parts[:MOST_SHOWN]
        ),
        referred_by=tuple(
            msgspec.structs.replace(one, name=_clean(one.name)) for one in structure.referred_by[:MOST_SHOWN]
        ),
        **{name: tuple(_clean(text) for text in getattr(structure, name)[:MOST_SHOWN]) for name in _TEXTS},
    )


_TEXTS = ("parents", "comments", "neighbours", "uses", "aliases")


def _clean(text: str) -> UntrustedText:
    # Masked before it is cut: half a number would no longer be known for one.
    return UntrustedText(redact(text[: 2 * LONGEST_SHOWN]).text[:LONGEST_SHOWN])


def _maybe(text: UntrustedText | None) -> UntrustedText | None:
    return None if text is None else _clean(text)
