"""Numbers and addresses that lead to a person: identity documents, telephones, e-mail, number plates."""

import re
from collections.abc import Iterator

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"


def is_id_number(text: str) -> bool:
    """Whether an 18-character string carries a right check character of a PRC citizen number."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[-1].upper()


# A number with the right shape but a wrong check character is masked all the same: test data is often somebody's
# number with one digit changed, and a mask costs a reader nothing. Shapes that other numbers have as well count only
# behind the name of the document. Ten digits of a Russian tax number are a firm's, twelve a person's.
_ID_NUMBERS = (
    # GB 11643-1999: region, birth date, sequence, ISO 7064 check character; and its forerunner of fifteen digits.
    rf"(?<![0-9A-Za-z])[1-9]\d{{5}}(?:18|19|20)\d{{2}}{_MONTH}(?:[0-2]\d|3[01])\d{{3}}[0-9Xx](?![0-9A-Za-z])",
    rf"(?<![0-9A-Za-z]){_PROVINCE}\d{{4}}\d{{2}}{_MONTH}{_DAY}\d{{3}}(?![0-9A-Za-z])",
    r"(?<![0-9A-Za-z])[A-Z]{1,2}\d{6}\([0-9A]\)",  # Hong Kong
    r"(?<![0-9A-Za-z])[A-Z][12]\d{8}(?![0-9A-Za-z])",  # Taiwan
    rf"(?<![0-9A-Za-z+-])\d{{2}}{_MONTH}{_DAY}-[1-8]\d{{6}}(?![0-9A-Za-z])",  # Republic of Korea
    r"(?<![0-9A-Za-z-])\d{3}-\d{3}-\d{3}[- ]\d{2}(?![0-9A-Za-z-])",  # Russia, SNILS
    r"(?<![0-9A-Za-z-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![0-9A-Za-z-])",  # United States, SSN
    r"(?i:паспорт|passport|серия|护照|护照号)[^\d\n]{0,24}(?P<it>\d{2} ?\d{2} ?(?:№|N)? ?\d{6})(?!\d)",
    r"(?i:passport|护照|паспорт)[^\d\n]{0,24}?(?P<it>(?<![A-Za-z])[A-Z]{1,2}\d{7,8})(?![0-9A-Za-z])",
    r"(?i:\bинн\b|\bиин\b|\binn\b|\biin\b|снилс|snils)\W{0,4}(?P<it>\d{11,12})(?!\d)",
)
_PHONES = (
    r"(?<![0-9A-Za-z.])(?:\+?86[- ]?)?1[3-9]\d[- .]?\d{4}[- .]?\d{4}(?![0-9A-Za-z]|\.[0-9])",
    r"(?<![\w.])\+[1-9]\d{0,2}[-. ()]{0,2}\d{1,4}(?:[-. ()]{1,2}\d{2,8}){2,4}(?!\w)",
    r"(?<![\w.+)-])\+[1-9]\d{9,13}(?![\w*])",
    r"(?<![\w.-])0\d{2,3}[- ]\d{7,8}(?![\w-]|\.\w)",  # Chinese exchange lines
    r"(?<![\w.])8[- ]?\(?\d{3}\)?[- ]?\d{3}[- ]\d{2}[- ]\d{2}(?!\w)",  # Russian, from within
    r"(?<![\w.])\(\d{3}\) ?\d{3}-\d{4}(?!\w)",
)
_PLATES = (
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-HJ-NP-Z][·. ]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])",
    r"(?<!\w)[АВЕКМНОРСТУХ]\d{3}[АВЕКМНОРСТУХ]{2} ?\d{2,3}(?!\w)",
)
_EMAIL = r"(?<![\w.+-])[\w.+-]{1,64}@(?:(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}|(?:\d{1,3}\.){3}\d{1,3})(?![\w-])"

# What a text must have for a pattern to be worth a try: most texts have none of it, and this is much cheaper to see.
_DIGITS = re.compile(r"[0-9]{3}|\+[0-9]")
_NAMED = re.compile("паспорт|passport|серия|护照|инн|иин|inn|iin|снилс|snils", re.IGNORECASE)


def _compiled(kind: str, patterns: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for pattern in patterns)


_WITH_AT = _compiled("e-mail", (_EMAIL,))
_WITH_NAME = _compiled("id-number", tuple(pattern for pattern in _ID_NUMBERS if "(?i:" in pattern))
_WITH_DIGITS = (
    *_compiled("id-number", tuple(pattern for pattern in _ID_NUMBERS if "(?i:" not in pattern)),
    *_compiled("phone", _PHONES),
    *_compiled("plate", _PLATES[1:]),
)
_WITHOUT_DIGITS = _compiled("plate", _PLATES[:1])


def worth_trying(text: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Kind and pattern, in the order of trying; a group `it` is what is masked, or else the whole match."""
    if "@" in text:
        yield from _WITH_AT
    if _DIGITS.search(text):
        if _NAMED.search(text):
            yield from _WITH_NAME
        yield from _WITH_DIGITS
    yield from _WITHOUT_DIGITS
