"""Read `lexicon/`: the words and names that we look for, one concept or family of names a file."""

import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from witnessmark.errors import KnowledgeError
from witnessmark.model.fact import Record, Source
from witnessmark.model.match import Boundary, Term, TermRole

_T = TypeVar("_T")

SHORTEST_SEARCHED = 3
"""Bytes in UTF-8. Anything shorter (`UG`, `ZA`) is data for rules: searched, it would match everywhere."""


class Collision(Record, frozen=True, kw_only=True):
    """An innocent thing that is spelled the same."""

    text: str
    innocent: str


class _Entry(Record, frozen=True, kw_only=True):
    texts: tuple[str, ...]
    source: tuple[str, ...]
    boundary: Boundary
    language: str = ""
    gloss: str = ""
    concept: str = ""
    vendor: str = ""
    cased: bool = False
    searched: bool = True


class LexiconFile(Record, frozen=True, kw_only=True):
    """One file of `lexicon/` as it is written."""

    name: str
    role: TermRole
    terms: tuple[_Entry, ...]
    about: str = ""
    concept: str = ""
    vendor: str = ""
    codes: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    collisions: tuple[Collision, ...] = ()


class _Sources(Record, frozen=True, kw_only=True):
    sources: dict[str, Source]


def load_terms(root: Path) -> tuple[Term, ...]:
    """Every spelling of every concept, in order of id, so that the same files give the same tuple.

    `root` is the folder that holds `lexicon/`. Raises KnowledgeError naming the file and the key.
    """
    sources = _sources(root / "lexicon" / "sources.toml")
    found: dict[str, tuple[Path, Term]] = {}
    for path, file in _files(root):
        for term in _terms(path, file, sources):
            if term.id in found:
                raise KnowledgeError(
                    f"{path}: {term.text!r} for {term.concept} is already in {found[term.id][0]}",
                    hint="One spelling of a concept stands once, whatever the languages that share it.",
                )
            found[term.id] = (path, term)
    return tuple(found[key][1] for key in sorted(found))


def load_files(root: Path) -> dict[str, LexiconFile]:
    """Each lexicon file by its path below `lexicon/`, with codes and collisions, for documentation and for rules."""
    folder = root / "lexicon"
    return {path.relative_to(folder).as_posix(): file for path, file in _files(root)}


def _files(root: Path) -> Iterator[tuple[Path, LexiconFile]]:
    folder = root / "lexicon"
    paths = sorted(path for path in folder.rglob("*.toml") if path.name != "sources.toml")
    if not paths:
        raise KnowledgeError(
            f"{folder} holds no lexicon file", hint="Name a folder that holds lexicon/, signals/ and law/."
        )
    for path in paths:
        yield path, _read(path, LexiconFile)


def _read(path: Path, type_: type[_T]) -> _T:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), type_)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"{path}: {error}", hint="lexicon/README.md lists the fields.") from error


def _sources(path: Path) -> dict[str, Source]:
    sources = _read(path, _Sources).sources
    for key, source in sources.items():
        if not source.title:
            raise KnowledgeError(f"{path}: source {key!r} has no title")
    return sources


def _terms(path: Path, file: LexiconFile, sources: dict[str, Source]) -> Iterator[Term]:
    for number, entry in enumerate(file.terms):
        where = f"{path}: terms[{number}]"
        concept = entry.concept or file.concept
        prefix, _, slug = concept.partition(":")
        if not prefix or not slug:
            raise KnowledgeError(f"{where}: no concept such as group:uyghur, neither here nor at the top of the file")
        if not entry.source or not entry.texts:
            raise KnowledgeError(f"{where}: `texts` and `source` may not be empty")
        unknown = [key for key in entry.source if key not in sources]
        if unknown:
            raise KnowledgeError(f"{where}: source {unknown[0]!r} is not in lexicon/sources.toml")
        for text in entry.texts:
            _check_text(text, entry, where)
            yield Term(
                id=f"{concept}/{text if entry.cased else text.casefold()}",
                text=text,
                concept=concept,
                role=file.role,
                boundary=entry.boundary,
                language=entry.language,
                gloss=entry.gloss or file.name,
                cased=entry.cased,
                searched=entry.searched,
                vendor=entry.vendor or file.vendor,
                source=tuple(sources[key] for key in entry.source),
            )


def _check_text(text: str, entry: _Entry, where: str) -> None:
    if text != unicodedata.normalize("NFC", text).strip() or any(unicodedata.category(c) == "Cc" for c in text):
        raise KnowledgeError(f"{where}: {text!r} is not trimmed text in normal form C without control characters")
    if not entry.searched:
        return
    if len(text.encode()) < SHORTEST_SEARCHED or len(text) < 2:
        raise KnowledgeError(
            f"{where}: {text!r} is too short to look for", hint="Set `searched = false`, or put it in `codes`."
        )
