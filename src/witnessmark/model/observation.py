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
    STATEMENT = "statement"  # a call, condition or return that uses the name
    COMMENT = "comment"  # a comment that belongs to no declaration


class Member(Record, frozen=True, kw_only=True):
    """One enumerator, field, parameter, column, list item, label or neighbouring string.

    `offset` and `line` are those of its name; `matched` lists the indexes of the observation's matches that stand in
    this member (its name, type, value, comments or attributes).
    """

    name: UntrustedText
    value: UntrustedText | None = None
    type: UntrustedText | None = None
    comment: UntrustedText | None = None
    offset: int | None = None
    length: int | None = None
    line: int | None = None
    matched: tuple[int, ...] = ()


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
    and function names this structure refers to; `referred_by` is filled across all files of a product. `locator` spans
    the structure and stands on the line of its name. `type` is what a function returns, a key or a constant holds.
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
    aliases: tuple[UntrustedText, ...] = ()  # other names of the same thing (tag, serialised name, generic base)
    type: UntrustedText | None = None
    member_count: int | None = None  # how many members there are, when `members` shows only those around the matches
    imports: tuple[UntrustedText, ...] = ()  # lines at the head of the file that name its package or what it imports
    file_role: str = ""  # what the whole file is: "source", "locale-data", "dictionary", "manual", "package-metadata" …
