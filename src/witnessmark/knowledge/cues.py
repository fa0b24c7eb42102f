"""Words that make a mention a capability, or an innocent thing: `signals/cues/*.toml`.

A cue file names one idea (`face`, `alarm`, `identity document`, `cosmetics`) and gives its words. A file with `[slots]`
names several ideas of one family (`age`, `glasses`, `beard`: the attribute suite), so that rules can count how many of
the family stand together.
"""

import tomllib
from pathlib import Path

import msgspec

from witnessmark.errors import KnowledgeError
from witnessmark.model.fact import Record, Source


class Cue(Record, frozen=True, kw_only=True):
    """One idea and its words, or one family of ideas (`slots`).

    A word of letters matches a whole word or a whole part of a name (`byAge` has the part `age`); a final `*` lets it
    go on (`face*` takes `facedetect`, but never what `but_not` lists). Words in scripts without word breaks match
    anywhere. `effect` is `for` (points to observed people), `against` (points to an innocent thing) or `neutral`
    (counted only).
    """

    id: str
    about: str
    effect: str
    words: tuple[str, ...] = ()
    slots: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    but_not: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    note: str = ""


def load_cues(folder: Path) -> tuple[Cue, ...]:
    """Every cue below `folder/signals/cues`, in order of id. Raises KnowledgeError on a malformed file."""
    cues = []
    for path in sorted((folder / "signals" / "cues").glob("*.toml")):
        cue = _read(path)
        if cue.id != path.stem:
            raise KnowledgeError(f"{path}: id is {cue.id!r} but the file's name says {path.stem!r}")
        if not cue.words and not cue.slots:
            raise KnowledgeError(f"{path}: a cue needs words or slots")
        cues.append(cue)
    return tuple(cues)


def _read(path: Path) -> Cue:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Cue)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path}: {error}", hint="signals/README.md describes the fields of a cue.") from error
