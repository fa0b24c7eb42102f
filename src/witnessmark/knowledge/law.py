"""Provisions that may be relevant to a finding: `law/**/*.toml`."""

import tomllib
from pathlib import Path

import msgspec

from witnessmark.errors import KnowledgeError
from witnessmark.model.fact import Capability, Record, Source, Trait
from witnessmark.model.finding import LawPointer


class Provision(Record, frozen=True, kw_only=True):
    """One provision in our own words, with what it does not cover.

    It is pointed to by a finding whose capability is listed and, when `traits` is not empty, one of whose traits is.
    """

    id: str
    provision: str
    title: str
    jurisdiction: str
    addressees: str
    applies_from: str
    says: str
    not_covered: str
    caveats: str
    capabilities: tuple[Capability, ...]
    traits: tuple[Trait, ...] = ()
    source: Source
    read_on: str
    order: int = 50  # the most specific provisions come first: lower stands higher

    def concerns(self, capability: Capability, traits: tuple[Trait, ...]) -> bool:
        """Whether a finding of this capability and these traits should point here."""
        return capability in self.capabilities and (not self.traits or any(t in self.traits for t in traits))

    def pointer(self) -> LawPointer:
        """What a finding carries. The wording is "may be relevant to", never that the provision is breached."""
        caveats = " ".join(part for part in (f"Does not cover: {self.not_covered}", self.caveats) if part)
        return LawPointer(
            id=self.id,
            provision=self.provision,
            jurisdiction=self.jurisdiction,
            applies_from=self.applies_from,
            says=f"May be relevant: {self.says}",
            caveats=caveats,
            source=self.source,
        )


def load_law(folder: Path) -> tuple[Provision, ...]:
    """Every provision below `folder/law`, in order of id. Raises KnowledgeError on a malformed file."""
    law = folder / "law"
    provisions = []
    for path in sorted(law.rglob("*.toml")):
        try:
            provision = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Provision)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise KnowledgeError(f"{path}: {error}", hint="law/README.md describes the fields.") from error
        expected = path.relative_to(law).with_suffix("").as_posix()
        if provision.id != expected:
            raise KnowledgeError(f"{path}: id is {provision.id!r} but the file's place says {expected!r}")
        provisions.append(provision)
    return tuple(sorted(provisions, key=lambda item: item.id))
