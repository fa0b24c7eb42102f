"""The order of the work and where it runs.

`scan` and `ScanOptions` are found when asked for: a worker, which needs neither, starts 0.1 s sooner.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from witnessmark.pipeline.options import ScanOptions
    from witnessmark.pipeline.scanning import scan

__all__ = ["ScanOptions", "scan"]


def __getattr__(name: str) -> Any:
    if name == "scan":
        from witnessmark.pipeline.scanning import scan

        return scan
    if name == "ScanOptions":
        from witnessmark.pipeline.options import ScanOptions

        return ScanOptions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
