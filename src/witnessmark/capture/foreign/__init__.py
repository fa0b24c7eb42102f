"""Other programs' captures: what each kind says of its origin, one kind a file."""

from witnessmark.capture.foreign.facts import Facts

__all__ = ["Facts"]
