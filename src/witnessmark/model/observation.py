"""The structure that a match stands in."""

from enum import StrEnum

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.match import Match


class Shape(StrEnum):
    """What sort of structure was read."""

    ENUM = "enum"
    RECORD = "record"
    FUNCTION = "function"
    SWITCH = "switch"
    ASSIGNMENT = "assignment"
    UI_TEXT = "ui_text"
    KEY_PATH = "key_path"
    SCHEMA = "schema"
    ROW = "row"
    SENTENCE = "sentence"
    LIST = "list"
    CELL = "cell"
    LABEL_LIST = "label_list"
    SYMBOL = "symbol"
    STRINGS = "strings"
    CONSTANT_POOL = "constant_pool"
    TRANSLATION = "translation"
    METADATA = "metadata"
    FILE_NAME = "file_name"


class Member(Record, frozen=True, kw_only=True):
    """One enumerator, field, parameter, column, list item, label or neighbouring string."""

    name: UntrustedText
    value: UntrustedText | None = None
    type: UntrustedText | None = None
    comment: UntrustedText | None = None
    offset: int | None = None
    length: int | None = None
    line: int | None = None


class Reference(Record, frozen=True, kw_only=True):
    """Something elsewhere in the same product that uses an observed name."""

    name: UntrustedText
    shape: Shape
    how: str  # "field of that type", "parameter", "call", "label", "exported symbol" …
    locator: Locator


class Observation(Record, frozen=True, kw_only=True):
    """What stands around one or more matches, with names as they are written.

    `parents` runs from the outermost enclosing name inwards (namespace, class, heading, key path). `neighbours` are the
    siblings that are not `members` (the fields next to a field, the sentences next to a sentence). `uses` are the type
    and function names this structure refers to; `referred_by` is filled across all files of a product.
    """

    shape: Shape
    name: UntrustedText
    locator: Locator
    language: str = ""
    text: UntrustedText = UntrustedText("")
    members: tuple[Member, ...] = ()
    comments: tuple[UntrustedText, ...] = ()
    parents: tuple[UntrustedText, ...] = ()
    neighbours: tuple[UntrustedText, ...] = ()
    uses: tuple[UntrustedText, ...] = ()
    referred_by: tuple[Reference, ...] = ()
    matches: tuple[Match, ...] = ()
    file_role: str = ""  # what the whole file is: "source", "locale-data", "dictionary", "manual", "package-metadata" …
