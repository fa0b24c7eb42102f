"""The record base, and the small vocabulary that every record shares."""

from enum import StrEnum
from typing import NewType

import msgspec

Sha256 = NewType("Sha256", str)
"""Lower-case hexadecimal SHA-256, 64 characters."""

UntrustedText = NewType("UntrustedText", str)
"""Text taken from a specimen, page or list. Only `report/escape.py` turns it into something shown."""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One immutable fact. One definition is the type, the wire form and the JSON Schema."""


class Grade(StrEnum):
    """How far the evidence reaches. Each grade includes the ones before it."""

    NAMED = "named"
    REFERENCED = "referenced"
    WIRED = "wired"
    DOCUMENTED = "documented"
    PROCURED = "procured"
    DEPLOYED = "deployed"

    @property
    def rank(self) -> int:
        """0 for the weakest grade, 5 for the strongest."""
        return list(Grade).index(self)

    @property
    def following(self) -> "Grade | None":
        """The next stronger grade, which the evidence does not reach."""
        grades = list(Grade)
        return grades[self.rank + 1] if self.rank + 1 < len(grades) else None


class Kind(StrEnum):
    """What a hit amounts to."""

    FINDING = "finding"
    ADJACENT = "adjacent"


class Capability(StrEnum):
    """What the product would do with the trait."""

    ATTRIBUTE_CLASSIFICATION = "attribute_classification"
    WATCH_ALARM = "watch_alarm"
    SEARCH_FILTER = "search_filter"
    POPULATION_STATISTICS = "population_statistics"
    ID_RECORD = "id_record"
    BEHAVIOURAL_PROXY = "behavioural_proxy"
    LANGUAGE_REGION_PROXY = "language_region_proxy"
    PREMISES_PROFILING = "premises_profiling"
    NAME_INFERENCE = "name_inference"
    EMOTION_INFERENCE = "emotion_inference"
    SCRUB_ARTEFACT = "scrub_artefact"


class Trait(StrEnum):
    """The protected trait in question."""

    ETHNICITY = "ethnicity"
    RACE = "race"
    RELIGION = "religion"
    SKIN_COLOUR = "skin_colour"
    NATIONAL_ORIGIN = "national_origin"
    LANGUAGE = "language"
    DISABILITY = "disability"
    EMOTION = "emotion"
    SEXUAL_ORIENTATION = "sexual_orientation"
    POLITICAL_OPINION = "political_opinion"
    CASTE = "caste"


class Source(Record, frozen=True, kw_only=True):
    """Where a fact of our own knowledge comes from."""

    title: str
    url: str = ""
    date: str = ""
    kind: str = ""
