"""The report's own words in other languages. What was found, and why, stays in English as the rules say it."""

import gettext
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

from witnessmark.errors import UsageError
from witnessmark.model.case import FindingState
from witnessmark.model.case import Verdict as ReviewVerdict
from witnessmark.model.change import ChangeKind, Confidence
from witnessmark.model.deployment import NodeKind
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Grade
from witnessmark.model.screening import Sameness
from witnessmark.model.sighting import Verdict as Look
from witnessmark.redact import PersonalData
from witnessmark.report import wording

_SHOWN_EVENTS = (
    EventKind.CAPTURED, EventKind.DOWNLOADED, EventKind.IMPORTED, EventKind.ADDED, EventKind.CONTACTED,
    EventKind.ANSWERED, EventKind.NO_ANSWER, EventKind.PUBLISHED, EventKind.CORRECTED, EventKind.SEALED,
    EventKind.SCREENED,
)  # fmt: skip

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "report"
LANGUAGES = {"en": "English", "zh": "中文", "ru": "Русский", "fr": "Français"}


def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; English is what is written in the templates. Raises UsageError if there is none."""
    if language not in LANGUAGES:
        raise UsageError(f"there is no report in {language!r}", hint=f"Languages: {', '.join(LANGUAGES)}")
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [language])


def messages() -> tuple[str, ...]:
    """Every text that needs a translation: those of the case report's templates, its figures, and the fixed phrases."""
    here = Path(__file__).parent
    found: dict[str, None] = {}
    with (here / "templates" / "case.html").open("rb") as file:
        for _, _, message, _ in babel_extract(file, ("_", "gettext"), (), {"silent": "false"}):
            if message is not None:  # else it is a phrase that is listed below
                found[str(message)] = None
    spoken = [
        *(here / "figures").glob("*.py"),
        *(here / "casefile").glob("*.py"),
        here / "wording.py",
        here / "timeline.py",
    ]
    for path in sorted(spoken):
        with path.open("rb") as file:
            for _, said, _, _ in extract("python", file, {"say": None}, (), {}):
                found[str(said)] = None
    for phrase in _phrases():
        found[phrase] = None
    return tuple(found)


def _phrases() -> Iterator[str]:
    """Words that records hold and the report shows: kinds, grades, states, verdicts."""
    yield from (str(grade) for grade in Grade)
    yield from wording.GRADE_MEANS.values()
    yield from wording.CAPABILITY_MEANS.values()
    yield from (str(state) for state in FindingState)
    yield from (str(kind) for kind in _SHOWN_EVENTS)
    yield from ("listed", "no-longer-listed", "may be", "said to be", "said to make", "contains", "offered")
    yield from ("tendered", "won", "documented by", "masked when scanned")
    for words in (Look, ReviewVerdict, Sameness, ChangeKind, Confidence, PersonalData, NodeKind):
        yield from (str(word) for word in words)
