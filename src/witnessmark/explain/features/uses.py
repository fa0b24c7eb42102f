"""What is done with a name: who refers to it from another file, and labels that were made neutral."""

import re

from witnessmark.explain.features.feature import Answer, Asked, Feature
from witnessmark.explain.scene import Scene
from witnessmark.model.observation import Shape

_USES = ("event", "alarm", "watch", "search", "capture")
_CODE = frozenset({Shape.FUNCTION, Shape.STATEMENT, Shape.SWITCH, Shape.UI_TEXT})
_SHOWN = 3
_NEUTRAL = re.compile(
    r"(?P<control>\w*(?:race|ethnic|ethnicity|nation|minority|complexion|skin_?colou?r)\w*)"
    r"\s*(?:\.|->)\s*(?:set(?:Text|Title|Label)\s*\(|(?:Text|Content|Caption|text|textContent|innerText)\s*=)\s*"
    r"(?P<said>(?:\w+(?:\(\))?\.)*[a-z]*get[A-Z]{1,3}\(\s*\d*\s*\)|\"[_*]{1,3}\"|'[_*]{1,3}')\s*\)?\s*(?:;|$)",
    re.IGNORECASE | re.MULTILINE,
)
_GETTER = re.compile(r"get[A-Z]{1,3}\(")


def _used_elsewhere(scene: Scene, _: Asked) -> Answer:
    """Another file of the product names it in an event, alarm, search or callback, or in code that runs."""
    own = tuple(scene.observation.locator.path)
    places = []
    for reference in scene.observation.referred_by:
        found = scene.vocabulary.read(reference.name)
        if tuple(reference.locator.path) != own and (reference.shape in _CODE or any(cue in found for cue in _USES)):
            line = f" line {reference.locator.line}" if reference.locator.line is not None else ""
            places.append(f"{reference.name} in {reference.locator.path[-1]}{line}")
    return bool(places), tuple(places[:_SHOWN])


def _neutral_label(scene: Scene, _: Asked) -> Answer:
    """A control named after the trait gets `_`, or what a getter of one to three capital letters gives.

    An empty text does not count: every form clears its fields.
    """
    found = [each for each in _NEUTRAL.finditer(scene.observation.text) if _is_neutral(each["said"])]
    return bool(found), tuple(each.group()[:60] for each in found)


def _is_neutral(said: str) -> bool:
    return "get" not in said.lower() or _GETTER.search(said) is not None


def _say_used(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    return f"another file uses it: {'; '.join(words)}" if words else "no other file uses it in an event or in code"


def _say_neutral(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    what = "a control named after the trait shows a neutral or blanked text"
    return f"{what}: {'; '.join(words)}" if words else f"not found: {what}"


FEATURES = (
    Feature(
        name="used-elsewhere",
        doc="Another file of the product uses it in an event, alarm, search or code.",
        holds=_used_elsewhere,
        say=_say_used,
    ),
    Feature(
        name="neutral-label",
        doc="A control named after the trait shows a neutral or blanked text.",
        holds=_neutral_label,
        say=_say_neutral,
    ),
)
