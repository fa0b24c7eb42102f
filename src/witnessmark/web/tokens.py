"""Words for full-text search that also work where a script puts no spaces between them.

Runs of Chinese and Japanese become overlapping pairs of characters (and the run's last one alone), so that a word of
two characters is found anywhere in a sentence. Other text is left to SQLite's `unicode61`; the parts of an
identifier in camel case are added.
"""

import re
import unicodedata

_PACKED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]{3,80}")
_WORD = re.compile(r"\w", re.UNICODE)
MOST_CHARACTERS = 20_000
"""Of one text; what comes after is not searched."""
MOST_WORDS = 16
"""In one question."""


def searchable(text: str) -> str:
    """What goes into the index for a text."""
    shown = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])
    extra = [
        " ".join(parts)
        for name in _IDENTIFIER.findall(shown)
        if len(parts := _CAMEL.findall(name)) > 1 and "".join(parts) == name
    ]
    return f"{_PACKED.sub(_pairs, shown)} {' '.join(extra)}".casefold()


def question(text: str) -> str:
    """An FTS5 expression: all words, each as a prefix. Empty when there is nothing to look for."""
    terms: list[str] = []
    for chunk in unicodedata.normalize("NFKC", text).casefold().replace('"', " ").replace("\0", " ").split():
        if len(terms) >= MOST_WORDS:
            break
        terms += [_term(part) for part in _split(chunk) if _WORD.search(part)]
    return " ".join(terms[:MOST_WORDS])


def _split(chunk: str) -> list[str]:
    """Packed runs and the rest, apart."""
    parts, at = [], 0
    for run in _PACKED.finditer(chunk):
        parts += [chunk[at : run.start()], run.group()]
        at = run.end()
    return [part for part in [*parts, chunk[at:]] if part]


def _term(part: str) -> str:
    if not _PACKED.fullmatch(part):
        return f'"{part}"*'
    if len(part) == 1:
        return f'"{part}"*'
    return '"' + " ".join(part[at : at + 2] for at in range(len(part) - 1)) + '"'


def _pairs(run: re.Match[str]) -> str:
    text = run.group()
    return " " + " ".join([*(text[at : at + 2] for at in range(len(text) - 1)), text[-1]]) + " "
