"""Lists of choices: `[{ value: 1, label: "A" }, { value: 2, label: "B" }]` is one list of labels, not many objects."""

import re

from witnessmark.read.source import Found

MOST_OPTIONS = 200
REACH = 12_000
"""Characters that such a list may take."""
_OBJECT = re.compile(r"\{([^{}\[\]]{3,300})\}")
_BETWEEN = re.compile(r"(?:[\s,]|//[^\n]*|/\*.*?\*/)*", re.S)
_LABEL = re.compile(r"(?:^|[\s,])[\"']?(?:label|text|title|name|desc|display|caption)[\"']?\s*:\s*([\"'`])(.{1,80}?)\1")
_VALUE = re.compile(r"(?:^|[\s,])[\"']?(?:value|val|id|code|key|index|type)[\"']?\s*:\s*([\"'`]?)([\w.-]{1,60})\1")


def options(text: str, open_: int, close: int) -> list[Found]:
    """The labels of a list of choices between two brackets, in order; nothing when it holds anything else."""
    if not 0 <= open_ < close <= open_ + REACH:
        return []
    found: list[Found] = []
    at = open_ + 1
    while at < close and len(found) <= MOST_OPTIONS:
        gap = _BETWEEN.match(text, at, close)
        at = gap.end() if gap else at
        if at >= close:
            break
        item = _OBJECT.match(text, at, close)
        label = _LABEL.search(item[1]) if item else None
        value = _VALUE.search(item[1]) if item else None
        if item is None or label is None or value is None:
            return []
        start = item.start(1) + label.start(2)
        found.append(Found(label[2], start, start + len(label[2]), item.span(), value=value[2]))
        at = item.end()
    return found if 2 <= len(found) <= MOST_OPTIONS else []
