"""What sort of structure it is, and what the file as a whole is."""

from witnessmark.explain.features.feature import Answer, Asked, Feature
from witnessmark.explain.scene import Scene

_SPOKEN = {
    "enum": "a list of values (enum)",
    "record": "a record with fields",
    "function": "a function",
    "switch": "a choice between values in code",
    "assignment": "an assignment in code",
    "statement": "a statement in code",
    "ui_text": "a text of the user interface",
    "key_path": "a key with its value",
    "schema": "a schema",
    "row": "a row of data",
    "sentence": "a sentence",
    "list": "a list",
    "cell": "a table cell",
    "label_list": "a list of labels",
    "symbol": "a symbol of a program",
    "strings": "strings of a binary file",
    "constant_pool": "names of a compiled class",
    "translation": "a translated text",
    "metadata": "metadata",
    "file_name": "a file name",
    "comment": "a comment",
}


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


def _length(scene: Scene, asked: Asked) -> Answer:
    size = len(scene.observation.text or scene.observation.name)
    return asked.enough(size), (str(size),)


def _say_length(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    return f"its text has {words[0]} characters ({'at most' if asked.most else 'at least'} {asked.count} asked)"


def _say_form(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    actual = _SPOKEN.get(words[0], words[0])
    what = " or ".join(_SPOKEN.get(word, word) for word in asked.arguments)
    return f"it is {actual}" if held else f"it is {actual}, not {what}"


def _say_role(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    what = " or ".join(asked.arguments)
    return f"the file is {what}" if held else f"the file is not {what}"


def _say_members(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
    return f"it has {words[0]} members ({'at most' if asked.most else 'at least'} {asked.count} asked)"


FEATURES = (
    Feature(name="form", doc="The structure is one of some sorts.", holds=_form, say=_say_form),
    Feature(name="role", doc="The file as a whole is one of some sorts.", holds=_role, say=_say_role),
    Feature(name="lang", doc="It is written in one of some languages.", holds=_language, say=_say_role),
    Feature(name="length", doc="Its text has so many characters.", holds=_length, say=_say_length),
    Feature(name="members", doc="It has at least or at most so many members.", holds=_members, say=_say_members),
)
