"""Read signals, lexicon, law and lists into records with one digest."""

from witnessmark.knowledge.knowledge import Knowledge, load_knowledge

__all__ = ["Knowledge", "load_knowledge"]
