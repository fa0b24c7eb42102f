"""Cue words in a scope, and how many of a family stand there together."""

from witnessmark.explain.features.feature import Answer, Asked, Feature, quoted
from witnessmark.explain.scene import SCOPES, Scene

_DEFAULT = ("here",)


def _cue(scene: Scene, asked: Asked) -> Answer:
    words: dict[str, None] = {}
    for scope in asked.scopes or _DEFAULT:
        found = scene.found(scope)
        for cue in asked.arguments:
            words.update(dict.fromkeys(found.get(cue, ())))
    return asked.enough(len(words)), tuple(words)


def _slots(scene: Scene, asked: Asked) -> Answer:
    seen: dict[str, str] = {}
    for scope in asked.scopes or _DEFAULT:
        for name, words in scene.found(scope).items():
            family, slash, slot = name.partition("/")
            if slash and family in asked.arguments:
                seen.setdefault(slot, words[0])
    return asked.enough(len(seen)), tuple(seen.values())


def _where(asked: Asked) -> str:
    return " or ".join(SCOPES[scope] for scope in asked.scopes or _DEFAULT)


def _say_cue(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    what = " / ".join(asked.arguments)
    if words:
        return f"words for {what} in {_where(asked)}: {quoted(words)}"
    return f"no words for {what} in {_where(asked)}"


def _say_slots(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    what = " / ".join(asked.arguments)
    bound = "at most" if asked.most else "at least"
    return f"{len(words)} kinds of {what} in {_where(asked)} ({bound} {asked.count} asked): {quoted(words) or 'none'}"


FEATURES = (
    Feature(name="cue", doc="Words of a cue stand in a scope.", holds=_cue, say=_say_cue, cues=True),
    Feature(name="slots", doc="So many kinds of a family stand in a scope.", holds=_slots, say=_say_slots, cues=True),
)
