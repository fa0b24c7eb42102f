"""The structure that a finding's rule looked at, cut to what a reader can take in and with personal data masked."""

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.observation import Shape


class Part(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One enumerator, field, parameter, column, item or neighbouring string. `matched`: a word of ours stands in it."""

    name: UntrustedText
    value: UntrustedText | None = None
    type: UntrustedText | None = None
    comment: UntrustedText | None = None
    line: int | None = None
    offset: int | None = None
    matched: bool = False


class CrossReference(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Another place of the same product that uses the structure's name."""

    name: UntrustedText
    shape: Shape
    how: str
    locator: Locator


class Structure(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What stands around a finding's place, with names as they are written.

    `parents` runs from the outermost enclosing name inwards. `part_count` says how many parts there are when `parts`
    holds only those around the matches; `cut` that some text or list was shortened.
    """

    shape: Shape
    name: UntrustedText = UntrustedText("")
    language: str = ""
    type: UntrustedText | None = None
    file_role: str = ""
    parents: tuple[UntrustedText, ...] = ()
    parts: tuple[Part, ...] = ()
    part_count: int | None = None
    comments: tuple[UntrustedText, ...] = ()
    neighbours: tuple[UntrustedText, ...] = ()
    uses: tuple[UntrustedText, ...] = ()
    aliases: tuple[UntrustedText, ...] = ()
    referred_by: tuple[CrossReference, ...] = ()
    cut: bool = False
