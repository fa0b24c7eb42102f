"""The page's own words in other languages. What was found, and why, stays in English as the rules say it."""

import gettext
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract
from starlette.requests import Request

from witnessmark.case.gate import TITLES
from witnessmark.model.artifact import Locator
from witnessmark.model.case import Verdict
from witnessmark.model.fact import Capability
from witnessmark.model.newsroom import Role
from witnessmark.pipeline.jobs import JobKind, JobState
from witnessmark.report import translation

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "page"
LANGUAGES = translation.LANGUAGES
COOKIE = "witnessmark-language"
MOST_ASKED = 20


@cache
def words_of(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, with the report's behind it; English is what the templates say."""
    if language not in LANGUAGES or language == "en":
        return gettext.NullTranslations()
    found = gettext.translation(DOMAIN, LOCALE, [language])
    found.add_fallback(translation.translations(language))
    return found


def language_of(request: Request) -> str:
    """What the visitor chose; else the first language that the browser asks for and we have; else English."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    asked = []
    for number, part in enumerate(request.headers.get("accept-language", "")[:1000].split(",")[:MOST_ASKED]):
        tag, _, weight = part.partition(";q=")
        asked.append((-_weight(weight), number, tag.strip().lower().partition("-")[0]))
    return next((tag for weight, _, tag in sorted(asked) if weight < 0 and tag in LANGUAGES), "en")


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text))) if text else 1.0
    except ValueError:
        return 0.0


def say(request: Request, text: str, **values: object) -> str:
    """A sentence of ours in the visitor's language, with `%(name)s` filled in."""
    said = words_of(language_of(request)).gettext(text)
    return said % values if values else said


def place(words: gettext.NullTranslations, locator: Locator) -> str:
    """Line, byte offset and encoding, as far as known."""
    parts = []
    if locator.line is not None:
        parts.append(words.gettext("line %(number)s") % {"number": locator.line})
    if locator.offset is not None:
        parts.append(words.gettext("byte %(number)s") % {"number": f"{locator.offset:#x}"})
    return ", ".join([*parts, locator.encoding] if locator.encoding else parts)


def messages() -> tuple[str, ...]:
    """Every text of the page that needs a translation, in its own catalogue or in the report's."""
    here = Path(__file__).parent
    card = Path(translation.__file__).parent / "templates" / "finding.html"
    found: dict[str, None] = {}
    for path in [*sorted((here / "templates").glob("*.html")), card]:
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "gettext"), (), {"silent": "false"}):
                if message is not None:  # else it is a value that is listed below
                    found[str(message)] = None
    for path in sorted(here.rglob("*.py")):
        with path.open("rb") as file:
            for _, said, _, _ in extract("python", file, {"say": (2,), "gettext": None}, (), {}):
                found[said if isinstance(said, str) else said[0]] = None
    found.update(dict.fromkeys(_values()))
    return tuple(found)


def _values() -> Iterator[str]:
    yield from TITLES
    yield from ("mixed", "none", "not reviewed")
    for kind in (Verdict, JobKind, JobState, Role):
        yield from (str(value) for value in kind)
    yield from (str(value).replace("_", " ") for value in Capability)
