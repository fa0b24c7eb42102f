"""Whether an entry stood on its list on a given day."""

import re
from datetime import date

from witnessmark.errors import UsageError
from witnessmark.model.screening import ListEntry

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def day(text: str) -> str:
    """Check an ISO day. Raises UsageError for anything else."""
    hint = "Write a day as 2019-10-09."
    if not _DAY.match(text):
        raise UsageError(f"{text[:40]!r} is not a day", hint=hint)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{text!r} is not a day of the calendar", hint=hint) from None


def listed_on(entry: ListEntry, as_of: str) -> bool | None:
    """True or false for that day; None when the publisher gives no date of listing and the entry is not removed yet.

    `listed_until` is the first day on which the entry no longer stands on the list.
    """
    if entry.listed_until is not None and as_of >= entry.listed_until:
        return False
    if entry.listed_from is None:
        return None
    return as_of >= entry.listed_from
