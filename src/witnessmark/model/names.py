"""Split identifiers into words, so that `EM_NATION_TYPE`, `byEthnic` and `FaceRecognitionInfo` can be compared."""

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")

_PREFIX_WORDS = """a ab ac an arr b bool by byte c ch cfg cs cst d db dt dw e em en enum f fl fn g i int k l lp lpsz
lst m ms n nm net o obj p pp psz ps pst pstr pstu ptr pu r s sem st str stru stu struct sz t tag
tch u ub uc uch ui uid ul un us v w wch we x xs"""
PREFIXES = frozenset(_PREFIX_WORDS.split())
"""Hungarian and house prefixes that say what a variable holds, not what it means."""

_AFFIX_WORDS = """type types info infos enum enums list array arr struct structure ex v20 v30 v40 v50 cfg config
data value values code id num flag flags e t s tag"""
AFFIXES = frozenset(_AFFIX_WORDS.split())
"""Closing words that say what kind of declaration it is."""


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, lower-cased, in order: `EM_NATION_TYPE` gives `em nation type`."""
    return tuple(part.casefold() for part in _WORD.findall(name[:512]))


@lru_cache(maxsize=65_536)
def bare(name: str) -> tuple[str, ...]:
    """The words without leading type prefixes and closing kind words: `emNation`, `EM_NATION_TYPE` give `nation`."""
    parts = list(words(name))
    while len(parts) > 1 and parts[0] in PREFIXES:
        parts.pop(0)
    while len(parts) > 1 and parts[-1] in AFFIXES:
        parts.pop()
    return tuple(parts)


def common_prefix(names: tuple[str, ...]) -> str:
    """The longest start that all names share, cut back to a word border (`EM_RACE_`); empty for fewer than two."""
    if len(names) < 2:
        return ""
    low, high = min(names), max(names)
    size = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    start = low[:size]
    cut = start.rfind("_") + 1
    return start[:cut] if cut else ("" if size < len(low) and low[size : size + 1].islower() else start)
