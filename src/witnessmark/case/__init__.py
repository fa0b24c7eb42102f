"""A case on disk: content-addressed bytes and an append-only custody journal. `case/folder.py` shows how to use it."""

from witnessmark.case.folder import Case
from witnessmark.case.opening import create_case, open_case

__all__ = ["Case", "create_case", "open_case"]
