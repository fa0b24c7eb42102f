"""The order of the work and where it runs."""

from witnessmark.pipeline.options import ScanOptions
from witnessmark.pipeline.scanning import scan

__all__ = ["ScanOptions", "scan"]
