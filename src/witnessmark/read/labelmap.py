"""Label maps: `item { id: 1 name: "white" }`, one item a label, as object detectors keep them beside a model."""

import re
from collections.abc import Iterator

from witnessmark.read.source import Found

MOST_LABELS = 2_000
_ITEM = re.compile(r"^[ \t]*(?:item|entry|label|class)\s*\{([^{}]{1,400})\}", re.M)
_NAME = re.compile(r"\b(?:display_name|name|label|value)\s*:\s*(?:\"([^\"\n]{1,120})\"|'([^'\n]{1,120})')")


def label_map(text: str) -> list[Found]:
    """The labels of a label map in their order, or nothing when the text is none."""
    found = list(_labels(text))
    return found if len(found) >= 2 else []


def _labels(text: str) -> Iterator[Found]:
    for number, item in enumerate(_ITEM.finditer(text)):
        if number >= MOST_LABELS:
            return
        for name in _NAME.finditer(text, item.start(1), item.end(1)):
            group = 1 if name[1] is not None else 2
            yield Found(name[group], name.start(group), name.end(group), (name.start(), name.end()))
