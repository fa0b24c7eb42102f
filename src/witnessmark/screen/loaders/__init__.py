"""Publishers' formats, one file each: a module with `LOADER`, found by its presence in this folder."""

import importlib
import pkgutil
from functools import lru_cache

from witnessmark.screen.loader import Loader


@lru_cache(maxsize=1)
def loaders() -> dict[str, Loader]:
    """Every loader by its NAME, sorted."""
    found: dict[str, Loader] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        loader: Loader = importlib.import_module(f"{__name__}.{module}").LOADER
        found[loader.NAME] = loader
    return dict(sorted(found.items()))
