"""Read `sanctions/`: parts of names, list headers, the starter set and known relations between firms."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec

from witnessmark.errors import KnowledgeError
from witnessmark.knowledge.load import root
from witnessmark.model.fact import Record
from witnessmark.model.screening import Firm, ListEntry, ListHeader, LookAlike, MakerCode, Relation, ScoreModel

T = TypeVar("T")
Spellings = tuple[tuple[str, tuple[str, ...]], ...]


class NameParts(Record, frozen=True, kw_only=True):
    """The tables of `sanctions/names/`: each key with its spellings in all scripts."""

    places: Spellings
    within: tuple[tuple[str, str], ...]
    forms: Spellings
    levels: Spellings
    organs: Spellings
    words: tuple[tuple[str, str, tuple[str, ...]], ...]
    stems: Spellings
    groups: Spellings = ()  # large groups whose long name, short name and initials are one distinctive part
    towns: Spellings = ()  # places only beside a level or a public body: "Anyang City", but not "Anyang Electronics"
    common: tuple[str, ...] = ()  # everyday words inside names: they identify weakly


class RelationFile(Record, frozen=True, kw_only=True):
    """One file of `sanctions/relations/`, or a user's own."""

    firm: tuple[Firm, ...] = ()
    relation: tuple[Relation, ...] = ()
    lookalike: tuple[LookAlike, ...] = ()
    identifier: tuple[MakerCode, ...] = ()


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(
            f"{path.name} cannot be read: {error}", hint="Compare it with sanctions/README.md."
        ) from error


def _convert(data: object, kind: type[T], path: Path) -> T:
    try:
        return msgspec.convert(data, type=kind)
    except msgspec.ValidationError as error:
        raise KnowledgeError(f"{path.name}: {error}", hint="Compare it with sanctions/README.md.") from error


def _table(path: Path, name: str) -> Spellings:
    rows = _convert(_toml(path).get(name, {}), dict[str, tuple[str, ...]], path)
    return tuple(rows.items())


@lru_cache(maxsize=4)
def load_name_parts(folder: Path | None = None) -> NameParts:
    """The typed parts of names. Raises KnowledgeError for a malformed file."""
    names = (folder or root() / "sanctions") / "names"
    words: list[tuple[str, str, tuple[str, ...]]] = []
    stems: list[tuple[str, tuple[str, ...]]] = []
    common: list[str] = []
    for path in sorted(names.glob("words*.toml")):
        fields = _convert(_toml(path), dict[str, dict[str, tuple[str, ...]]], path)
        stems.extend(fields.pop("stems", {}).items())
        common.extend(fields.pop("common", {}).get("words", ()))
        for field, rows in fields.items():
            words.extend((field, key, spellings) for key, spellings in rows.items())
    maps = sorted(names.glob("places*.toml"), key=lambda path: (path.stem != "places", path.stem))
    within = [pair for path in maps for pair in _convert(_toml(path).get("within", {}), dict[str, str], path).items()]
    return NameParts(
        places=tuple(row for path in maps for row in _table(path, "places")),
        towns=tuple(row for path in maps for row in _table(path, "towns")),
        within=tuple(within),
        forms=_table(names / "forms.toml", "forms"),
        levels=_table(names / "forms.toml", "levels"),
        organs=_table(names / "organs.toml", "organs"),
        groups=_table(names / "organs.toml", "groups"),
        words=tuple(words),
        stems=tuple(stems),
        common=tuple(common),
    )


def read_relation_file(path: Path) -> RelationFile:
    """One file of firms, relations and look-alikes. Raises KnowledgeError for a malformed one."""
    return _convert(_toml(path), RelationFile, path)


def load_relations(folder: Path | None = None, extra: tuple[Path, ...] = ()) -> RelationFile:
    """All known firms and relations, ours and a user's, in order of file name. Raises KnowledgeError."""
    base = (folder or root() / "sanctions") / "relations"
    files = [read_relation_file(path) for path in (*sorted(base.glob("*.toml")), *extra)]
    firms = tuple(firm for file in files for firm in file.firm)
    known: set[str] = set()
    for firm in firms:
        if firm.id in known:
            raise KnowledgeError(
                f"the firm {firm.id!r} stands twice in sanctions/relations", hint="Give each an id of its own."
            )
        known.add(firm.id)
    relations = tuple(relation for file in files for relation in file.relation)
    for code in (row for file in files for row in file.identifier):
        if code.firm not in known:
            raise KnowledgeError(f"an identifier points to the unknown firm {code.firm!r}")
    for relation in relations:
        if relation.to not in known:
            raise KnowledgeError(f"a relation of {relation.name!r} points to the unknown firm {relation.to!r}")
    return RelationFile(
        firm=firms,
        relation=relations,
        lookalike=tuple(row for file in files for row in file.lookalike),
        identifier=tuple(row for file in files for row in file.identifier),
    )


class StarterFile(Record, frozen=True, kw_only=True):
    """One tranche of the starter set: the source it was written from, and its entries."""

    list: str
    as_of: str
    written_from: str
    entry: tuple[ListEntry, ...]


def load_starter(folder: Path | None = None) -> tuple[StarterFile, ...]:
    """The starter set, one record a file, in order of file name. Raises KnowledgeError."""
    base = (folder or root() / "sanctions") / "starter"
    return tuple(_convert(_toml(path), StarterFile, path) for path in sorted(base.glob("*.toml")))


def load_headers(folder: Path | None = None) -> tuple[ListHeader, ...]:
    """The header of every list we can read, sorted by id. Raises KnowledgeError."""
    base = (folder or root() / "sanctions") / "lists"
    headers = [_convert(_toml(path), ListHeader, path) for path in sorted(base.glob("*.toml"))]
    return tuple(sorted(headers, key=lambda header: header.id))


@lru_cache(maxsize=4)
def load_score_model(folder: Path | None = None) -> ScoreModel:
    """The fitted weights with the corpus they were fitted on. Raises KnowledgeError."""
    path = (folder or root() / "sanctions") / "names" / "score.toml"
    return _convert(_toml(path), ScoreModel, path)
