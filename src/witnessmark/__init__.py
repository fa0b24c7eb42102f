"""Witnessmark: find, explain and preserve evidence that a product sorts people by a protected trait.

The promised surface is `witnessmark.api`; everything else may change between minor versions.
"""

__version__ = "0.1.0"
