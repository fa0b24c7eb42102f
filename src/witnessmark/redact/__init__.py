"""Mask personal data in text that will be shown; the sealed original still proves what stood there.

Masks are as long as what they cover, so that spans into the text stay right.
"""

import hashlib
from enum import StrEnum

from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.redact import names, numbers

__all__ = ["MASK", "PersonalData", "Redacted", "Removed", "is_id_number", "redact"]

MASK = "█"
is_id_number = numbers.is_id_number


class PersonalData(StrEnum):
    """The kinds of personal data that are masked."""

    ID_NUMBER = "id-number"
    PHONE = "phone"
    EMAIL = "e-mail"
    PLATE = "plate"
    NAME = "name"


class Removed(Record, frozen=True, kw_only=True):
    """One masked place: characters into the text, and the SHA-256 of the UTF-8 text that stood there."""

    kind: PersonalData
    start: int
    length: int
    sha256: Sha256


class Redacted(Record, frozen=True, kw_only=True):
    """Text that may be shown, and the log of what was masked in it."""

    text: UntrustedText
    removed: tuple[Removed, ...] = ()


def redact(text: str) -> Redacted:
    """Mask ID numbers, e-mail addresses, phone numbers, number plates, and names of persons in comments; log each."""
    removed: list[Removed] = []
    shown = text
    # Names first: an address behind a name is one of the signs that it is a name.
    for kind, (start, end) in [(PersonalData.NAME, span) for span in names.spans(text)]:
        removed.append(_removed(kind, start, text[start:end]))
        shown = f"{shown[:start]}{MASK * (end - start)}{shown[end:]}"
    for label, pattern in numbers.worth_trying(text):
        kind = PersonalData(label)
        for found in pattern.finditer(shown):
            start, end = found.span("it") if "it" in pattern.groupindex else found.span()
            removed.append(_removed(kind, start, shown[start:end]))
            shown = f"{shown[:start]}{MASK * (end - start)}{shown[end:]}"
    return Redacted(text=UntrustedText(shown), removed=tuple(sorted(removed, key=lambda item: item.start)))


def _removed(kind: PersonalData, start: int, original: str) -> Removed:
    digest = hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()
    return Removed(kind=kind, start=start, length=len(original), sha256=Sha256(digest))
