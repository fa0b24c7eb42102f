"""What sort of structure it is, and what the file as a whole is."""

from witnessmark.explain.features.feature import Answer, Asked, Feature
from witnessmark.explain.scene import Scene


def _form(scene: Scene, asked: Asked) -> Answer:
    shape = scene.observation.shape.value
    return shape in asked.arguments, (shape,)


def _role(scene: Scene, asked: Asked) -> Answer:
    role = scene.observation.file_role
    return role in asked.arguments, (role,) if role else ()


def _language(scene: Scene, asked: Asked) -> Answer:
    language = scene.observation.language
    return language in asked.arguments, (language,) if language else ()


def _members(scene: Scene, asked: Asked) -> Answer:
    observation = scene.observation
    number = observation.member_count if observation.member_count is not None else len(observation.members)
    return asked.enough(number), (str(number),)


def _say_form(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    what = " or ".join(word.replace("_", " ") for word in asked.arguments)
    return f"it is {what}" if held else f"it is {words[0].replace('_', ' ')}, not {what}"


def _say_role(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    what = " or ".join(asked.arguments)
    return f"the file is {what}" if held else f"the file is not {what}"


def _say_members(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    return f"it has {words[0]} members ({'at most' if asked.most else 'at least'} {asked.count} asked)"


FEATURES = (
    Feature(name="form", doc="The structure is one of some sorts.", holds=_form, say=_say_form),
    Feature(name="role", doc="The file as a whole is one of some sorts.", holds=_role, say=_say_role),
    Feature(name="lang", doc="It is written in one of some languages.", holds=_language, say=_say_role),
    Feature(name="members", doc="It has at least or at most so many members.", holds=_members, say=_say_members),
)
