"""The words we look for and the places where they stand."""

from enum import StrEnum

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record, Source, UntrustedText


class TermRole(StrEnum):
    """What a term stands for."""

    GROUP = "group"  # a people: Uyghur, Tibetan, Roma …
    TRAIT = "trait"  # the trait's own name: ethnicity, 民族, skin colour …
    IDENTIFIER = "identifier"  # a name seen in a product's interface: EM_NATION_TYPE, byEthnic, EthicCode …
    CODE = "code"  # a code value with a fixed meaning
    PROXY = "proxy"  # beard, veil, prayer … (behaviour standing in for a group)
    PHRASE = "phrase"  # several words that only together mean something


class Boundary(StrEnum):
    """What may stand next to a term for it to count."""

    SUBSTRING = "substring"  # anything (scripts without word breaks)
    WORD = "word"  # no letter or digit of the same script on either side
    PART = "part"  # a word, or a whole part of a name split by `_`, `-`, camelCase or digits
    STEM = "stem"  # the beginning of a word, for languages that inflect


class Term(Record, frozen=True, kw_only=True):
    """One spelling of one concept.

    `concept` is `group:uyghur`, `trait:skin_colour`, `identifier:hikvision-ethnic`, `proxy:beard` and so on: it is what
    rules speak about, so that a new spelling needs no new rule.
    """

    id: str
    text: str
    concept: str
    role: TermRole
    boundary: Boundary
    language: str = ""
    gloss: str = ""
    cased: bool = False
    searched: bool = True  # False: too short or too common to look for; rules still know it when they read a structure
    vendor: str = ""  # whose own name it is, if it belongs to one vendor's interface
    source: tuple[Source, ...] = ()


class Match(Record, frozen=True, kw_only=True):
    """One place where one term stands.

    `text` is what stands there, decoded. `locator` has the byte span, line (from 1) and encoding; `disguise` names the
    wrapping when the text was not plain (`c-escape`, `unicode-escape`, `html-entity`, `percent`, `base64`, …).
    """

    term: str
    concept: str
    role: TermRole
    text: UntrustedText
    offset: int
    length: int
    encoding: str
    line: int | None = None
    disguise: str | None = None


class Leaf(Record, frozen=True, kw_only=True):
    """One member whose bytes were matched, with all its matches in order of offset."""

    locator: Locator
    size: int
    media_type: str
    matches: tuple[Match, ...] = ()
