"""Makers that a scanned file names inside itself, and the list entries that they resemble."""

from enum import StrEnum

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Record, UntrustedText
from witnessmark.model.screening import Candidate


class MakerMark(StrEnum):
    """What in a file names its maker."""

    SIGNATURE = "signature"  # the organisation in a code-signing certificate
    VERSION = "version"  # the company in a program's version information
    MANIFEST = "manifest"  # the vendor in a Java archive's manifest
    PACKAGE = "package"  # the maintainer, vendor or author in a package's metadata
    SUPPLIER = "supplier"  # a supplier in a bill of materials (CycloneDX, SPDX)
    FCC = "fcc"  # the grantee code of an FCC ID
    OUI = "oui"  # the first half of a MAC address


class MakerSaid(Record, frozen=True, kw_only=True):
    """One name (or, for `fcc` and `oui`, one code) of a maker, and the file inside which it stands."""

    name: UntrustedText
    mark: MakerMark
    locator: Locator


class MakerCandidate(Record, frozen=True, kw_only=True):
    """A maker named inside, with the list entries it resembles: candidates to compare, never a verdict."""

    name: UntrustedText
    mark: MakerMark
    locator: Locator
    places: int
    candidates: tuple[Candidate, ...]


class MakersInside(Record, frozen=True, kw_only=True):
    """All makers named inside, screened: how many names there were, and those that resemble a list entry."""

    as_of: str
    lists: tuple[str, ...]
    named: int
    resembling: tuple[MakerCandidate, ...] = ()
