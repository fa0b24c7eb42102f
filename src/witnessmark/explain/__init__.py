"""Turn observations into findings that say why, what the innocent reading is, and how far the evidence reaches."""

from witnessmark.explain.explaining import explain

__all__ = ["explain"]
