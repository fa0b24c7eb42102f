"""From a match to the structure around it."""

from witnessmark.read.observing import observe, outline

__all__ = ["observe", "outline"]
