"""The promised surface: one function a stage, and the case.

    from witnessmark.api import load_knowledge, scan, report
    page = report(scan(["sdk.zip"], load_knowledge()), "html")

Everything that is not named in `__all__` may change between minor versions.
"""

from collections.abc import Iterator
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.capture.page import capture_page as capture
from witnessmark.case import Case, create_case, open_case
from witnessmark.explain import explain
from witnessmark.knowledge import Knowledge, load_knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem
from witnessmark.pipeline import ScanOptions, scan
from witnessmark.pipeline.comparing_run import compare_versions as diff
from witnessmark.report.output import render as report
from witnessmark.screen.screener import Screener
from witnessmark.seal.bundle import seal
from witnessmark.seal.verify import verify_bundle as verify
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.recurse import UnpackedLeaf, walk
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Limits
from witnessmark.watch.look import look as watch

__all__ = [
    "Case",
    "Knowledge",
    "ScanOptions",
    "Screener",
    "capture",
    "create_case",
    "diff",
    "explain",
    "load_knowledge",
    "open_case",
    "report",
    "scan",
    "seal",
    "unpack",
    "verify",
    "watch",
]


def unpack(path: Path, scratch: Path | None = None, limits: Limits | None = None) -> Iterator[UnpackedLeaf | Problem]:
    """Every leaf of a file, however deep, and every gap. A leaf's bytes are good until the next one is asked for.

    This runs in the calling process, without the confinement that `scan` puts around its workers.
    """
    private = Scratch.create(scratch)
    try:
        working = Working(limits or Limits(), lambda: private)
        blob = Blob.of_path(path)
        locator = Locator(path=(UntrustedText(path.name),), top_sha256=blob.sha256())
        for item in walk(blob, locator, working):
            if isinstance(item, UnpackedLeaf | Problem):
                yield item
    finally:
        private.remove()
