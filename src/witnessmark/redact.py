"""Mask personal data in text that will be shown; the sealed original still proves what stood there.

Masks are as long as what they cover, so that spans into the text stay right.
"""

import hashlib
import re
from enum import StrEnum

from witnessmark.model.fact import Record, Sha256, UntrustedText

MASK = "█"


class PersonalData(StrEnum):
    """The kinds of personal data that are masked."""

    ID_NUMBER = "id-number"
    PHONE = "phone"
    EMAIL = "e-mail"
    PLATE = "plate"


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


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# GB 11643-1999: region, birth date, sequence, ISO 7064 check character.
_ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}(?![\w-])")
_CN_MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z.])")
_INTL_PHONE = re.compile(r"(?<![\w.])\+[1-9]\d{0,2}[-. ()]{0,2}\d{1,4}(?:[-. ()]{1,2}\d{2,8}){2,4}(?!\w)")
_CN_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-HJ-NP-Z][·. ]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)


def is_id_number(text: str) -> bool:
    """Whether an 18-character string carries a right check character of a PRC citizen number."""
    if not re.fullmatch(r"\d{17}[0-9Xx]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[-1].upper()


# A number with the right shape but a wrong check character is masked all the same: test data is often somebody's
# number with one digit changed, and a mask costs a reader nothing.
_PATTERNS = (
    (PersonalData.ID_NUMBER, _ID_NUMBER),
    (PersonalData.EMAIL, _EMAIL),
    (PersonalData.PHONE, _CN_MOBILE),
    (PersonalData.PHONE, _INTL_PHONE),
    (PersonalData.PLATE, _CN_PLATE),
)


def redact(text: str) -> Redacted:
    """Mask ID numbers, e-mail addresses, phone numbers and number plates; log each with its digest."""
    removed: list[Removed] = []
    shown = text
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(shown):
            original = found.group()
            removed.append(
                Removed(
                    kind=kind,
                    start=found.start(),
                    length=len(original),
                    sha256=Sha256(hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()),
                )
            )
        shown = pattern.sub(lambda match: MASK * len(match.group()), shown)
    return Redacted(text=UntrustedText(shown), removed=tuple(sorted(removed, key=lambda item: item.start)))
