"""The report's own words in other languages. What was found, and why, stays in English as the rules say it."""

import gettext
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

from witnessmark.errors import UsageError
from witnessmark.model.case import FindingState
from witnessmark.model.fact import Grade
from witnessmark.report import wording

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
    for path in sorted([*(here / "figures").glob("*.py"), *(here / "casefile").glob("*.py")]):
        with path.open("rb") as file:
            for _, said, _, _ in extract("python", file, {"say": None}, (), {}):
                found[str(said)] = None
    for phrase in _phrases():
        found[phrase] = None
    return tuple(found)


def _phrases() -> Iterator[str]:
    yield from (str(grade) for grade in Grade)
    yield from wording.GRADE_MEANS.values()
    yield from wording.CAPABILITY_MEANS.values()
    yield from (str(state) for state in FindingState)
