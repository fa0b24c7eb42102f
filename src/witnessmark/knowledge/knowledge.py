"""All knowledge in one value: words, cues, rules and law, with the digest that every report carries."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from witnessmark.knowledge import load
from witnessmark.knowledge.cues import Cue, load_cues
from witnessmark.knowledge.law import Provision, load_law
from witnessmark.knowledge.lexicon import load_terms
from witnessmark.knowledge.signals import Condition, Signal, load_concept_sets, load_conditions, load_signals
from witnessmark.model.fact import Sha256
from witnessmark.model.finding import KnowledgeStamp
from witnessmark.model.match import Term

DATE = "2026-11-23"
"""When the knowledge files were last reviewed as a whole."""


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What the stages know. Two values with the same digest give the same results."""

    terms: tuple[Term, ...]
    cues: tuple[Cue, ...]
    signals: tuple[Signal, ...]
    law: tuple[Provision, ...]
    digest: Sha256
    conditions: dict[str, Condition] = field(default_factory=dict)
    concept_sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()  # digests of our own knowledge files, which are full of these words
    without: tuple[str, ...] = ()  # vendors whose own rules and names were left out

    @property
    def stamp(self) -> KnowledgeStamp:
        """Which knowledge said so, for the report."""
        return KnowledgeStamp(
            digest=self.digest,
            terms=len(self.terms),
            signals=len(self.signals),
            provisions=len(self.law),
            date=DATE,
        )


def load_knowledge(root: Path | None = None) -> Knowledge:
    """Read everything below `root` (None: the packed copy or the checkout). Raises KnowledgeError when it is wrong."""
    folder = load.root(root)
    return Knowledge(
        terms=load_terms(folder),
        cues=load_cues(folder),
        signals=load_signals(folder),
        law=load_law(folder),
        conditions=load_conditions(folder),
        concept_sets=load_concept_sets(folder),
        digest=load.digest(folder),
        own=_own(folder),
    )


def _own(folder: Path) -> frozenset[str]:
    """The SHA-256 of every knowledge file: a copy of them in a specimen says nothing about the specimen."""
    files = (path for name in load.FOLDERS for path in (folder / name).rglob("*") if path.is_file())
    return frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
