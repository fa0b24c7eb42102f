"""How to scan: everything that is not the input and not the knowledge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from witnessmark.model.maker import MakerSaid, MakersInside
from witnessmark.unpack.unpacker import Limits


@dataclass(frozen=True, kw_only=True)
class ScanOptions:
    """`jobs` is the number of worker processes; results do not depend on it. `cache=None`: no result cache."""

    jobs: int = 1
    passwords: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    cache: Path | None = None
    matcher_cache: Path | None = None
    scratch: Path | None = None
    makers: Callable[[Sequence[MakerSaid]], MakersInside] | None = None  # who screens the makers named inside
    timed: bool = False  # fill coverage.seconds; off, so that the same input gives the same bytes
