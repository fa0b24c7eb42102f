"""One line on standard error that says how far a long scan is; only on a terminal."""

import sys
import time
from collections.abc import Callable

from witnessmark.pipeline.task import Counts
from witnessmark.report.escape import terminal

SILENT = 2.0
WIDTH = 100


def progress(*, clock: Callable[[], float] = time.monotonic) -> Callable[[Counts, int, tuple[str, ...]], None]:
    """A watcher for `pipeline.scan`: silent for two seconds, and for ever where standard error is no terminal."""
    started = clock()

    def watch(counts: Counts, places: int, path: tuple[str, ...]) -> None:
        if clock() - started < SILENT or not sys.stderr.isatty():
            return
        where = terminal(" › ".join(path[:1] + path[-1:] if len(path) > 1 else path))
        line = f"{counts.seen} members read, {places} places found · {where}"
        sys.stderr.write(f"\r{line[:WIDTH]:{WIDTH}}\r")
        sys.stderr.flush()

    return watch


def clear() -> None:
    """Take the line away again."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{'':{WIDTH}}\r")
        sys.stderr.flush()
