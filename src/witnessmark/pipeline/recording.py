"""Record a scan in a case: the bytes first, before anything parses them, then what was found in them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from witnessmark.case import Case
from witnessmark.errors import UsageError
from witnessmark.model.evidence import EventKind, Item
from witnessmark.model.finding import ScanReport

MAX_FILES = 10_000
MOST_ERRORS = 100  # in the journal entry itself; the recorded report has them all


def scan_into(case: Case, targets: Sequence[str], run: Callable[[], ScanReport]) -> ScanReport:
    """Keep the files under `targets`, run the scan, and record its report. Raises UsageError and CaseError.

    A file that the case has already is not kept twice. Standard input cannot be recorded: it can be read only once.
    """
    case.must_allow(EventKind.SCANNED)
    paths = list(_files(targets))
    items = tuple(_keep(case, path, name) for path, name in paths)
    report = run()
    case.record(EventKind.SCANNED, report, inputs=items, errors=report.problems[:MOST_ERRORS])
    return report


def _keep(case: Case, path: Path, name: str) -> Item:
    return case.item(case.put(path), name=name, role="original")


def _files(targets: Sequence[str]) -> Iterator[tuple[Path, str]]:
    count = 0
    for target in targets:
        if target == "-":
            raise UsageError("standard input cannot be recorded in a case", hint="Save it to a file and scan that.")
        root = Path(target)
        inside = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink()) if root.is_dir() else [root]
        for path in inside:
            count += 1
            if count > MAX_FILES:
                raise UsageError(f"more than {MAX_FILES} files", hint="Pack the folder into one archive and scan that.")
            yield path, path.name if path == root else path.relative_to(root.parent).as_posix()
