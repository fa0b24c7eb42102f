"""Many names on several cores: the index is built once and shared by forked workers, answers keep their order."""

import gc
import multiprocessing
import signal
from collections.abc import Iterable, Iterator
from itertools import islice
from multiprocessing.pool import Pool

from witnessmark.model.screening import Screening
from witnessmark.screen.batch import Row, screen_rows
from witnessmark.screen.screener import Screener

CHUNK = 64


class _Shared:
    """What a forked worker finds in its memory."""

    screener: Screener | None = None
    today = ""
    threshold: float | None = None
    limit = 50


def _answer(rows: tuple[Row, ...]) -> tuple[Screening, ...]:
    if _Shared.screener is None:
        raise RuntimeError("a worker was started without the index")
    answers = screen_rows(_Shared.screener, rows, today=_Shared.today, threshold=_Shared.threshold, limit=_Shared.limit)
    return tuple(answers)


def _die_when_told() -> None:
    """A forked worker inherits the handlers of whoever called; one that swallows SIGTERM would never be joined."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _chunks(rows: Iterable[Row]) -> Iterator[tuple[Row, ...]]:
    source = iter(rows)
    while chunk := tuple(islice(source, CHUNK)):
        yield chunk


def screen_in_parallel(
    screener: Screener, rows: Iterable[Row], *, today: str, jobs: int, threshold: float | None = None, limit: int = 50
) -> Iterator[Screening]:
    """One answer a row, in order, with the same content whatever `jobs` is."""
    gc.freeze()  # the index never changes: the collector need not walk it again and again
    _Shared.screener, _Shared.today, _Shared.threshold, _Shared.limit = screener, today, threshold, limit
    pool = _pool(jobs)
    if pool is None:
        yield from screen_rows(screener, rows, today=today, threshold=threshold, limit=limit)
        return
    with pool:
        for answers in pool.imap(_answer, _chunks(rows)):
            yield from answers


def _pool(jobs: int) -> Pool | None:
    """Forked workers; None where one is enough or this system has no fork or no shared semaphores (a bare chroot)."""
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return None
    try:
        return multiprocessing.get_context("fork").Pool(jobs, _die_when_told)
    except OSError:
        return None
