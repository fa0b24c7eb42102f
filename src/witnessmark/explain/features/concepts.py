"""Which concepts matched, and where in the structure."""

from fnmatch import fnmatchcase
from functools import lru_cache

from witnessmark.explain.features.feature import Answer, Asked, Feature, plain, quoted
from witnessmark.explain.scene import Scene

SITES = ("name", "member", "value", "type", "comment", "text", "parent")
_PLACES = {"name": "the structure's name", "member": "a name in it", "value": "a value", "type": "a type"}


@lru_cache(maxsize=20_000)
def wanted(concept: str, patterns: tuple[str, ...]) -> bool:
    """Whether a concept is one of some, where `group:*` takes every people."""
    return any(fnmatchcase(concept, pattern) for pattern in patterns)


def _hit(scene: Scene, asked: Asked) -> Answer:
    texts: dict[str, None] = {}
    for hit in scene.hits:
        if asked.scopes and hit.site not in asked.scopes:
            continue
        if wanted(hit.match.concept, asked.arguments):
            texts[hit.match.text] = None
    return asked.enough(len(texts)), tuple(texts)


def _kinds(scene: Scene, asked: Asked) -> Answer:
    kinds = {c for c in scene.concepts if wanted(c, asked.arguments)}
    return asked.enough(len(kinds)), tuple(sorted(kinds))


def _in_file(scene: Scene, asked: Asked) -> Answer:
    kinds = {c for c in scene.file.concepts if wanted(c, asked.arguments)}
    return asked.enough(len(kinds)), tuple(sorted(kinds))


def _say_hit(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    what = plain(asked.asked_for)
    if words:
        return f"{what} is named: {quoted(words)}"
    where = " or ".join(_PLACES.get(scope, f"a {scope}") for scope in asked.scopes) or "the structure"
    return f"{what} is not named in {where}"


def _say_kinds(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    return f"{len(words)} different {plain(asked.asked_for)} in the structure: {quoted(words) or 'none'}"


def _say_file(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    return f"{len(words)} different {plain(asked.asked_for)} in the file: {quoted(words) or 'none'}"


FEATURES = (
    Feature(name="hit", doc="A concept was matched, at one of some sites.", holds=_hit, say=_say_hit, scopes=SITES),
    Feature(
        name="concepts", doc="So many different concepts of a kind were matched here.", holds=_kinds, say=_say_kinds
    ),
    Feature(name="file-concepts", doc="So many in the whole file.", holds=_in_file, say=_say_file),
)
