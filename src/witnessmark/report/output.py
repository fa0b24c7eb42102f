"""What an output is. Outputs live one a file in `report/formats/`, each a module-level `OUTPUT`."""

import importlib
import pkgutil
from typing import Protocol

from witnessmark.errors import UsageError
from witnessmark.model.finding import ScanReport
from witnessmark.report import formats


class Output(Protocol):
    """One form that a scan's answer can take."""

    NAME: str
    MEDIA_TYPE: str
    SUFFIX: str

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """The whole answer as bytes; the same report gives the same bytes."""


def outputs() -> dict[str, Output]:
    """All outputs by name, sorted."""
    found: dict[str, Output] = {}
    for module in sorted(pkgutil.iter_modules(formats.__path__), key=lambda item: item.name):
        output: Output = importlib.import_module(f"{formats.__name__}.{module.name}").OUTPUT
        found[output.NAME] = output
    return found


def render(report: ScanReport, name: str, *, include_adjacent: bool = False) -> bytes:
    """Render with the named output. Raises UsageError for a name there is none of."""
    try:
        module = importlib.import_module(f"{formats.__name__}.{name}")
    except ModuleNotFoundError as error:
        raise UsageError(f"there is no output called {name}", hint=f"Outputs: {', '.join(outputs())}") from error
    output: Output = module.OUTPUT
    return output.render(report, include_adjacent=include_adjacent)
